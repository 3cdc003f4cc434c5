"""Models: who is told of a model by its settings may call it, and calls no other."""

import json
import re
from collections.abc import Callable

import pytest

from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment

ID = re.compile(r"\b(?:[a-z]{2,6}\.)?(?:amazon|anthropic|cohere|meta)\.[\w.:-]+")
TO_TUNE = re.compile(r":\d+k$")
"""The end of an id by which a model is tuned, and not called."""
PRICED = {"ARBITER_PRICES", "ARBITER_USD_PER_UNIT_HOUR"}
"""Variables that name models which others call."""
REFERRED = {"Edge.FrontFunction"}
"""Functions that know the models of those to which they leave the asking."""
ENVIRONMENTS = pytest.mark.parametrize("environment", ["everything", "hosted", "managed", "elsewhere", "dev"])


def called(deployment: Deployment, role: str) -> set[str]:
    """The ids of the models and profiles that a role may call; not those behind its profiles."""
    granted = [p for p in permissions(deployment) if (p.role, p.action) == (role, "bedrock:InvokeModel")]
    kinds = ("foundation-model", "inference-profile")
    behind = [p for p in granted if "bedrock:InferenceProfileArn" in p.condition]
    return {p.resource.partition("/")[2] for p in granted if p.resource.split(":")[5].startswith(kinds)} - {
        p.resource.partition("/")[2] for p in behind
    }


def told(variables: dict[str, str]) -> set[str]:
    """The ids of the models that variables name to be called."""
    named = {model for name, value in variables.items() if name not in PRICED for model in ID.findall(value)}
    return {model for model in named if not TO_TUNE.search(model)}


@ENVIRONMENTS
def test_a_function_may_call_the_models_that_it_is_told_of_and_no_others(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    functions = {one.name: one for one in deployment.resources("AWS::Lambda::Function")}
    variables = {name: one.properties.get("Environment", {}).get("Variables", {}) for name, one in functions.items()}
    compared = json.loads(variables["Evaluation.EnginePlanFunction"]["ARBITER_MODELS"])
    by_event = {
        "Evaluation.EngineAnswerFunction": set(compared["answering"]),
        "Evaluation.EngineJudgeFunction": set(compared["judges"]),
    }
    asking = 0
    for name in functions.keys() - REFERRED:
        expected = told(variables[name]) | by_event.get(name, set())
        role = functions[name].properties["Role"].strip("<>").removesuffix(".Arn")
        assert called(deployment, role) == expected, name
        asking += bool(expected)
    assert asking >= 7


@ENVIRONMENTS
def test_a_model_behind_a_profile_may_be_called_wherever_the_profile_may(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    profiles, behind = set(), set()
    for p in permissions(synthesise(environment)):
        if p.action.startswith("bedrock:Invoke") and ":inference-profile/" in p.resource:
            profiles.add((p.role, p.action, p.resource, p.resource.partition("/")[2].partition(".")[2]))
        if found := re.match(r"bedrock:InferenceProfileArn StringEquals (\S+)", p.condition):
            behind.add((p.role, p.action, found[1], p.resource.partition("/")[2]))
    assert profiles
    assert behind == profiles
