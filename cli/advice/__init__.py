"""`arbiter advise`: which technique, by rules, evidence and money."""
