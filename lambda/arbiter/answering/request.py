"""The router's request: what may be asked for, and the parser that says everything that is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, cast, get_args

from arbiter.answering.asked.filters import read_filter, text_operators
from arbiter.answering.asked.format import Format, read_format
from arbiter.answering.asked.history import Turn, read_history
from arbiter.errors import InvalidRequest, Problem
from arbiter.fields import amount, choice, flag, integer, object_of, optional, shown, text
from arbiter.modes import AUTO, Mode
from arbiter.settings.answering import RouterSettings

LONGEST_QUESTION = 20_000
"""Characters; the text that Bedrock's Retrieve takes."""

Prompting = Literal["zero_shot", "few_shot", "chain_of_thought", "house"]
Strategy = Literal["basic", "multi_step", "adaptive"]
Search = Literal["semantic", "hybrid"]
Preference = Literal["quality", "latency", "cost"]


class Retrieval(NamedTuple):
    """The options of a retrieval."""

    results: int | None = None
    """`None`: what the deployment is set to."""
    search: Search | None = None
    """`None`: what the deployment is set to, or what the vector store does by itself."""
    filter: Mapping[str, Any] | None = None
    rerank: bool = False
    strategy: Strategy = "basic"
    rewrite: bool = False
    """Whether the base model rewrites a question asked in a conversation before it is searched for."""
    minimum_score: float | None = None
    """Passages that score below are dropped; `None`: what the deployment is set to."""
    sentences: bool = False
    """Whether each citation names the sentences of the answer that share its words."""


class Limits(NamedTuple):
    """The most that an answer may take."""

    max_output_tokens: int | None = None
    max_latency_ms: int | None = None
    max_cost_usd: float | None = None


class Features(NamedTuple):
    """The features of a deployment that not every deployment has."""

    hybrid_search: bool = False
    rerank: bool = False
    semantic_search: bool = True
    """Whether the store can be searched by meaning alone."""
    examples: bool = True
    """Whether the owner has examples. A request without them may still be answered otherwise, an evaluation not."""
    house: bool = True
    """Whether the owner has a house prompt."""
    prompting: Prompting = "zero_shot"
    """The technique of requests that name none."""
    text_filters: bool = False
    """Whether a filter may compare parts of texts."""


def features_of(settings: RouterSettings) -> Features:
    """The features of the deployment with these settings."""
    usual = cast("Prompting", settings.prompting)
    rerank, semantic = settings.rerank_model is not None, not settings.managed_search
    # Of a store that others made Bedrock alone knows what it can do.
    theirs = settings.hybrid_search and semantic and settings.vector_index is None
    return Features(settings.hybrid_search, rerank, semantic_search=semantic, prompting=usual, text_filters=theirs)


class Request(NamedTuple):
    """A question, and how it is to be answered."""

    question: str
    mode: Mode | None = None
    """`None`: the router decides."""
    history: tuple[Turn, ...] = ()
    system: str | None = None
    prompting: Prompting = "zero_shot"
    format: Format = Format()
    retrieval: Retrieval = Retrieval()
    limits: Limits = Limits()
    prefer: Preference = "quality"
    degrade: bool = False

    @property
    def requested_mode(self) -> str:
        """The mode in the caller's words."""
        return self.mode or AUTO

    @property
    def may_degrade(self) -> bool:
        """True when less than was asked for is better than an error."""
        return self.degrade or self.mode is None


def parse_request(value: object, features: Features, named: Callable[[str], str] = str) -> Request:
    """Read a request.

    Args:
        named: the path of a problem in the words of who wrote the request.

    Raises:
        InvalidRequest: naming every problem at once.
    """
    problems: list[Problem] = []
    fields: dict[str, Any] = _read_request(value, "", problems)
    if isinstance(value, dict) and "retrieval" in value:
        check_features(value["retrieval"], "retrieval", features, problems)
    request = Request(**{"prompting": _usual(fields, features), **fields}) if not problems else None
    if request and request.prompting == "chain_of_thought" and request.format.type == "json":
        lacking = "is chain_of_thought, and an answer in JSON leaves no room for reasoning before it"
        problems.append(Problem("prompting", lacking, "zero_shot, few_shot or house, or an answer in text"))
    if request is None or problems:
        raise InvalidRequest([problem._replace(path=named(problem.path)) for problem in problems])
    return request


def _usual(fields: Mapping[str, Any], features: Features) -> Prompting:
    """The technique of a request that names none: the deployment's, where the form of the answer allows it."""
    in_json = fields.get("format", Format()).type == "json"
    return "zero_shot" if in_json and features.prompting == "chain_of_thought" else features.prompting


def check_features(retrieval: Any, path: str, features: Features, problems: list[Problem]) -> None:
    """Refuse what the contract knows and this deployment lacks, together with all other problems."""
    if not isinstance(retrieval, dict):
        return
    if retrieval.get("search") == "hybrid" and not features.hybrid_search:
        lacking = "is hybrid, and the vector store of this deployment is not searched by words"
        problems.append(Problem(f"{path}.search", lacking, "semantic, or a deployment with knowledge_base.language"))
    if retrieval.get("search") == "semantic" and not features.semantic_search:
        lacking = "is semantic, and a managed knowledge base always searches by meaning and by words"
        problems.append(Problem(f"{path}.search", lacking, "hybrid, or leave it out"))
    if not features.text_filters and (unable := text_operators(retrieval.get("filter"))):
        lacking = f"has the operator {shown(min(unable))}, which S3 Vectors and managed knowledge bases cannot apply"
        problems.append(Problem(f"{path}.filter", lacking, "another, or a knowledge base over OpenSearch Serverless"))
    if retrieval.get("rerank") is True and not features.rerank:
        lacking = "is true, and this deployment has no reranking model"
        problems.append(Problem(f"{path}.rerank", lacking, "false, or a deployment with a rerank model set"))


def _read_mode(value: Any, path: str, problems: list[Problem]) -> Any:
    word = _read_mode_word(value, path, problems)
    return None if word == AUTO else word


def _read_score(value: Any, path: str, problems: list[Problem]) -> Any:
    if type(value) in (int, float) and 0 <= value <= 1:
        return float(value)
    problems.append(Problem(path, f"is {shown(value)}", "a number from 0 to 1"))
    return None


_read_mode_word = choice((AUTO, *Mode))
read_retrieval = object_of(
    {
        "results": integer(1, 100),
        "search": choice(("semantic", "hybrid")),
        "filter": optional(read_filter),
        "rerank": flag,
        "strategy": choice(("basic", "multi_step", "adaptive")),
        "rewrite": flag,
        "minimum_score": _read_score,
        "sentences": flag,
    }
)
read_limits = object_of(
    {
        "max_output_tokens": integer(1, 64_000),
        "max_latency_ms": optional(integer(1, 900_000)),
        "max_cost_usd": optional(amount(1_000)),
    }
)
_read_request = object_of(
    {
        "question": text(longest=LONGEST_QUESTION),
        "mode": _read_mode,
        "history": read_history,
        "system": optional(text(longest=LONGEST_QUESTION)),
        "prompting": choice(get_args(Prompting)),
        "format": read_format,
        "retrieval": lambda value, path, problems: Retrieval(**read_retrieval(value, path, problems)),
        "limits": lambda value, path, problems: Limits(**read_limits(value, path, problems)),
        "prefer": choice(("quality", "latency", "cost")),
        "degrade": flag,
    },
    required=("question",),
)
