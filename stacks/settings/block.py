"""The base of every block of settings: closed, frozen and strict about types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ModelId = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[A-Za-z0-9-]+)+(:[A-Za-z0-9]+)*$", max_length=140)]

Schedule = Annotated[
    str,
    Field(
        pattern=(
            r"^(rate\([1-9][0-9]* (minute|hour|day)s?\)"
            r"|cron\([0-9*,/-]+ [0-9*,/-]+ (\? [0-9A-Za-z*,/-]+ [0-9A-Za-z*,/#-]+|[0-9LW*,/-]+ [0-9A-Za-z*,/-]+ \?)"
            r" [0-9*,/-]+\))$"
        ),
        max_length=256,
    ),
]
"""A rate or six fields of cron, one day of which is `?` (EventBridge Scheduler guide, *Schedule types*)."""
WHEN = 'as in "rate(7 days)" or "cron(0 4 ? * MON *)", with ? for the day of month or week, or null'


class Block(BaseModel):
    """A block that knows all its settings: an unknown one is a problem, not an extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
