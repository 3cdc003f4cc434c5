"""Folders of the buckets: who looks for what may be missing may list it, and Bedrock works where it is sent."""

from collections.abc import Callable, Iterator

import pytest

from tests.stacks.permissions import Permission, permissions, trusts
from tests.stacks.resolved import Deployment
from tests.stacks.test_reached import OBJECTS, within

ENVIRONMENTS = pytest.mark.parametrize("environment", ["everything", "hosted", "managed", "elsewhere"])
HANDED = {
    ("FineTuning.GateRole", "evaluations"),
    ("Evaluation.PublishGatedRole", "evaluations"),
    ("Evaluation.PipelineRole", "evaluations"),
    ("Generation.PairsPipelineRole", "generation"),
    ("FineTuning.PrepareRole", "datasets"),
    ("Generation.PairsGenerateRole", "*"),
    *((f"FineTuning.{name}Role", "training") for name in ("Conclude", "Place", "Prepare", "Retirement")),
}
"""Who is handed the name of what it reads, or takes a refusal for a missing record: role and folder."""
SENT: dict[str, dict[str, str]] = {
    "KnowledgeBase.DocumentsRole": {"*": "read", "": "list", "passages/*": "list read write"},
    "KnowledgeBase.ManagedRole": {"*": "read", "": "list"},
    "FineTuning.CustomizationRole": {"datasets/*": "list read", "customization/*": "list read write"},
    "Evaluation.NativeRole": {
        "evaluations/*": "list",
        "evaluations/*/native_jobs/*": "read",
        "evaluations/*/native_jobs/output/*": "write",
    },
    **{
        f"{stack}BatchInferenceJob{number}Role": {f"{runs}/*/batch-inference/*": "list read write"}
        for stack, runs, jobs in (("Evaluation.", "evaluations", 3), ("Generation.Pairs", "generation", 2))
        for number in range(1, jobs + 1)
    },
}
"""A role of Bedrock's -> the folders of its work, and what it does there (Bedrock user guide, *kb-permissions*,
*batch-iam-sr*, *judge-service-roles*)."""
DOES = {"s3:ListBucket": "list", OBJECTS[0]: "read", OBJECTS[1]: "write"}


def let_in(deployment: Deployment) -> Iterator[tuple[Permission, str]]:
    """Rights to list, read or write in one of Storage's buckets, each with the place."""
    for permission in permissions(deployment):
        if permission.action in DOES and "<Storage." in permission.resource:
            place = within(permission)
            yield permission, "" if place.isdecimal() else place  # Of a whole bucket the account alone is asked.


@ENVIRONMENTS
def test_who_reads_may_list_what_it_reads_unless_it_is_handed_the_name(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    """To who may not list, what is missing reads as forbidden."""
    folders: dict[str, set[tuple[str, str, str]]] = {word: set() for word in DOES.values()}
    for permission, place in let_in(synthesise(environment)):
        bucket = permission.resource.partition(".Arn>")[0]
        folders[DOES[permission.action]].add((permission.role, bucket, place.partition("/")[0] or "*"))
    unlisted = {(role, folder) for role, _, folder in folders["read"] - folders["list"]}
    assert unlisted <= HANDED
    assert environment == "elsewhere" or unlisted == HANDED


@ENVIRONMENTS
def test_bedrock_works_in_the_folders_that_it_is_sent_to(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    services = {
        role.name for role, trust in trusts(deployment) if trust["Principal"] == {"Service": "bedrock.amazonaws.com"}
    }
    work: dict[str, dict[str, set[str]]] = {name: {} for name in services}
    for permission, place in let_in(deployment):
        if permission.role in services:
            work[permission.role].setdefault(place, set()).add(DOES[permission.action])
    for name, folders in work.items():
        expected = {place: set(does.split()) for place, does in SENT[name].items()}
        if environment != "everything":
            expected.pop("passages/*", None)
        assert folders == expected, name
    assert services <= SENT.keys()
    assert environment != "everything" or SENT.keys() - services == {"KnowledgeBase.ManagedRole"}
