"""The emulator, and the Bedrock pieces it lacks."""
