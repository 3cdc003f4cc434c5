"""Definitions that AWS refuses are refused with its words, and those that it takes are taken."""

import json
from typing import Any

import pytest

from local.emulator.step_functions.definitions import problems

END: dict[str, Any] = {"Type": "Pass", "End": True}
TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:bedrockruntime:converse",
    "Arguments": {"ModelId": "m", "Messages": [{"Role": "user", "Content": [{"Text": "{% $states.input %}"}]}]},
    "End": True,
}


def refused(states: dict[str, Any], language: str = "JSONata", start: str = "A") -> list[str]:
    return problems(json.dumps({"QueryLanguage": language, "StartAt": start, "States": states}))


def test_a_definition_with_every_kind_of_transition_is_taken() -> None:
    states = {
        "A": {**TASK, "End": False, "Next": "B", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "F"}]},
        "B": {"Type": "Choice", "Choices": [{"Condition": "{% $x > 1 %}", "Next": "C"}], "Default": "D"},
        "C": {"Type": "Map", "ItemProcessor": {"StartAt": "One", "States": {"One": END}}, "Next": "D"},
        "D": {"Type": "Parallel", "Branches": [{"StartAt": "Two", "States": {"Two": TASK}}], "Next": "E"},
        "E": {"Type": "Wait", "Seconds": 1, "Next": "G"},
        "F": {"Type": "Fail"},
        "G": {"Type": "Succeed"},
    }

    assert refused(states) == []


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"A": {"Type": "Pass", "Next": "Z"}, "B": END}, "Missing 'Next' target: Z at /States/A/Next"),
        ({"B": END}, "Missing 'Next' target: A at /StartAt"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Z"}], "Default": "B"}, "B": END},
            "Missing 'Next' target: Z at /States/A/Choices[0]/Next",
        ),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "B"}], "Default": "Z"}, "B": END},
            "Missing 'Next' target: Z at /States/A/Default",
        ),
        (
            {"A": {**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "Z"}]}},
            "Missing 'Next' target: Z at /States/A/Catch[0]/Next",
        ),
        ({"A": END, "B": END}, 'State "B" is not reachable. at /States/B'),
        (
            {"A": {"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {"X": END, "Y": END}}, "End": True}},
            'State "Y" is not reachable. at /States/A/ItemProcessor/States/Y',
        ),
    ],
)
def test_a_transition_to_nowhere_and_an_unreachable_state_are_refused(states: dict[str, Any], expected: str) -> None:
    assert f"MISSING_TRANSITION_TARGET: {expected}" in refused(states)


def test_a_name_of_two_states_is_refused_wherever_they_stand() -> None:
    inside = {"StartAt": "One", "States": {"One": END}}
    states = {
        "A": {"Type": "Map", "ItemProcessor": inside, "Next": "B"},
        "B": {"Type": "Parallel", "Branches": [inside], "End": True},
    }

    assert refused(states) == ["DUPLICATE_STATE_NAME: Duplicate State name: One"]


def test_a_workflow_without_an_end_is_refused() -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}

    assert refused(states) == ["MISSING_END_STATE: Workflow has no terminal state at null"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("InputPath", "$.a"),
        ("OutputPath", "$.a"),
        ("Parameters", {}),
        ("ResultPath", "$.a"),
        ("ResultSelector", {}),
    ],
)
def test_jsonpath_fields_are_refused_under_jsonata(field: str, value: Any) -> None:
    text = f"The QueryLanguage is set to 'JSONata', but field '{field}' is only supported for the 'JSONPath'"
    state = {**{key: TASK[key] for key in TASK if key != "Arguments"}, field: value}

    assert refused({"A": state}) == [f"SCHEMA_VALIDATION_FAILED: {text} QueryLanguage at /States/A/{field}"]
    assert refused({"A": state}, "JSONPath") == []


def test_a_choice_of_the_other_language_is_refused() -> None:
    variable = {"Variable": "$.a", "IsPresent": True, "Next": "B"}
    condition = {"Condition": "{% true %}", "Next": "B"}

    in_jsonata = refused({"A": {"Type": "Choice", "Choices": [variable]}, "B": END})
    in_jsonpath = refused({"A": {"Type": "Choice", "Choices": [condition]}, "B": END}, "JSONPath")

    assert in_jsonata[0].endswith("'JSONPath' QueryLanguage at /States/A/Choices[0]/Variable")
    assert in_jsonata[1].endswith("at /States/A/Choices[0]/Condition")
    assert in_jsonpath[0].endswith("'JSONata' QueryLanguage at /States/A/Choices[0]/Condition")


