"""The decision and its record: recommendation, reasons, money, what would change it, and the way there."""
