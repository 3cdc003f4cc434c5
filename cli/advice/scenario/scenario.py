"""The answers of one person as the rules read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cli.advice.rules.words import OF_KNOWLEDGE

ASKED_NOT = frozenset(("given", "measured", "too_dear", "too_slow"))
"""Fields that are no question of the questionnaire."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One case; each field that was not answered holds its default."""

    industry: str = "other"
    use_cases: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ("facts",)
    """In order, what matters most first."""
    expertise: str = "moderate"
    compute: str = "moderate"
    deadline_weeks: float = 12
    requests_a_month: float = 10_000
    knowledge_changes: str = "yearly"
    examples: float = 0
    corpus: str = "small"
    work: tuple[str, ...] = ()
    prompting: str = "not_tried"
    data_may_train: bool = True
    cite_sources: bool = False
    no_model_meets_it: bool = False
    region: str = "us-east-1"
    input_tokens: float = 300
    output_tokens: float = 150
    latency_limit_ms: float = 0
    cost_limit_usd: float = 0
    least_quality: float = 0
    given: frozenset[str] = frozenset()
    """The questions that were answered."""
    measured: Mapping[str, str] = field(default_factory=dict)
    """The questions that a file or folder answered, each with what was measured, in words."""
    too_dear: frozenset[str] = frozenset()
    """The approaches above the limit of cost, at this volume."""
    too_slow: frozenset[str] = frozenset()

    @property
    def knowledge_matters(self) -> bool:
        """Whether it is about knowledge, and not about form or steps alone: by what matters, or by its use."""
        asked = not {"facts", "domain"}.isdisjoint(self.requirements)
        return self.cite_sources or asked or not OF_KNOWLEDGE.isdisjoint(self.use_cases)

    def answers(self) -> dict[str, Any]:
        """Every answer by its question, defaults included, as YAML and JSON hold them."""
        return {name: _plain(getattr(self, name)) for name in NAMES}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


NAMES = tuple(one.name for one in fields(Scenario) if one.name not in ASKED_NOT)
DEFAULTS = Scenario()
