"""Rights against code: a function may call what its code calls, in the folders that its code names, and no more."""

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.stacks.permissions import Permission, permissions
from tests.stacks.reached import Reach
from tests.stacks.resolved import Deployment
from tests.stacks.test_connections import module_of

ENVIRONMENTS = ("everything", "hosted", "managed", "dev")
ALSO = {
    "bedrock:TagResource": "bedrock:CreateEvaluationJob",  # with tags
    "iam:PassRole": "bedrock:CreateEvaluationJob",  # with a role
    "s3:DeleteObjectVersion": "s3:DeleteObject",  # of versions
    "s3:ListBucket": "s3:GetObject",  # to who may not list, what is missing reads as forbidden
    "s3vectors:GetVectors": "s3vectors:QueryVectors",  # with the metadata of what is found
    **dict.fromkeys(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), "sqs:SendMessage"),  # Lambda
}
"""An action that no operation is named after -> the one that takes it as well; not all who read need to list."""
NOT_SET = {"bedrock:ApplyGuardrail"}
"""Of a part that none of these environments has."""
UNASKED = {
    "edge": "bedrock:* dynamodb:* lambda:* s3:GetObject s3:ListBucket s3vectors:* ssm:*",  # The stream answers there.
    "stream": "dynamodb:Query s3:PutObject",
    "plan_evaluation": "ssm:*",
    "publish": "s3:GetObject ssm:ListTagsForResource",
    "conclude_training": "ssm:PutParameter",
    "expire_hosting": "bedrock:Delete* bedrock:Get* ssm:*",
    "retire_model": "bedrock:DeleteImportedModel bedrock:GetImportedModel s3:DeleteObject s3:PutObject ssm:*",
    "generate_pairs": "bedrock:Rerank s3vectors:QueryVectors",
    "plan_generation": "bedrock:Rerank s3vectors:QueryVectors",
    "check_documents": "s3:PutObject",
    "make_profile": "bedrock:Rerank",
}
"""Of a handler: what is reached by a name that others have, or on a way that it does not go."""
FOLDERS = (
    *("evaluations/", "generation/", "training/", "datasets/", "customization/"),
    *("routing/", "promotions/", "feedback/"),
)
PASSED_BY = {
    "Edge.FrontFunction": {"routing/"},
    "Edge.StreamingStreamFunction": {"feedback/"},
    "Evaluation.PublishFunction": {"evaluations/"},
    "FineTuning.PrepareFunction": {"customization/"},
}
"""The same of folders, by function."""
GIVEN = {"batch_records": {"evaluations/", "generation/"}, "conclude_training": {"customization/"}}
"""Folders that a function is told by a variable, or by the job that wrote there."""
KINDS = {
    "Bedrock::KnowledgeBase": "bedrock knowledge-base",
    "DynamoDB::Table": "dynamodb table",
    "IAM::Role": "iam role",
    "KMS::Key": "kms key",
    "Lambda::Alias": "lambda function",
    "Lambda::Function": "lambda function",
    "Logs::LogGroup": "logs log-group",
    "S3::Bucket": "s3",
    "S3Vectors::VectorBucket": "s3vectors bucket",
    "SQS::Queue": "sqs ",
    "StepFunctions::StateMachine": "states stateMachine",
}
"""Type of a resource -> the beginning of its ARN."""
CUSTOM = ("bedrock", "custom-model")
"""Named beside its deployment by policies in use (docs/assumptions.md), not by the reference."""
OBJECTS = ("s3:GetObject", "s3:PutObject")
OBSERVING = ("logs:", "xray:", "kms:")
"""What has tests of its own."""


@pytest.fixture(scope="module")
def granted(synthesise: Callable[[str], Deployment]) -> dict[tuple[str, str], set[Permission]]:
    """Function and module of its handler -> all that it may do in any of the environments."""
    rights: dict[tuple[str, str], set[Permission]] = defaultdict(set)
    for deployment in map(synthesise, ENVIRONMENTS):
        by_role = defaultdict(set)
        for permission in permissions(deployment):
            by_role[permission.role].add(permission)
        for function in deployment.resources("AWS::Lambda::Function"):
            own = by_role[function.properties["Role"].strip("<>").removesuffix(".Arn")]
            module = module_of(function).removesuffix(".sh")
            rights[function.name, module] |= {p for p in own if not p.action.startswith(OBSERVING)}
    return rights


@cache
def reach(module: str) -> Reach:
    return Reach(f"arbiter.handlers.{module}")


def test_a_function_may_do_nothing_that_its_code_does_not_ask_for(
    granted: dict[tuple[str, str], set[Permission]],
) -> None:
    assert len(granted) >= 28
    for (name, module), own in granted.items():
        reached = reach(module).actions
        beyond = {p.action for p in own} - reached
        assert {action for action in beyond if ALSO.get(action) not in reached} == set(), name


