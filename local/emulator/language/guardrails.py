"""A simple stand-in for Bedrock's guardrails, which says nothing about how well those judge.

Words, expressions and the kinds of personal data that have a form are found as AWS finds them. A denied topic is found
by the similarity of a text to its examples and definition, an attack by three phrases, grounding and relevance by words
in common. The other content filters are not looked for: no list of words stands in for them honestly.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply
from local.emulator.base.identity import require_caller
from local.emulator.base.internals import inside
from local.emulator.embedding import remembered
from local.emulator.language.prompt import text_of

Record = dict[str, Any]

_DIMENSIONS = 512
SAME_TOPIC = 0.6
"""Similarity of two texts from which they are about the same."""
_ATTACK = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier) instruct", re.I
)
_TAG = re.compile(r"\s*</?question>\s*")
_WORD = re.compile(r"\w{4,}")
UNIT = 1_000


def named(configuration: Mapping[str, Any] | None) -> str | None:
    """The condition key of a call: ARN and version of the guardrail that it names; a draft has no version there."""
    if not configuration:
        return None
    version = str(configuration.get("guardrailVersion", "DRAFT"))
    arn = str(configuration.get("guardrailIdentifier", ""))
    return arn if version == "DRAFT" else f"{arn}:{version}"


def screened(request: Request, body: Record) -> "Screen | None":
    """The guardrail of a call of Converse, after its caller was found to be allowed to apply it.

    Raises:
        ServiceError: there is no such guardrail or version, or it may not be applied.
    """
    configuration = body.get("guardrailConfig")
    if not configuration:
        return None
    if not {"guardrailIdentifier", "guardrailVersion"} <= configuration.keys():
        raise ServiceError("ValidationException", "guardrailIdentifier and guardrailVersion must be specified together")
    arn, version = str(configuration["guardrailIdentifier"]), str(configuration["guardrailVersion"])
    require_caller(request, "bedrock:ApplyGuardrail", arn)
    return Screen(_record(arn, version), traced=configuration.get("trace") in ("enabled", "enabled_full"))


def apply(request: Request, identifier: str, version: str) -> Reply:
    """ApplyGuardrail."""
    source = str(request.body.get("source"))
    texts = [str(block["text"]["text"]) for block in request.body.get("content", ()) if "text" in block]
    assessment, changed, intervened = _assessed(_record(identifier, version), source, texts)
    outputs = [{"text": changed}] if intervened else []
    action = "GUARDRAIL_INTERVENED" if intervened else "NONE"
    usage = assessment["invocationMetrics"]["usage"]
    return reply({"action": action, "outputs": outputs, "assessments": [assessment], "usage": usage})


def delete_version(request: Request, identifier: str) -> Reply | None:
    """Delete one version of a guardrail; where none is named, the emulator beneath deletes the guardrail."""
    version = request.query.get("guardrailVersion")
    if not version:
        return None
    number = version[0] if isinstance(version, list) else version
    versions = inside("services.bedrock", "_guardrail_versions")
    versions.pop(f"{_record(identifier, number)['GuardrailId']}/{number}", None)
    return reply({}, 202)


class Screen:
    """One call under a guardrail."""

    def __init__(self, record: Record, *, traced: bool) -> None:
        self._record, self._traced = record, traced
        self._trace: Record = {}

    def stopped(self, body: Record) -> Record | None:
        """Converse's response where the guardrail stops the question; else `None`."""
        assessment, changed, intervened = _assessed(self._record, "INPUT", _marked(body, "guard_content"))
        self._trace["inputAssessment"] = {self._record["GuardrailId"]: assessment}
        if not intervened:
            return None
        usage = dict.fromkeys(("inputTokens", "outputTokens", "totalTokens"), 0)
        return self._with_trace({**_saying(changed), "stopReason": "guardrail_intervened", "usage": usage})

    def screen(self, body: Record, replied: Record) -> Record:
        """Converse's response after the guardrail looked at the answer; at arguments of a tool it does not look."""
        answer = text_of(replied["output"]["message"]["content"])
        kinds = ("grounding_source", "query")
        grounds = ("\n".join(_marked(body, kind, otherwise=False)) for kind in kinds)
        assessment, changed, intervened = _assessed(self._record, "OUTPUT", [answer], *grounds)
        self._trace["outputAssessments"] = {self._record["GuardrailId"]: [assessment]}
        if intervened:
            replied = {**replied, **_saying(changed), "stopReason": "guardrail_intervened"}
        return self._with_trace(replied)

    def _with_trace(self, replied: Record) -> Record:
        return {**replied, "trace": {"guardrail": self._trace}} if self._traced else replied


