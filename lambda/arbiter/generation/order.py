"""The order of a generation run: how many pairs, for what, and what they may cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from arbiter.generation.prompts import KINDS
from arbiter.runs import NAME_RULE, is_name

PURPOSES = ("training", "evaluation")
TARGETS = ("fine_tuned", "combined")
MOST_PAIRS = 20_000
"""The most samples that a Bedrock customization job takes."""
RUNS = "generation/"


class GenerationRejected(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A run that cannot be generated as it is asked for; the message names every problem."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One run as somebody asked for it."""

    run: str
    purpose: str
    pairs: int
    target: str = "fine_tuned"
    kinds: tuple[str, ...] = tuple(KINDS)
    max_tokens: int | None = None
    """`None`: what the deployment allows; more than that is refused."""
    accept_unknown_cost: bool = False
    """Whether the run may go on where a price, and so the ceiling of money, is not known."""

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "Order":
        """Read the input of the pipeline.

        Raises:
            GenerationRejected: naming every problem.
        """
        order = cls(
            run=str(event.get("run")),
            purpose=str(event.get("purpose")),
            pairs=_integer(event.get("pairs")),
            target=str(event.get("target") or "fine_tuned"),
            kinds=tuple(map(str, event.get("kinds") or KINDS)),
            max_tokens=None if event.get("max_tokens") is None else _integer(event["max_tokens"]),
            accept_unknown_cost=event.get("accept_unknown_cost") is True,
        )
        if problems := order.problems():
            raise GenerationRejected("; ".join(problems))
        return order

    def problems(self) -> list[str]:
        """Everything that is wrong with it."""
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        checks = (
            (is_name(self.run), f"run {self.run!r}: {NAME_RULE}"),
            (self.purpose in PURPOSES, f"purpose {self.purpose!r}: use {' or '.join(PURPOSES)}"),
            (self.target in TARGETS, f"target {self.target!r}: use {' or '.join(TARGETS)}"),
            (
                self.target == "fine_tuned" or self.purpose == "training",
                "target combined: evaluation cases are questions alone; leave the target out",
            ),
            (1 <= self.pairs <= MOST_PAIRS, f"pairs {self.pairs}: use 1 to {MOST_PAIRS:,}"),
            (not unknown, f"kinds {', '.join(unknown)}: use {', '.join(KINDS)}"),
            (self.max_tokens is None or self.max_tokens > 0, f"max_tokens {self.max_tokens}: use a number above 0"),
        )
        return [problem for good, problem in checks if not good]

    def dump(self) -> dict[str, Any]:
        return self.wanted() | ({"accept_unknown_cost": True} if self.accept_unknown_cost else {})

    def wanted(self) -> dict[str, Any]:
        """The part that makes it the same order as another: everything but the acceptance of a risk."""
        return {k: v for k, v in asdict(self).items() if k != "accept_unknown_cost"} | {"kinds": list(self.kinds)}


def run_prefix(run: str) -> str:
    return f"{RUNS}{run}/"


def plan_key(run: str) -> str:
    """One line a document: what the map goes over."""
    return f"{RUNS}{run}/plan.jsonl"


def estimate_key(run: str) -> str:
    return f"{RUNS}{run}/estimate.json"


def drafts_prefix(run: str) -> str:
    """Below it lies what was made of each document."""
    return f"{RUNS}{run}/documents/"


def drafts_key(run: str, document_id: str) -> str:
    return f"{drafts_prefix(run)}{document_id}.json"


def pairs_key(run: str) -> str:
    return f"{RUNS}{run}/pairs.jsonl"


def sources_key(run: str) -> str:
    """Where every pair comes from and why it was kept."""
    return f"{RUNS}{run}/sources.jsonl"


def report_key(run: str) -> str:
    return f"{RUNS}{run}/report.json"


def _integer(value: Any) -> int:
    """A whole number; 0, which nothing may be, for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
