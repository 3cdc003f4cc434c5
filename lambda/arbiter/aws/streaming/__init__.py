"""Models that stream what they write, and the web application that sends it on."""
