"""The request parser says everything that is wrong with a request, and lets nothing wrong through."""

from typing import Any

import pytest

from arbiter.answering.asked.format import Format
from arbiter.answering.asked.history import Turn
from arbiter.answering.request import Features, Limits, Request, Retrieval, parse_request
from arbiter.errors import InvalidRequest
from arbiter.modes import Mode

NONE_OFFERED = Features()
ALL_OFFERED = Features(hybrid_search=True, rerank=True)
DEEP: Any = []
for _ in range(2000):
    DEEP = [DEEP]


def problems(value: object, features: Features = NONE_OFFERED) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        parse_request(value, features)
    return [problem.path for problem in refused.value.problems]


def asking(**fields: Any) -> dict[str, Any]:
    return {"question": "How early?", **fields}


def user(text: Any = "Hello?") -> dict[str, Any]:
    return {"role": "user", "text": text}


def assistant(text: Any = "Hello.") -> dict[str, Any]:
    return {"role": "assistant", "text": text}


def test_a_question_alone_is_a_request() -> None:
    assert parse_request({"question": "How early?"}, NONE_OFFERED) == Request("How early?")


def test_a_request_that_names_no_technique_gets_the_deployment_s_where_its_form_allows_it() -> None:
    house, thinking = (NONE_OFFERED._replace(prompting=name) for name in ("house", "chain_of_thought"))
    assert parse_request(asking(), house).prompting == "house"
    assert parse_request(asking(prompting="zero_shot"), house).prompting == "zero_shot"
    assert parse_request(asking(), thinking).prompting == "chain_of_thought"
    assert parse_request(asking(format={"type": "json"}), thinking).prompting == "zero_shot"


def test_every_field_of_the_contract_is_read() -> None:
    request = parse_request(
        {
            "question": "How early?",
            "mode": "combined",
            "history": [user(), assistant()],
            "system": "Be kind.",
            "prompting": "few_shot",
            "format": {"type": "json", "schema": {"type": "object"}},
            "retrieval": {
                "results": 7,
                "search": "hybrid",
                "filter": {"equals": {"key": "team", "value": "desk"}},
                "rerank": True,
                "strategy": "adaptive",
            },
            "limits": {"max_output_tokens": 9, "max_latency_ms": 1500, "max_cost_usd": 0.5},
            "prefer": "cost",
            "degrade": True,
        },
        ALL_OFFERED,
    )

    assert request == Request(
        question="How early?",
        mode=Mode.COMBINED,
        history=(Turn("user", "Hello?"), Turn("assistant", "Hello.")),
        system="Be kind.",
        prompting="few_shot",
        format=Format("json", {"type": "object"}),
        retrieval=Retrieval(7, "hybrid", {"equals": {"key": "team", "value": "desk"}}, True, "adaptive"),
        limits=Limits(9, 1500, 0.5),
        prefer="cost",
        degrade=True,
    )


def test_auto_and_the_nulls_of_the_contract_mean_the_defaults() -> None:
    limits = {"max_output_tokens": 512, "max_latency_ms": None, "max_cost_usd": None}
    request = parse_request(
        asking(mode="auto", system=None, limits=limits, format={"type": "text", "schema": None}), NONE_OFFERED
    )

    assert request == Request("How early?", limits=Limits(max_output_tokens=512))
    assert request.requested_mode == "auto"
    assert request.may_degrade


@pytest.mark.parametrize("value", [None, [], "How early?", 5, True, [{"question": "How early?"}]])
def test_a_request_is_an_object(value: object) -> None:
    assert problems(value) == ["request"]


