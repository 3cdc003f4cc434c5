"""Where the choices of the pipelines lead, how long their states wait, and what a gate's evaluation asks."""

import re
from collections.abc import Callable

import pytest

from tests.stacks import pipelines
from tests.stacks.resolved import Deployment
from tests.stacks.test_handing_on import BOTH, of, written

LEADS: dict[str, tuple[str, ...]] = {
    "HasBatchAnswers": ("AskAnswers", "Answer"),
    "AnswerInBatchStatus": ("BatchInferenceFailed", "Answer"),
    "JudgeInBatchStatus": ("BatchInferenceFailed", "Judge"),
    "AnswersStopped": ("DailyQuotaReached", "AskJudges|Judge"),
    "VerdictsStopped": ("DailyQuotaReached", "StartNative|Summarise"),
    "NativeOpen": ("NativeWait", "Summarise"),
    "IsDone": ("Done", "Work"),
    r"(Answer|Judge)\dEnough": (r"(Answer|Judge)\dJob", r"(Answer|Judge)\dDone"),
    "generatorEnough": ("generatorJob", "Ask_verifier"),
    "verifierEnough": ("verifierJob", "Generate"),
    ".*JobStatus": (".*Replies", ".*JobWaitLonger", ".*JobWait", ".*JobFailed"),
    "IsTrained": ("Place", "ConcludeFailure"),
    "Host": ("Deploy", "UpdateDeployment", "Keep", "ConcludeFailure"),
    "IsDeployed": ("Nominate", "AwaitDeployment", "ConcludeFailure"),
    "IsInService": ("Nominate", "AwaitThroughput", "ConcludeFailure"),
    "HasGate": ("Evaluate", "Conclude", "ConcludeFailure"),
    "IsBetter": ("Publish", "Conclude", "ConcludeFailure"),
}
"""The name of a choice -> where its conditions lead, in their order, and where it leads if none holds."""
ENDS = (
    *("Summarise", "Calibrate", "NotCalibrated", "Conclude", "Collect"),
    *("Done", "QuotaReached", "GeneratePairs"),
    r"(Answer|Judge)\d(Done|Failed)",
)
"""The names of states at which a run, a child of a map or a branch ends without an error."""
NEXT: dict[str, str] = {
    "Plan": "HasBatchAnswers|Answer|Ask_generator|Generate",
    "StartNative|FollowNative": "NativeOpen",
    "Summarise": "Calibrate",
    "Work|LastAttempt": "IsDone",
    "Prepare": "Claim",
    "Claim": "FindModel",
    "FindModel": "IsTrained",
    "Train": "DescribeTraining",
    "DescribeTraining": "Place",
    "Place": "Host",
    "Deploy|UpdateDeployment": "AwaitDeployment",
    "Host": "AwaitThroughput",
    "DescribeDeployment": "IsDeployed",
    "DescribeThroughput": "IsInService",
    "Nominate": "HasGate",
    "Evaluate": "Gate",
    "Gate": "IsBetter",
    "Publish": "Conclude",
    "ConcludeFailure": "Failed",
    r"\w+Merge": r"\w+Enough",
    r"\w+Job": r"\w+JobWait",
    r"\w+JobDescribe": r"\w+JobStatus",
    r"\w+JobStop": r"\w+JobFailed",
    r"\w+Replies": r"Ask_verifier|Generate|(Answer|Judge)\dDone",
}
"""The name of a task -> that of the state after it."""
WAITS = {"NativeWait": 120, ".*JobWait": 30, ".*JobWaitLonger": 600, "AwaitDeployment": 30, "AwaitThroughput": 30}
"""The name of a state that waits -> seconds."""

LONGEST_CALL = 900 + 30
"""Seconds: a function's own at most, and some for its start."""
LONGEST_RESOURCE = 3600
"""Seconds that CloudFormation waits for a custom resource, at most and where nothing is said (its guide)."""
UNSAID_MILLISECONDS = 29_000
"""Milliseconds that API Gateway waits where nothing is said (its guide, quotas)."""


