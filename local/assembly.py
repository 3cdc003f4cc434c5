"""A synthesised cloud assembly put onto the local AWS without the CDK CLI: seconds instead of half a minute."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from botocore.config import Config

from local import sessions
from local.launcher import LocalAws

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 120


class DeploymentError(RuntimeError):
    """A stack that did not come up or go away; the message holds CloudFormation's reasons."""


@dataclass(frozen=True)
class _Stack:
    name: str
    template: Path
    assets: Path | None
    needs: frozenset[str]


def deploy(assembly: Path, aws: LocalAws) -> dict[str, dict[str, str]]:
    """Deploy every stack of an assembly in order; outputs by stack name.

    Raises:
        DeploymentError: with the reasons of the first stack that fails.
    """
    _client(aws, "ssm").put_parameter(Name=_BOOTSTRAP_VERSION, Value="99", Type="String", Overwrite=True)
    outputs = {}
    for stack in _in_order(_stacks(assembly)):
        if stack.assets:
            _upload_assets(assembly, stack.assets, aws)
        outputs[stack.name] = _create(stack.name, stack.template.read_text(encoding="utf-8"), aws)
    return outputs


def destroy(assembly: Path, aws: LocalAws) -> None:
    """Delete every stack of an assembly, last deployed first.

    Raises:
        DeploymentError: with the reasons of the first stack that cannot be deleted.
    """
    cloudformation = _client(aws, "cloudformation")
    for stack in reversed(list(_in_order(_stacks(assembly)))):
        cloudformation.delete_stack(StackName=stack.name)
        status = _settled(cloudformation, stack.name)
        if status not in (None, "DELETE_COMPLETE"):
            raise DeploymentError(f"{stack.name}: {status}: {_reasons(cloudformation, stack.name)}")


def _stacks(assembly: Path) -> dict[str, _Stack]:
    artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = {}
    for identifier, artifact in artifacts.items():
        if artifact["type"] == "aws:cloudformation:stack":
            properties = artifact["properties"]
            assets = assembly / f"{identifier}.assets.json"
            stacks[identifier] = _Stack(
                properties.get("stackName", identifier),
                assembly / properties["templateFile"],
                assets if assets.is_file() else None,
                frozenset(artifact.get("dependencies", [])),
            )
    return stacks


def _in_order(stacks: dict[str, _Stack]) -> Iterator[_Stack]:
    done: set[str] = set()
    while len(done) < len(stacks):
        ready = [name for name, stack in stacks.items() if name not in done and not (stack.needs & set(stacks)) - done]
        if not ready:
            circle = ", ".join(sorted(set(stacks) - done))
            raise DeploymentError(f"the stacks depend on each other in a circle: {circle}")
        for name in ready:
            yield stacks[name]
        done.update(ready)


def _upload_assets(assembly: Path, manifest: Path, aws: LocalAws) -> None:
    storage = _client(aws, "s3")
    for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
        source = assembly / asset["source"]["path"]
        content = _zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
        for destination in asset["destinations"].values():
            bucket = _located(destination["bucketName"], aws)
            storage.create_bucket(Bucket=bucket)
            storage.put_object(Bucket=bucket, Key=_located(destination["objectKey"], aws), Body=content)


@lru_cache(maxsize=32)
def _zipped(folder: Path) -> bytes:
    """Pack an asset's folder, once: it is named by its content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def _located(text: str, aws: LocalAws) -> str:
    names = {"AccountId": aws.account, "Region": aws.region, "Partition": "aws"}
    for name, value in names.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    return text


def _create(name: str, template: str, aws: LocalAws) -> dict[str, str]:
    cloudformation, storage = _client(aws, "cloudformation"), _client(aws, "s3")
    bucket, key = _located("cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", aws), f"templates/{name}.json"
    storage.create_bucket(Bucket=bucket)
    storage.put_object(Bucket=bucket, Key=key, Body=template.encode())
    cloudformation.create_stack(
        StackName=name, TemplateURL=f"{aws.endpoint}/{bucket}/{key}", Capabilities=_CAPABILITIES, OnFailure="DO_NOTHING"
    )
    status = _settled(cloudformation, name)
    if status != "CREATE_COMPLETE":
        raise DeploymentError(f"{name}: {status}: {_reasons(cloudformation, name)}")
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _settled(cloudformation: Any, name: str) -> str | None:
    """The stack's status once it changes no more; `None` when there is no such stack."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            status = str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        except cloudformation.exceptions.ClientError:
            return None
        if not status.endswith("_IN_PROGRESS"):
            return status
        time.sleep(_POLL_SECONDS)
    raise DeploymentError(f"{name}: not settled within {_PATIENCE_SECONDS} s")


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', 'no reason')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    ]
    return "; ".join(failed) or "no reason given"


@lru_cache(maxsize=16)
def _client(aws: LocalAws, service: str) -> Any:
    paths = Config(s3={"addressing_style": "path"})
    return sessions.client(service, endpoint_url=aws.endpoint, region_name=aws.region, config=paths)
