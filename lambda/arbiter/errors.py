"""The errors of a request, as one tree.

ArbiterError
├── InvalidRequest            400  the request breaks the contract; names every problem, up to a hundred
├── CostLimitExceeded         400  the answer could cost more than `limits.max_cost_usd`
├── KnowledgeBaseEmpty        409  a grounded mode found no passage at all
├── TooLarge                  413  the request, or the conversation made from it, is too long
├── MethodNotAllowed          405  the function URL was called with another method than POST
├── Throttled                 429  AWS asks to slow down
│   └── DailyQuota            429  the account's tokens of the day are used up
├── AccessDenied              502  the function's role lacks a permission; names action, resource and role
│   └── ModelNotOpen          502  the account has not accepted the terms of the model's provider
├── ModelError                502  the model failed
│   └── ModelNotFound         502  the model or deployment that was called does not exist
├── BadModelOutput            502  the model answered something that is no answer
├── TunedModelUnavailable     503  there is no tuned model to answer a specialised mode
├── ModelNotReady             503  the tuned model is being loaded
├── KnowledgeBaseUnavailable  503  the knowledge base failed or does not exist
├── PromptsUnavailable        503  there are no examples, or no house prompt, that the request asks for
├── ProfileUnavailable        503  there is no whole profile of the documents for `auto` to go by
├── DeadlineExceeded          504  the time of the request is over
└── Internal                  500  a defect of Arbiter itself; the log holds the traceback

The message is for who runs Arbiter; callers get it without ARNs, account ids and roles, which the log has.
"""
# ruff: noqa: N818 - the names say what is the matter, as those of httpx do

import re
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

_COLON = "(?::|%3[Aa])"  # The latter in the addresses that botocore tells.
_ARN = re.compile(rf"\barn{_COLON}aws[a-z-]*{_COLON}[\w-]*{_COLON}[\w-]*{_COLON}\w*{_COLON}\S*[\w*]")
_ACCOUNT = re.compile(r"(?<!\d)(?<!\d\.)\d{12}(?!\d)")  # Behind a decimal point stands an amount.
_TOLD = 100  # Problems of a request that are told: all of them may be more than a response of Lambda holds.


class Problem(NamedTuple):
    """One thing that is wrong with a request, and what would be right."""

    path: str
    problem: str
    allowed: str


class ArbiterError(Exception):
    """A request that could not be answered, and why in a sentence; `for_callers` is that without names of roles."""

    code: ClassVar[str]
    status: ClassVar[int]
    retryable: bool = False
    """True when the same request may succeed later."""
    problems: Sequence[Problem] = ()
    usage: Sequence[int] = ()
    """Tokens of a reply that is billed and answers nothing, as `Usage` counts them; empty where none was told."""
    paid: tuple[float | None, int] = (0.0, 0)
    """US dollars before it (`None`: a price is unknown), and calls of a model that may be billed and told nothing."""

    def __init__(self, message: str, *, retryable: bool | None = None, for_callers: str | None = None) -> None:
        super().__init__(message)
        self.for_callers = for_callers
        self.retryable = self.retryable if retryable is None else retryable

    def to_object(self, request_id: str) -> dict[str, Any]:
        """The error as the caller sees it: without ARNs, account ids and roles, but for what the caller wrote."""
        message = str(self) if self.problems else public(self.for_callers or str(self))
        return {"error": {**self.to_record(), "message": message, "request_id": request_id}}

    def to_record(self) -> dict[str, Any]:
        """The error with everything that is known of it."""
        problems = {"problems": [problem._asdict() for problem in self.problems]} if self.problems else {}
        return {"code": self.code, "message": str(self), **problems, "retryable": self.retryable}


def public(message: str) -> str:
    """A message without ARNs and account ids."""
    return _ACCOUNT.sub("(account)", _ARN.sub("(ARN in the log)", message))


class InvalidRequest(ArbiterError):
    """A request that breaks the contract."""

    code, status = "invalid_request", 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems, more = tuple(problems[:_TOLD]), len(problems) - _TOLD
        sentences = [f"{p.path}: {p.problem} (allowed: {p.allowed})" for p in self.problems]
        sentences += [f"and {more:,} more problems"] if more > 0 else []
        super().__init__("The request is not valid. " + "; ".join(sentences) + ".")


class CostLimitExceeded(ArbiterError):
    """An answer that cannot be kept within the request's cost limit."""

    code, status = "cost_limit_exceeded", 400


class KnowledgeBaseEmpty(ArbiterError):
    """A grounded mode without a single passage to stand on."""

    code, status = "knowledge_base_empty", 409


class TooLarge(ArbiterError):
    """A request or conversation that is too long."""

    code, status = "too_large", 413


class MethodNotAllowed(ArbiterError):
    """An HTTP request that is no POST."""

    code, status = "method_not_allowed", 405


class Throttled(ArbiterError):
    """More requests than AWS accepts at the moment."""

    code, status = "throttled", 429
    retryable = True


class DailyQuota(Throttled):
    """More tokens than AWS grants the account a day."""

    code = "daily_quota"
    retryable = False


class AccessDenied(ArbiterError):
    """A permission that the function's role lacks."""

    code, status = "access_denied", 502


class ModelNotOpen(AccessDenied):
    """A model whose provider's terms the account has not accepted; nothing a role's policy can mend."""

    code = "model_not_open"


class ModelError(ArbiterError):
    """A model that failed."""

    code, status = "model_error", 502


class ModelNotFound(ModelError):
    """A model or deployment that does not exist."""


class BadModelOutput(ArbiterError):
    """Model output that holds no answer."""

    code, status = "bad_model_output", 502


class TunedModelUnavailable(ArbiterError):
    """A specialised mode without a tuned model."""

    code, status = "tuned_model_unavailable", 503


class ModelNotReady(ArbiterError):
    """A tuned model that Bedrock is still loading."""

    code, status = "model_not_ready", 503
    retryable = True


class KnowledgeBaseUnavailable(ArbiterError):
    """A knowledge base that failed or does not exist."""

    code, status = "knowledge_base_unavailable", 503


class PromptsUnavailable(ArbiterError):
    """The owner's examples or house prompt, which the deployment lacks or cannot read."""

    code, status = "prompts_unavailable", 503


class ProfileUnavailable(ArbiterError):
    """A profile that is missing or damaged."""

    code, status = "profile_unavailable", 503


class DeadlineExceeded(ArbiterError):
    """A request whose time is over."""

    code, status = "deadline_exceeded", 504
    retryable = True


class Internal(ArbiterError):
    """A defect of Arbiter."""

    code, status = "internal", 500