def _record(identifier: str, version: str) -> Record:
    guardrail: Record | None = inside("services.bedrock_runtime", "_resolve_guardrail")(identifier, version)
    if guardrail is None:
        raise ServiceError("ResourceNotFoundException", f"The guardrail {identifier} has no version {version}.", 404)
    return guardrail


def _assessed(
    record: Record, source: str, texts: list[str], grounds: str = "", query: str = ""
) -> tuple[Record, str, bool]:
    """The assessment of texts, the text that is given in their place, and whether it is another one."""
    text = "\n".join(texts)
    formal = inside("services.bedrock_runtime", "_evaluate_guardrail")(record, source, text)
    matches = {
        "topicPolicy": {"topics": list(_topics(record, texts))},
        "contentPolicy": {"filters": list(_attacks(record, source, text))},
        "contextualGroundingPolicy": {"filters": list(_grounding(record, text, grounds, query))},
    }
    assessment = {**formal["assessment"], **{name: part for name, part in matches.items() if any(part.values())}}
    blocked = formal["blocked"] or any(
        one["action"] == "BLOCKED" for part in matches.values() for several in part.values() for one in several
    )
    grounded = len(grounds) + len(query) + len(text) if grounds else 0
    assessment["invocationMetrics"] = {"usage": _units(record, len(text), grounded)}
    message = "BlockedInputMessaging" if source == "INPUT" else "BlockedOutputsMessaging"
    changed = str(record[message]) if blocked else str(formal["masked_text"])
    return assessment, changed, blocked or formal["anonymized"]


def _topics(record: Record, texts: list[str]) -> Iterable[Record]:
    for topic in (record.get("TopicPolicy") or {}).get("topicsConfig", ()):
        described = [topic["definition"], *topic.get("examples", ())]
        asked = [_TAG.sub("", text) for text in texts]
        vectors = remembered.embed([*described, *asked], _DIMENSIONS)
        known, given = vectors[: len(described)], vectors[len(described) :]
        if any(sum(a * b for a, b in zip(x, y, strict=True)) >= SAME_TOPIC for x in known for y in given):
            yield {"name": topic["name"], "type": "DENY", "action": "BLOCKED", "detected": True}


def _attacks(record: Record, source: str, text: str) -> Iterable[Record]:
    kinds = {one["type"] for one in (record.get("ContentPolicy") or {}).get("filtersConfig", ())}
    if source == "INPUT" and "PROMPT_ATTACK" in kinds and _ATTACK.search(text):
        yield {"type": "PROMPT_ATTACK", "confidence": "HIGH", "action": "BLOCKED", "detected": True}


def _grounding(record: Record, answer: str, grounds: str, query: str) -> Iterable[Record]:
    if not grounds:
        return
    words = set(_WORD.findall(answer.lower()))
    for one in (record.get("ContextualGroundingPolicy") or {}).get("filtersConfig", ()):
        against = grounds if one["type"] == "GROUNDING" else query + grounds
        score = len(words & set(_WORD.findall(against.lower()))) / len(words) if words else 1.0
        action = "BLOCKED" if score < one["threshold"] else "NONE"
        yield {**one, "score": round(score, 2), "action": action, "detected": action == "BLOCKED"}


def _units(record: Record, characters: int, grounded: int) -> Record:
    units = -(-characters // UNIT)
    asked = {
        "topicPolicyUnits": record.get("TopicPolicy"),
        "contentPolicyUnits": record.get("ContentPolicy"),
        "wordPolicyUnits": record.get("WordPolicy"),
        "sensitiveInformationPolicyUnits": record.get("SensitiveInformationPolicy"),
    }
    counted = {name: units if policy else 0 for name, policy in asked.items()}
    grounding = -(-grounded // UNIT) if record.get("ContextualGroundingPolicy") else 0
    return {**counted, "sensitiveInformationPolicyFreeUnits": 0, "contextualGroundingPolicyUnits": grounding}


def _marked(body: Record, qualifier: str, *, otherwise: bool = True) -> list[str]:
    """The texts of a request that bear a mark; where nothing is marked at all, the whole conversation."""
    blocks = [*body.get("system", ()), *(block for turn in body["messages"] for block in turn["content"])]
    marked = [block["guardContent"]["text"] for block in blocks if "guardContent" in block]
    if not marked and otherwise:
        return [text_of([block]) for turn in body["messages"] for block in turn["content"]]
    return [one["text"] for one in marked if qualifier in one.get("qualifiers", ("guard_content",))]


def _saying(text: str) -> Record:
    return {"output": {"message": {"role": "assistant", "content": [{"text": text}]}}}
