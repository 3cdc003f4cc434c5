"""Models that are heard while they write, and the web application that sends it on."""
