"""A model goes after what hosts it, each thing is seen to be gone, and what is left is named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from arbiter.tuned_models.hosting.retirement import (
    HostingCommitted,
    Kind,
    ModelInUse,
    NotYet,
    Refused,
    Resource,
    RetirementIncomplete,
    refuse_in_use,
    retire,
)
from arbiter.tuned_models.service.pointer import TunedModel

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = Resource(Kind.MODEL, "model")
DEPLOYMENT = Resource(Kind.DEPLOYMENT, "deployment")
THROUGHPUT = Resource(Kind.THROUGHPUT, "throughput")
ALL = (MODEL, THROUGHPUT, DEPLOYMENT)


class Bedrock:
    """Holds resources; deletes one `slowly` looks after it was asked, and refuses some."""

    def __init__(self, *, slowly: int = 0, refuses: dict[str, Exception] | None = None) -> None:
        self.there = {one.arn: slowly for one in ALL}
        self.deleting: list[str] = []
        self.refuses = refuses or {}

    def delete(self, resource: Resource) -> None:
        if resource.arn in self.refuses:
            raise self.refuses[resource.arn]
        self.deleting.append(resource.arn)

    def exists(self, resource: Resource) -> bool:
        if resource.arn in self.deleting and resource.arn in self.there:
            self.there[resource.arn] -= 1
            if self.there[resource.arn] < 0:
                del self.there[resource.arn]
        return resource.arn in self.there


def times(count: int) -> Callable[[], bool]:
    """Patience for so many looks."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


def test_what_hosts_goes_first_and_everything_is_seen_to_be_gone() -> None:
    bedrock = Bedrock(slowly=2)
    assert retire(bedrock, ALL, now=NOW, wait=times(6)) == ("deployment", "throughput", "model")
    assert bedrock.deleting == ["deployment", "throughput", "model"], "each is asked for once"
    assert bedrock.there == {}


def test_what_is_not_gone_in_time_is_named_with_what_is() -> None:
    with pytest.raises(RetirementIncomplete) as caught:
        retire(Bedrock(slowly=2), ALL, now=NOW, wait=times(3))
    sentence = str(caught.value)
    assert "throughput: time ran out: Bedrock still has it" in sentence
    assert "model: what hosts it is left" in sentence
    assert "Deleted: deployment." in sentence


def test_what_bedrock_refuses_is_named_with_its_reason_and_the_rest_still_goes() -> None:
    bedrock = Bedrock(refuses={"deployment": Refused("DeleteCustomModelDeployment says AccessDeniedException: no")})
    with pytest.raises(RetirementIncomplete, match="deployment: DeleteCustomModelDeployment says AccessDenied"):
        retire(bedrock, ALL, now=NOW, wait=times(9))
    assert set(bedrock.there) == {"deployment", "model"}


def test_what_is_busy_is_tried_again() -> None:
    bedrock = Bedrock(refuses={"deployment": NotYet("it is being created")})

    def wait() -> bool:
        bedrock.refuses.clear()
        return True

    assert retire(bedrock, ALL, now=NOW, wait=wait) == ("deployment", "throughput", "model")


def test_committed_throughput_is_refused_before_anything_is_deleted() -> None:
    bedrock = Bedrock()
    committed = THROUGHPUT._replace(committed_until=NOW + timedelta(days=3))
    with pytest.raises(HostingCommitted, match="throughput until 2026-11-24 12:00 UTC"):
        retire(bedrock, (MODEL, DEPLOYMENT, committed), now=NOW, wait=times(9))
    assert bedrock.deleting == []


def test_a_commitment_that_is_over_is_none() -> None:
    over = THROUGHPUT._replace(committed_until=NOW)
    assert "throughput" in retire(Bedrock(), (MODEL, DEPLOYMENT, over), now=NOW, wait=times(9))


@pytest.mark.parametrize(
    ("pointer", "way_out"), [("in_service", "promote another"), ("previous", "rollback"), ("candidate", "nominated")]
)
@pytest.mark.parametrize(("run", "arn"), [("run-1", "other"), ("run-2", "arn:model"), (None, "arn:model")])
def test_a_model_that_is_pointed_to_is_refused(pointer: str, way_out: str, run: str | None, arn: str) -> None:
    used = TunedModel("arn:deployment", "arn:model", "base", "run-1")
    with pytest.raises(ModelInUse, match=f"as {pointer.replace('_', ' ')}. .*{way_out}"):
        refuse_in_use(run, arn, {pointer: used})


def test_a_model_that_nothing_points_to_may_go() -> None:
    refuse_in_use("run-2", "arn:other", {"in_service": TunedModel("arn:deployment", "arn:model", "base", "run-1")})