@BOTH
def test_every_choice_leads_where_its_conditions_say(synthesise: Callable[[str], Deployment], environment: str) -> None:
    for graph in pipelines.graphs(synthesise(environment)):
        for name, state in graph.states.items():
            if state["Type"] == "Choice":
                led = [*(choice["Next"] for choice in state["Choices"]), state["Default"]]
                led = list(map(pipelines.without_map, led))
                own = pipelines.without_map(name)
                (expected,) = (ends for pattern, ends in LEADS.items() if re.fullmatch(pattern, own))
                assert len(led) == len(expected), f"{graph.name}.{name}"
                assert all(map(re.fullmatch, expected, led)), f"{graph.name}.{name}: {led}"


@BOTH
def test_a_task_leads_on_and_a_run_ends_well_where_its_work_is_done(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """A state that cleans up after a failure ends as a failure."""
    for graph in pipelines.graphs(synthesise(environment)):
        for whole, state in graph.states.items():
            name = pipelines.without_map(whole)
            if state.get("End") or state["Type"] == "Succeed":
                assert any(re.fullmatch(pattern, name) for pattern in ENDS), f"{graph.name}.{name}"
            elif state["Type"] == "Task":
                (then,) = (then for pattern, then in NEXT.items() if re.fullmatch(pattern, name))
                assert re.fullmatch(then, pipelines.without_map(state["Next"])), f"{graph.name}.{name}"


@BOTH
def test_what_is_waited_for_is_not_looked_at_all_the_time(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    states = [named for graph in pipelines.graphs(synthesise(environment)) for named in graph.states.items()]
    waits = {name: state["Seconds"] for name, state in states if state["Type"] == "Wait"}
    assert waits == {name: of(name, WAITS) for name in waits}


@BOTH
def test_a_gates_evaluation_asks_what_the_run_has_placed(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    machine = synthesise(environment).one("AWS::StepFunctions::StateMachine", "FineTuning")
    asked = pipelines.definition(machine)["States"]["Evaluate"]["Arguments"]["Input"]
    told = {name: value for name, value in asked.items() if isinstance(value, str)}
    assert told == written(
        {
            "run": "$job.run & '-gate'",
            "cases_key": "$job.gate.cases_key",
            "arms": "$place.arms",
            "accept_unknown_cost": "$job.accept_unknown_cost",
            "started_by": "$states.context.Execution.Id",
        }
    )


@BOTH
def test_a_function_is_waited_for_as_long_as_it_may_take_and_little_longer(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    functions = {
        one.attribute("Arn"): one.properties["Timeout"] for one in deployment.resources("AWS::Lambda::Function")
    }
    for graph, name, state in pipelines.tasks(deployment):
        if "FunctionName" in state["Arguments"]:
            seconds = functions[state["Arguments"]["FunctionName"]]
            assert seconds <= state["TimeoutSeconds"] <= LONGEST_CALL, f"{graph.name}.{name}"


@pytest.mark.parametrize("environment", ["everything", "managed", "dev"])
def test_whoever_waits_for_a_function_outside_the_pipelines_waits_as_long_as_it_may_take(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """Who gives up before tries again or fails, while the function still works."""
    deployment = synthesise(environment)
    functions = {one.attribute("Arn"): one for one in deployment.resources("AWS::Lambda::Function")}
    waited = {arn: one.properties["Timeout"] for arn, one in functions.items()}
    for emptied in deployment.resources("Custom::EmptiedBucket"):
        seconds = int(emptied.properties["ServiceTimeout"])
        assert waited[emptied.properties["ServiceToken"]] < seconds <= LONGEST_RESOURCE, emptied.name
    for method in deployment.resources("AWS::ApiGateway::Method"):
        (called,) = (arn for arn in functions if arn in method.properties["Integration"]["Uri"])
        milliseconds = method.properties["Integration"].get("TimeoutInMillis", UNSAID_MILLISECONDS)
        assert milliseconds == waited[called] * 1000, method.name
    by_name = {one.ref: one for one in functions.values()}
    queues = {one.attribute("Arn"): one for one in deployment.resources("AWS::SQS::Queue")}
    for mapping in deployment.resources("AWS::Lambda::EventSourceMapping"):
        seconds = by_name[mapping.properties["FunctionName"]].properties["Timeout"]
        shown = queues[mapping.properties["EventSourceArn"]].properties["VisibilityTimeout"]
        # Lambda guide, *services-sqs-configure*: six times the function's time, and the window beside it.
        assert shown >= 6 * seconds + mapping.properties["MaximumBatchingWindowInSeconds"], mapping.name
