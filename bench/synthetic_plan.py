"""The plan of an evaluation that never ran, as `run.json` holds it."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]


def document(run: str, arms: Sequence[str | Mapping[str, Any]], judges: Sequence[str], **fields: Any) -> Document:
    """A whole plan; an arm that is only named answers in the mode of that name."""
    return {
        "run": run,
        "arms": [{"name": arm, "mode": arm} if isinstance(arm, str) else dict(arm) for arm in arms],
        "judges": list(judges),
        "pairwise": False,
        "repeat": 1,
        "cases": 1,
        "cases_key": f"evaluations/{run}/cases.jsonl",
        "cases_digest": "d",
        "started_at": "2026-11-21T08:00:00+00:00",
        "started_by": None,
        "estimate": {},
        "prices": {},
        "prices_as_of": "2026-11-01",
        "tuned": {},
        "doubts": [],
        **fields,
    }
