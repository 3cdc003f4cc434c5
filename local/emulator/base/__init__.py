"""The base of the added services: requests, identities, faults, the authorization journal."""
