"""The definition of an evaluation run: arms, cases, order and plan."""
