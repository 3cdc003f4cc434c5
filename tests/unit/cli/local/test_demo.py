"""The demonstration leaves a local AWS alone that somebody works with, and says what to do."""

import pytest

from cli.core.errors import CliError
from cli.local.demo import BUCKETS, require_unused
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment


def deployment_with(*counts: int) -> StubbedDeployment:
    """A deployment whose buckets hold so many objects."""
    deployment = StubbedDeployment()
    for name, count in zip(BUCKETS, counts, strict=False):
        asked = {"Bucket": OUTPUTS[name], "MaxKeys": 1}
        deployment.stub("s3").add_response("list_objects_v2", {"KeyCount": count}, asked)
    return deployment


@pytest.mark.parametrize("counts", [(1,), (0, 1), (0, 0, 1)])
def test_one_that_was_used_is_refused_at_once(counts: tuple[int, ...]) -> None:
    deployment = deployment_with(*counts)
    with pytest.raises(CliError, match="`arbiter local down`") as refusal:
        require_unused(deployment)
    assert refusal.value.code == "in_use"
    deployment.session.assert_all_called()


def test_one_that_is_deployed_and_unused_will_do() -> None:
    deployment = deployment_with(0, 0, 0)
    require_unused(deployment)
    deployment.session.assert_all_called()


def test_one_without_stacks_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise CliError("There is no stack.", code="not_deployed")

    deployment = StubbedDeployment()
    monkeypatch.setattr(deployment, "output", missing)
    require_unused(deployment)
