"""The router's request: what may be asked for, and the parser that says everything that is wrong with it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from arbiter.answering.filters import read_filter
from arbiter.errors import InvalidRequest, Problem
from arbiter.fields import amount, choice, flag, list_of, object_of, optional, shown, text, whole
from arbiter.modes import AUTO, Mode

LONGEST_QUESTION = 20_000
"""Characters; the text that Bedrock's Retrieve takes."""
LONGEST_HISTORY = 100_000
"""Characters of all earlier turns together: about 25,000 of Nova Micro's 128,000 tokens."""
MOST_TURNS = 40
LARGEST_SCHEMA = 20_000
"""Bytes of the answer's JSON schema, which is paid for as input in every request."""
DEEPEST_SCHEMA = 30
"""Levels of it; Python's encoders give up at a depth that differs by version."""

Prompting = Literal["zero_shot", "few_shot", "chain_of_thought"]
Strategy = Literal["basic", "multi_step", "adaptive"]
Search = Literal["semantic", "hybrid"]
Preference = Literal["quality", "latency", "cost"]


class Turn(NamedTuple):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


class Format(NamedTuple):
    """The form of the answer."""

    type: Literal["text", "json"] = "text"
    schema: Mapping[str, Any] | None = None


class Retrieval(NamedTuple):
    """The options of a retrieval."""

    results: int | None = None
    """`None`: what the deployment is set to."""
    search: Search | None = None
    """`None`: what the vector store does by itself."""
    filter: Mapping[str, Any] | None = None
    rerank: bool = False
    strategy: Strategy = "basic"
    rewrite: bool = False
    """Whether the base model rewrites a question asked in a conversation before it is searched for."""


class Limits(NamedTuple):
    """The most that an answer may take."""

    max_output_tokens: int | None = None
    max_latency_ms: int | None = None
    max_cost_usd: float | None = None


class Features(NamedTuple):
    """The features of a deployment that not every deployment has."""

    hybrid_search: bool = False
    rerank: bool = False


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


def parse_request(value: object, features: Features) -> Request:
    """Read a request.

    Raises:
        InvalidRequest: naming every problem at once.
    """
    problems: list[Problem] = []
    fields: dict[str, Any] = _read_request(value, "", problems)
    if isinstance(value, dict) and "retrieval" in value:
        _check_features(value["retrieval"], features, problems)
    if problems:
        raise InvalidRequest(problems)
    return Request(**fields)


def _check_features(retrieval: Any, features: Features, problems: list[Problem]) -> None:
    """Refuse what the contract knows and this deployment lacks, together with all other problems."""
    if not isinstance(retrieval, dict):
        return
    if retrieval.get("search") == "hybrid" and not features.hybrid_search:
        lacking = "is hybrid, which the vector store of this deployment cannot do (S3 Vectors searches by meaning only)"
        problems.append(Problem("retrieval.search", lacking, "semantic"))
    if retrieval.get("rerank") is True and not features.rerank:
        lacking = "is true, and this deployment has no reranking model"
        problems.append(Problem("retrieval.rerank", lacking, "false, or a deployment with a rerank model set"))


def _read_mode(value: Any, path: str, problems: list[Problem]) -> Any:
    word = _read_mode_word(value, path, problems)
    return None if word == AUTO else word


def _read_history(value: Any, path: str, problems: list[Problem]) -> Any:
    before = len(problems)
    turns = _read_turns(value, path, problems)
    if len(problems) > before:
        return ()
    history = tuple(Turn(**turn) for turn in turns)
    for index, turn in enumerate(history):
        expected = "assistant" if index % 2 else "user"
        if turn.role != expected:
            allowed = "turns that alternate, the first by the user"
            problems.append(Problem(f"{path}[{index}].role", f"is {turn.role} where {expected} is due", allowed))
            return ()
    if history and history[-1].role != "assistant":
        problems.append(Problem(path, "ends with the user", "a last turn by the assistant: the question follows it"))
    if (length := sum(len(turn.text) for turn in history)) > LONGEST_HISTORY:
        problems.append(Problem(path, f"has {length:,} characters", f"at most {LONGEST_HISTORY:,} in all turns"))
    return history


def _read_format(value: Any, path: str, problems: list[Problem]) -> Any:
    fields = _read_format_fields(value, path, problems)
    if fields.get("schema") is not None and fields.get("type") != "json":
        problems.append(Problem(f"{path}.schema", "is given for an answer in text", 'a schema with "type": "json"'))
    return Format(**fields)


def _read_schema(value: Any, path: str, problems: list[Problem]) -> Any:
    allowed = f'a JSON schema with "type": "object", at most {LARGEST_SCHEMA:,} bytes and {DEEPEST_SCHEMA} levels'
    if not isinstance(value, dict) or value.get("type") != "object":
        is_ = f"has the type {shown(value.get('type'))}" if isinstance(value, dict) else f"is {shown(value)}"
        problems.append(Problem(path, is_, allowed))
    elif (flaw := _schema_flaw(value)) is not None:
        problems.append(Problem(path, flaw, allowed))
    return value


def _schema_flaw(schema: dict[str, Any]) -> str | None:
    level: list[Any] = [schema]
    for _ in range(DEEPEST_SCHEMA):
        level = [child for node in level for child in _children(node)]
    if level:
        return "is nested too deeply"
    try:
        length = len(json.dumps(schema, allow_nan=False, ensure_ascii=False).encode())
    except ValueError:  # NaN, an infinity, a lone surrogate, or a number too long for Python to write.
        return "holds a number or a character that JSON cannot carry"
    return f"has {length:,} bytes" if length > LARGEST_SCHEMA else None


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


_read_mode_word = choice((AUTO, *Mode))
_read_turns = list_of(
    object_of(
        {"role": choice(("user", "assistant")), "text": text(longest=LONGEST_QUESTION)}, required=("role", "text")
    ),
    most=MOST_TURNS,
)
_read_format_fields = object_of(
    {"type": choice(("text", "json")), "schema": optional(_read_schema)}, required=("type",)
)
_read_retrieval_fields = object_of(
    {
        "results": whole(1, 100),
        "search": choice(("semantic", "hybrid")),
        "filter": optional(read_filter),
        "rerank": flag,
        "strategy": choice(("basic", "multi_step", "adaptive")),
        "rewrite": flag,
    }
)
_read_limit_fields = object_of(
    {
        "max_output_tokens": whole(1, 64_000),
        "max_latency_ms": optional(whole(1, 900_000)),
        "max_cost_usd": optional(amount(1_000)),
    }
)
_read_request = object_of(
    {
        "question": text(longest=LONGEST_QUESTION),
        "mode": _read_mode,
        "history": _read_history,
        "system": optional(text(longest=LONGEST_QUESTION)),
        "prompting": choice(("zero_shot", "few_shot", "chain_of_thought")),
        "format": _read_format,
        "retrieval": lambda value, path, problems: Retrieval(**_read_retrieval_fields(value, path, problems)),
        "limits": lambda value, path, problems: Limits(**_read_limit_fields(value, path, problems)),
        "prefer": choice(("quality", "latency", "cost")),
        "degrade": flag,
    },
    required=("question",),
)
