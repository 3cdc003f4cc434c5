"""The cost of each technique by volume: bills, break-even volumes, and what they hang on."""
