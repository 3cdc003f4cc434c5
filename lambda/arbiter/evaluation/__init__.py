"""Evaluation runs: cases, answers, verdicts, statistics."""
