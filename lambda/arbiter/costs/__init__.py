"""The cost of everything that is paid for: one engine for answers, estimates, ceilings, gates and reports."""
