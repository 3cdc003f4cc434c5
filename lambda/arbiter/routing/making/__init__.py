"""Making profiles of knowledge bases from documents: after a sync, never in the router."""
