"""What a guardrail did is told by policy and name, without a word of the text, and billed by its units."""

import json

import pytest

from arbiter.guarding.assessment import Assessed, Intervention, of_trace

SECRET = "ptarmigan"
METRICS = {"usage": {"topicPolicyUnits": 2, "contentPolicyUnits": 1, "wordPolicyUnits": 9, "piiUnits": "x"}}
TRACE = {
    "guardrail": {
        "inputAssessment": {
            "g": {
                "topicPolicy": {"topics": [{"name": "investments", "type": "DENY", "action": "BLOCKED"}]},
                "wordPolicy": {"customWords": [{"match": SECRET, "action": "BLOCKED"}], "managedWordLists": []},
                "invocationMetrics": METRICS,
            }
        },
        "outputAssessments": {
            "g": [
                {
                    "sensitiveInformationPolicy": {
                        "piiEntities": [{"match": SECRET, "type": "EMAIL", "action": "ANONYMIZED"}] * 2,
                        "regexes": [{"match": SECRET, "name": "badge", "action": "BLOCKED"}],
                    },
                    "contextualGroundingPolicy": {
                        "filters": [
                            {"type": "GROUNDING", "threshold": 0.7, "score": 0.1, "action": "BLOCKED"},
                            {"type": "RELEVANCE", "threshold": 0.5, "score": 0.9, "action": "NONE"},
                        ]
                    },
                    "invocationMetrics": {"usage": {"contextualGroundingPolicyUnits": 3}},
                }
            ]
        },
    }
}


def test_each_reason_is_told_once_by_stage_policy_and_name_and_never_by_its_text() -> None:
    assessed = of_trace(TRACE)
    assert set(assessed.interventions) == {
        Intervention("input", "topic", "investments", "blocked"),
        Intervention("input", "word", None, "blocked"),
        Intervention("output", "sensitive_information", "EMAIL", "masked"),
        Intervention("output", "sensitive_information", "badge", "blocked"),
        Intervention("output", "grounding", "GROUNDING", "blocked"),
    }
    assert len(assessed.interventions) == 5
    assert SECRET not in json.dumps(assessed)


def test_units_are_billed_and_words_are_free() -> None:
    assessed = of_trace(TRACE)
    assert assessed.units == {"topics_per_1k": 2, "content_per_1k": 1, "grounding_per_1k": 3}
    prices = {"topics_per_1k": 0.15, "content_per_1k": 0.15, "grounding_per_1k": 0.1}
    assert assessed.cost(prices) == pytest.approx((2 * 0.15 + 1 * 0.15 + 3 * 0.1) / 1_000)
    assert assessed.cost({**prices, "grounding_per_1k": None}) is None
    assert Assessed().cost({}) == 0


@pytest.mark.parametrize(
    "trace", [{}, None, {"guardrail": []}, {"guardrail": {"inputAssessment": {"g": [1]}}}], ids=str
)
def test_a_trace_that_is_odd_holds_nothing(trace: object) -> None:
    assert of_trace(trace) == Assessed()  # type: ignore[arg-type]
