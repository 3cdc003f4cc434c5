"""Resources that no stack holds any more: retained by a deleted one, or found by the environment's tag or name."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from cli.core.deployment import Deployment
from cli.destroy.kinds import BUCKET, LOG_GROUP, SCHEDULE, VECTOR_BUCKET
from cli.destroy.resources import Resources
from cli.destroy.stacks import WAVES, Resource, Stacks

REFUSED_TAGS = frozenset({"NoSuchTagSet", "NoSuchBucket", "PermanentRedirect", "IllegalLocationConstraintException"})
"""S3's answers for a bucket without tags, that is gone, or of another region."""


class Leftovers:
    """Finds them; what bears no tag of the environment, where such things can bear tags, is nobody's to delete."""

    def __init__(self, deployment: Deployment, stacks: Stacks, resources: Resources) -> None:
        self._deployment, self._stacks, self._resources = deployment, stacks, resources
        self._environment = deployment.environment
        self._own_names = f"arbiter-{self._environment}-".lower()
        self._prefixes = tuple(f"Arbiter-{self._environment}-{part}-" for wave in WAVES for part in wave)

    def find(self, held: Collection[Resource], problems: list[str]) -> list[Resource]:
        """Every resource of a known type that is there and is not held by a stack.

        What is called as the environment's are, and whose tags may not be read, is told among the problems.
        """
        holding = {(one.type, one.id) for one in held}
        retained = [one for one in self._stacks.retained() if self._resources.known(one)]
        there = (one for one in sorted(retained) if (one.type, one.id) not in holding and self._resources.exists(one))
        listed = chain(
            self._buckets(problems), self._vector_buckets(problems), self._log_groups(problems), self._schedules()
        )
        tagged = (one for one in listed if (one.type, one.id) not in holding)
        return list(dict.fromkeys(Resource(one.type, one.id) for one in chain(there, tagged)))

    def _buckets(self, problems: list[str]) -> Iterator[Resource]:
        # The account's of other regions would be listed too, and botocore follows S3 there.
        client, region = self._deployment.client("s3"), self._deployment.region
        for page in client.get_paginator("list_buckets").paginate(Prefix="arbiter-", BucketRegion=region):
            for bucket in page.get("Buckets", ()):
                name = bucket["Name"]
                here = bucket.get("BucketRegion", region) == region
                if (
                    here
                    and name.startswith("arbiter-")
                    and self._owned(name, partial(_of_bucket, client, name), problems)
                ):
                    yield Resource(BUCKET, name)

    def _vector_buckets(self, problems: list[str]) -> Iterator[Resource]:
        client = self._deployment.client("s3vectors")
        for page in client.get_paginator("list_vector_buckets").paginate(prefix="arbiter-"):
            for bucket in page["vectorBuckets"]:
                arn = bucket["vectorBucketArn"]
                if self._owned(arn.rsplit("/", 1)[-1], partial(_listed, client, arn), problems):
                    yield Resource(VECTOR_BUCKET, arn)

    def _log_groups(self, problems: list[str]) -> Iterator[Resource]:
        client = self._deployment.client("logs")
        pages = client.get_paginator("describe_log_groups")
        for page in pages.paginate(logGroupNamePrefix=f"Arbiter-{self._environment}-"):
            for group in page["logGroups"]:
                arn = group["arn"].removesuffix(":*")
                if self._owned(group["logGroupName"], partial(_listed, client, arn), problems):
                    yield Resource(LOG_GROUP, group["logGroupName"])

    def _schedules(self) -> Iterator[Resource]:
        """By their names, which begin with their stack's: a schedule bears no tags."""
        pages = self._deployment.client("scheduler").get_paginator("list_schedules")
        for page in pages.paginate(NamePrefix=f"Arbiter-{self._environment}-"):
            for schedule in page["Schedules"]:
                if schedule["Name"].startswith(self._prefixes):
                    yield Resource(SCHEDULE, schedule["Name"])

    def _owned(self, name: str, tags: Callable[[], Mapping[str, str]], problems: list[str]) -> bool:
        try:
            return tags().get(ENVIRONMENT_TAG) == self._environment
        except ClientError as error:
            failure = failure_of(error)
            if failure.kind is FailureKind.DENIED and name.lower().startswith(self._own_names):
                problems.append(f"{name}: {error}")
            elif failure.kind not in (FailureKind.DENIED, FailureKind.MISSING) and failure.code not in REFUSED_TAGS:
                raise
            return False


def _listed(client: Any, arn: str) -> dict[str, str]:
    return dict(client.list_tags_for_resource(resourceArn=arn)["tags"])


def _of_bucket(client: Any, bucket: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in client.get_bucket_tagging(Bucket=bucket)["TagSet"]}
