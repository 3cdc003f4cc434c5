"""The customization taxonomy as rules that can be executed."""
