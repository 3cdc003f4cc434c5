"""The owner's prompts as one object, under a key that names its content: it changes with a deployment alone."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from arbiter.answering.prompting.files import dump_prompts
from stacks.settings.prompting import Prompting, examples_in, house_in


class Prompts:
    """The prompts that functions read when a request first asks for them; no object where none are set."""

    def __init__(self, scope: Construct, settings: Prompting) -> None:
        self._asset: Asset | None = None
        if settings.examples is not None or settings.house is not None:
            content = dump_prompts(
                examples_in(settings.examples) if settings.examples else (),
                house_in(settings.house) if settings.house else None,
            )
            self._asset = Asset(scope, "Prompts", path=str(_written(content)))

    @property
    def bucket(self) -> str | None:
        return self._asset.s3_bucket_name if self._asset else None

    @property
    def key(self) -> str | None:
        return self._asset.s3_object_key if self._asset else None

    def grant_read(self, role: iam.IRole) -> None:
        """Let `role` read the object and nothing else of the bucket, which holds the code of every stack."""
        if self._asset is None:
            return
        resource = f"arn:{Aws.PARTITION}:s3:::{self.bucket}/{self.key}"
        own = {"StringEquals": {"aws:ResourceAccount": Stack.of(self._asset).account}}
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[resource], conditions=own)
        )


@cache
def _written(content: bytes) -> Path:
    """A file with the content, for as long as the process synthesises."""
    folder = Path(tempfile.mkdtemp(prefix="arbiter-prompts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "prompts.json"
    file.write_bytes(content)
    return file
