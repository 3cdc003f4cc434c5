"""`arbiter destroy`: everything of one environment found and deleted, and what is left told with its price."""