def test_a_state_may_use_jsonata_in_a_jsonpath_machine_and_not_the_reverse() -> None:
    assert refused({"A": {**TASK, "QueryLanguage": "JSONata"}}, "JSONPath") == []
    assert len(refused({"A": {**END, "QueryLanguage": "JSONPath"}})) == 1


@pytest.mark.parametrize("condition", ["yes", 1, None, "$x > 1"])
def test_a_literal_condition_must_be_a_boolean(condition: Any) -> None:
    states = {"A": {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "B"}], "Default": "B"}, "B": END}

    assert "Choices[0]/Condition" in refused(states)[0]


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::aws-sdk:bedrockrunetime:converse",
        "arn:aws:states:::aws-sdk:bedrockruntime:converze",
        "arn:aws:states:::aws-sdk:bedrockruntime:Converse",
        "arn:aws:states:::aws-sdk:logs:createLogStream",
        "arn:aws:states:::aws-sdk:bedrock:createModelCustomizationJob.sync",
        "arn:aws:states:::bedrock:deleteEverything",
        "arn:aws:states:::bedrock:createModelCustomizationJob.sync:2",
        "arn:aws:states:::lambda:invoke.sync",
        "arn:aws:states:::aws-sdk:bedrockruntime",
        "arn:aws:states:::sms:send",
        "bedrockruntime:converse",
        "",
    ],
)
def test_an_unknown_resource_is_refused(resource: str) -> None:
    states = {"A": {"Type": "Task", "Resource": resource, "End": True}}

    (problem,) = refused(states)
    assert problem.startswith(f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized.")
    assert problem.endswith("at /States/A/Resource")


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::aws-sdk:cloudwatchlogs:createLogStream",
        "arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken",
        "arn:aws:states:::bedrock:createModelCustomizationJob.sync",
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn:aws:states:us-east-1:000000000000:activity:a",
    ],
)
def test_a_known_resource_is_taken(resource: str) -> None:
    assert refused({"A": {"Type": "Task", "Resource": resource, "End": True}}) == []


@pytest.mark.parametrize(
    ("arguments", "field", "path"),
    [
        ({"modelId": "m"}, "modelId", "Arguments"),
        ({"ModelId": "m", "Model": "m"}, "Model", "Arguments"),
        ({"ModelID": "m"}, "ModelID", "Arguments"),
        ({"Modelid": "m"}, "Modelid", "Arguments"),
        ({"ModelId": "m", "Messages": [{"role": "user"}]}, "role", "Arguments/Messages[0]"),
        ({"InferenceConfig": {"maxTokens": 5}}, "maxTokens", "Arguments/InferenceConfig"),
        ({"ModelId.$": "$.model"}, "ModelId.$", "Arguments"),
    ],
)
def test_parameters_are_in_pascal_case_and_known(arguments: Any, field: str, path: str) -> None:
    text = f'SCHEMA_VALIDATION_FAILED: The field "{field}" is not supported by Step Functions at /States/A/{path}'

    assert refused({"A": {**TASK, "Arguments": arguments}}) == [text]


def test_parameters_with_paths_and_free_documents_are_taken() -> None:
    schema = {"Json": {"type": "object", "properties": {}}}
    tool = {"Tools": [{"ToolSpec": {"Name": "t", "InputSchema": schema}}]}
    jsonpath = {"ModelId.$": "$.model", "ToolConfig": tool, "AdditionalModelRequestFields": {"top_k": 5}}
    state = {key: value for key, value in TASK.items() if key != "Arguments"}

    assert refused({"A": {**state, "Parameters": jsonpath}}, "JSONPath") == []


def test_text_that_is_no_definition_is_refused() -> None:
    assert [problems(text)[0].split(":")[0] for text in ("", "{", "[]")] == ["INVALID_JSON_DESCRIPTION"] * 3