def test_a_function_may_do_all_that_its_code_asks_for(granted: dict[tuple[str, str], set[Permission]]) -> None:
    for (name, module), own in granted.items():
        unasked = re.compile("|".join(UNASKED.get(module, "-").replace("*", ".*").split()))
        asked = {action for action in reach(module).actions - NOT_SET if not unasked.fullmatch(action)}
        asked |= {action for action, by in ALSO.items() if by in asked and action != "s3:ListBucket"}
        assert asked - {p.action for p in own} == set(), name


def test_a_function_is_let_into_the_folders_that_its_code_names(
    granted: dict[tuple[str, str], set[Permission]],
) -> None:
    """Reading, writing and listing are one here: what each is for stands in the other tests."""
    for (name, module), own in granted.items():
        named = {folder for folder in FOLDERS if any(text.startswith(folder) for text in reach(module).texts)}
        let_in = {folder for folder in FOLDERS if any(within(p).startswith(folder) for p in own)}
        assert let_in - named == GIVEN.get(module, set()) & let_in, name
        assert named - let_in <= PASSED_BY.get(name, set()), name


def within(permission: Permission) -> str:
    """The part of a bucket that is meant: `evaluations/*`."""
    if not permission.action.startswith("s3:"):
        return ""
    return permission.resource.partition(">/")[2] or permission.condition.rpartition(" ")[2]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_who_lists_lists_what_it_reads_or_writes(synthesise: Callable[[str], Deployment], environment: str) -> None:
    """Of a whole bucket the documents alone are listed."""
    granted = permissions(synthesise(environment))
    for listing in (p for p in granted if p.action == "s3:ListBucket" and "Documents" not in p.resource):
        used = {within(p).partition("/")[0] for p in granted if p.role == listing.role and p.action in OBJECTS}
        assert "s3:prefix StringLike " in listing.condition, listing.role
        assert within(listing).partition("/")[0] in used, listing.role


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, "elsewhere"])
def test_nobody_is_let_into_a_whole_bucket_but_that_of_the_documents(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """Neither to read nor to write; the function that empties buckets does neither."""
    let_in = [p for p in permissions(synthesise(environment)) if p.action in OBJECTS and "<Storage." in p.resource]
    assert let_in
    for permission in (p for p in let_in if "<Storage.DocumentsBucket." not in p.resource):
        assert within(permission).startswith((*FOLDERS, "passages/")), permission


@pytest.mark.parametrize(
    ("action", "evaluating"),
    [
        ("s3:GetObject", "EnginePlan EngineAnswer EngineJudge Summarise Calibrate NativeRun"),
        ("s3:PutObject", "EnginePlan Summarise"),
    ],
)
def test_a_whole_run_is_read_or_written_by_who_plans_works_or_sums_up(
    granted: dict[tuple[str, str], set[Permission]], action: str, evaluating: str
) -> None:
    """All others read and write one part of it: a verdict does not overwrite an answer."""
    whole = re.compile(r"(evaluations|generation)/[*/]*")
    let_in = {n for (n, _), own in granted.items() for p in own if p.action == action and whole.fullmatch(within(p))}
    working = {f"Evaluation.{name}Function" for name in evaluating.split()}
    assert let_in == working | {f"Generation.Pairs{name}Function" for name in ("Plan", "Generate", "Collect")}


@pytest.mark.parametrize("environment", ["everything", "hosted", "managed", "dev", "elsewhere"])
def test_an_action_is_allowed_on_a_kind_of_resource_that_it_knows(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """On everything only where it knows none (service authorization reference)."""
    deployment = synthesise(environment)
    types = {one.name: one.type for one in deployment.resources()}
    for permission in permissions(deployment):
        if permission.role == "Edge.RestLoggingRole":
            continue  # As the guide of API Gateway has it.
        known, on = kinds(permission.action), kind(permission.resource, types)
        if permission.action.startswith("bedrock:Create") or on == CUSTOM:
            assert on[0] == "bedrock", permission  # The reference lists no kinds of what is made.
        else:
            assert on in known or (permission.resource == "*" and not known), permission


@cache
def kinds(action: str) -> set[tuple[str, str]]:
    """Service and kind of the resources that an action knows."""
    service, name = action.split(":")
    formats = {str(one["resource_arn_format"]) for one in get_action_data(service, name)[service]}
    return {_kind(one) for one in formats if one != "*" and ":accesspoint/" not in one}


def kind(resource: str, types: dict[str, str]) -> tuple[str, str]:
    """The same of a resource: by its ARN, or by what is referred to."""
    if reference := re.match(r"<(\w+\.\w+)(?:\.\w+)?>(/?)", resource):
        of = KINDS[types[reference[1]].removeprefix("AWS::")]
        return (of, reference[2]) if of == "s3" else _kind(f"arn:aws:{of.replace(' ', ':::')}/")
    return _kind(resource) if resource != "*" else ("", "")


def _kind(arn: str) -> tuple[str, str]:
    service, _, _, rest = arn.split(":", 5)[2:]
    if service == "s3":
        return service, "/" if "/" in rest else ""
    word = re.split("[/:]", rest)[0]
    return service, "" if word.startswith("${") else word
