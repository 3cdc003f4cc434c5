"""One call of AWS: its time, its failures, and the text of its response."""
