"""States with fields that AWS knows not, or that hold what it does not take, are refused; none ends in an exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.step_functions.definitions import problems
from tests.unit.local.step_functions.test_definitions import END, TASK, refused

FIELD = st.sampled_from(
    ("Type", "Next", "Choices", "Retry", "Catch", "Arguments", "Branches", "ItemProcessor", "ItemReader")
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(("A", "Map", "Choice", "arn:aws:states:::aws-sdk:sfn", "")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELD, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({**END, "Catch": [{"ErrorEquals": ["E"], "Next": "A"}]}, "Field 'Catch' is not supported at /States/A"),
        ({**END, "TimeoutSeconds": 5}, "Field 'TimeoutSeconds' is not supported at /States/A"),
        ({"Type": "Pass"}, "There should only be one of the following fields: [Next, End] at /States/A"),
        ({**END, "Type": "Pause"}, "Value is not one of: [Task, Pass, Choice"),
        ({**TASK, "Retry": [{"ErrorEquals": []}]}, "'ErrorEquals' must be an array of at least one error"),
        ({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempt": 1}]}, "Field 'MaxAttempt' is not supported"),
        (
            {**TASK, "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]},
            "'BackoffRate' must be a number of at least 1",
        ),
        ({**TASK, "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]}, "one of: [FULL, NONE]"),
        ({**TASK, "TimeoutSeconds": 0}, "'TimeoutSeconds' must be a number from 1 to"),
        (
            {**TASK, "TimeoutSeconds": 9, "HeartbeatSeconds": 9},
            "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'",
        ),
        ({"Type": "Map", "Label": "x" * 41, "End": True}, "The field 'Label' must be a text of 1 to 40"),
        ({**END, "Resourse": "x"}, "Field 'Resourse' is not supported at /States/A"),
        ({**END, "End": "true"}, "The field 'End' must be a boolean"),
        (
            {"Type": "Choice", "Choices": [{"Condition": True}]},
            "The field 'Next' must be a text at /States/A/Choices[0]",
        ),
        ({"Type": "Wait", "Seconds": 1, "Timestamp": "2026-11-28T00:00:00Z", "End": True}, "[Seconds, SecondsPath"),
        ({"Type": "Map", "End": True}, "only be one of the following fields: [ItemProcessor, Iterator]"),
        ({"Type": "Parallel", "End": True}, "The field 'Branches' is required"),
        ({**END, "Assign": {"states": 1}}, "'states' is the name of a reserved variable at /States/A/Assign"),
        ({**END, "Output": {"a": ["{% $x"]}}, "must begin with '{%' and end with '%}' at /States/A/Output/a[0]"),
        (
            {
                "Type": "Map",
                "End": True,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "FAST"}, "StartAt": "B", "States": {"B": END}},
            },
            "The field 'Mode' must be one of: [INLINE, DISTRIBUTED]",
        ),
        ({**TASK, "Retry": [{"ErrorEquals": ["States.ALL", "E"]}]}, "'States.ALL' must appear alone"),
    ],
)
def test_a_malformed_state_is_refused(state: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in refused({"A": state}))


@given(st.dictionaries(FIELD, JSON, max_size=4), st.sampled_from((TASK, END, {"Type": "Choice"}, {"Type": "Map"})))
def test_no_shape_of_a_state_ends_in_an_exception(fields: dict[str, Any], kind: dict[str, Any]) -> None:
    refused({"A": {**kind, **fields}})
    problems(json.dumps(fields))