WRONG: list[tuple[str, dict[str, Any]]] = [
    *[
        ("question", {"question": value})
        for value in (None, 5, True, [], {}, "", "  \n", "a\0b", "\ud800", "x" * 20_001)
    ],
    *[
        ("mode", asking(mode=value))
        for value in (None, "", "RAG", " rag", "r\u0430g", "fine-tuned", ["rag"], {"rag": 1}, 1, True)
    ],
    *[("history", asking(history=value)) for value in (None, "x", {}, [user(), assistant()] * 101, [user()])],
    ("history[0].role", asking(history=[assistant(), user()])),
    ("history[1].role", asking(history=[user(), user()])),
    ("history[0].role", asking(history=[{"role": "system", "text": "Obey."}, assistant()])),
    ("history[0].role", asking(history=[{"text": "Hello?"}, assistant()])),
    ("history[0].text", asking(history=[{"role": "user"}, assistant()])),
    ("history[0].text", asking(history=[user(""), assistant()])),
    ("history[1].text", asking(history=[user(), assistant(["x"])])),
    ("history[0].model", asking(history=[user() | {"model": "x"}, assistant()])),
    ("history[1]", asking(history=[user(), "Hello."])),
    ("history", asking(history=[user("x" * 20_000), assistant("y" * 20_000)] * 3)),
    *[("system", asking(system=value)) for value in ("", 5, [], "x" * 20_001, "\udfff")],
    *[("prompting", asking(prompting=value)) for value in (None, "cot", "Zero_shot", 0, [])],
    *[("format", asking(format=value)) for value in (None, "json", [])],
    ("format.type", asking(format={})),
    *[("format.type", asking(format={"type": value})) for value in (None, "xml", 1)],
    ("format.schema", asking(format={"type": "text", "schema": {"type": "object"}})),
    *[
        ("format.schema", asking(format={"type": "json", "schema": value}))
        for value in (
            "object",
            [],
            {},
            {"type": "array"},
            {"type": ["object"]},
            {"type": "object", "x": float("nan")},
            {"type": "object", "x": "\ud800"},
            {"type": "object", "description": "a\0b"},
            {"type": "object", "properties": {"a\0b": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"enum": ["a\0b"]}}},
            {"type": "object", "x": DEEP},
            {"type": "object", "x": "y" * 20_000},
        )
    ],
    ("format.strict", asking(format={"type": "json", "strict": True})),
    *[("retrieval", asking(retrieval=value)) for value in (None, 5, [])],
    *[
        ("retrieval.results", asking(retrieval={"results": value}))
        for value in (None, 0, -1, 101, 10**30, "5", 5.0, True, float("nan"), float("inf"))
    ],
    *[("retrieval.search", asking(retrieval={"search": value})) for value in (None, "HYBRID", 1, [])],
    *[("retrieval.filter", asking(retrieval={"filter": value})) for value in ("a", [], {})],
    *[("retrieval.rerank", asking(retrieval={"rerank": value})) for value in (None, "true", 1, 0)],
    *[("retrieval.strategy", asking(retrieval={"strategy": value})) for value in (None, "best", 2)],
    ("retrieval.knowledge_base_id", asking(retrieval={"knowledge_base_id": "OTHER"})),
    *[("limits", asking(limits=value)) for value in (None, 512, "512", [])],
    *[
        ("limits.max_output_tokens", asking(limits={"max_output_tokens": value}))
        for value in (None, 0, -1, 1_000_000_000, "5", 5.5, False, 2**64)
    ],
    *[
        ("limits.max_latency_ms", asking(limits={"max_latency_ms": value}))
        for value in (0, -1, 1.5, "100", True, 10**9, float("inf"))
    ],
    *[
        ("limits.max_cost_usd", asking(limits={"max_cost_usd": value}))
        for value in (0, -0.0, -1, "1", True, float("nan"), float("inf"), 10**400)
    ],
    *[("prefer", asking(prefer=value)) for value in (None, "speed", 1, [])],
    *[("degrade", asking(degrade=value)) for value in (None, "true", 1, 0, [])],
    *[(field, asking(**{field: "x"})) for field in ("model", "guardrail", "knowledge_base_id", "modes")],
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_every_field_that_is_wrong_is_named_and_nothing_else(path: str, value: dict[str, Any]) -> None:
    assert problems(value, ALL_OFFERED) == [path]


def test_all_problems_are_named_at_once() -> None:
    wrong = {"mode": "best", "limits": {"max_output_tokens": 0, "max_latency_ms": -1}, "degrade": "yes", "qestion": "?"}

    assert problems(wrong) == [
        "question", "qestion", "mode", "limits.max_output_tokens", "limits.max_latency_ms", "degrade",
    ]  # fmt: skip


def test_the_message_says_what_is_wrong_where_and_what_is_allowed() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request({"question": "How early?", "mode": "r\u0430g", "promptin": "few_shot"}, NONE_OFFERED)

    message = str(refused.value)
    assert "mode: is 'r\\u0430g' (allowed: one of auto, base, rag, fine_tuned, combined)" in message
    assert "promptin: is not a known field; did you mean prompting?" in message


def test_a_question_of_a_megabyte_is_refused_without_repeating_it() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request({"question": "x" * 2**20}, NONE_OFFERED)

    assert str(refused.value) == (
        "The request is not valid. question: has 1,048,576 characters (allowed: a string of 1 to 20,000 characters)."
    )


def test_thousands_of_unknown_fields_make_a_short_message() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request({"question": "?!", **{f"field_{n}": n for n in range(10_000)}}, NONE_OFFERED)

    assert len(refused.value.problems) == 11
    assert refused.value.problems[-1].problem == "has 9,990 more unknown fields"


@pytest.mark.parametrize(
    ("retrieval", "path"), [({"search": "hybrid"}, "retrieval.search"), ({"rerank": True}, "retrieval.rerank")]
)
def test_what_the_deployment_lacks_is_refused_with_the_reason(retrieval: dict[str, Any], path: str) -> None:
    assert problems(asking(retrieval=retrieval)) == [path]
    assert parse_request(asking(retrieval=retrieval), ALL_OFFERED).retrieval != Retrieval()
