"""The parts of a request that have rules of their own."""
