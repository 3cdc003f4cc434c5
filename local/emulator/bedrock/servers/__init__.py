"""Replies of servers of real language models, in whatever form they come."""
