"""`arbiter mcp`."""
