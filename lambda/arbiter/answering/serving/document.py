"""The router's response as a document: the contract that the CLI, the console and agents read."""

from typing import NotRequired, TypedDict


class Tokens(TypedDict):
    """Tokens that were read and written, as `Usage` counts them."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_write_tokens: int


class Milliseconds(TypedDict):
    """Latencies by step, and their sum."""

    route: float
    retrieve: float
    generate: float
    total: float


class Choice(TypedDict):
    """One of the two questions of `auto`: its score, from which it is a yes, and why."""

    value: bool
    score: float
    threshold: float
    because: str


class Decision(TypedDict):
    """The choice of `auto`, and the modes that the limits of the request ruled out, each with the reason."""

    grounded: Choice
    specialised: Choice
    policy: str
    ruled_out: NotRequired[dict[str, str]]


class SharedSentence(TypedDict):
    """A sentence of the answer, and the part of its words (0 to 1) that stand in the passage."""

    text: str
    shared_words: float


class Citation(TypedDict):
    """A passage that the answer was given, with its document and its place there as far as they are known."""

    text: str
    uri: str
    score: float | None
    document: str
    page: int | None
    section: str | None
    sentences: NotRequired[list[SharedSentence]]


class Rewritten(TypedDict):
    """The question that was searched for in place of the one asked, and what a model took to write it."""

    question: str
    usage: Tokens
    cost_usd: float | None


class Step(TypedDict):
    """A step of a search in several steps; what does not apply to it is left out."""

    step: str
    questions: list[str]
    milliseconds: float
    cost_usd: float | None
    usage: NotRequired[Tokens]
    passages: NotRequired[int]
    sufficient: NotRequired[bool]
    failed: NotRequired[str]


class Prompting(TypedDict):
    """The tokens that a technique of prompting took: for examples of a version, or for reasoning."""

    technique: str
    version: NotRequired[str | None]
    examples: NotRequired[int]
    example_tokens: NotRequired[int]
    reasoning_tokens: NotRequired[int]


class Intervention(TypedDict):
    """One thing that a guardrail stopped or masked."""

    stage: str
    policy: str
    name: str | None
    action: str


class Response(TypedDict):
    """An answer as the caller sees it; US dollars are `None` where a price is unknown."""

    answer: str
    mode: str
    requested_mode: str
    decision: Decision | None
    citations: list[Citation]
    model: str
    usage: Tokens
    latency_ms: Milliseconds
    cost_usd: float | None
    degraded: list[str]
    stop_reason: str
    request_id: str
    rewritten: NotRequired[Rewritten]
    guardrail: NotRequired[list[Intervention]]
    unsettled: NotRequired[int]
    trace: NotRequired[list[Step]]
    prompting: NotRequired[Prompting]
