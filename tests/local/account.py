"""The account of a local AWS: its root's clients, and roles made for a test."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from local import sessions
from local.launcher import LocalAws

ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, s3={"addressing_style": "path"})


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    """A policy statement."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def new_name(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class Account:
    """What a test does as the account's owner."""

    aws: LocalAws

    def client(self, service: str, **credentials: str) -> Any:
        """A client, as the root unless credentials say otherwise."""
        return sessions.client(
            service, endpoint_url=self.aws.endpoint, region_name=self.aws.region, config=ONCE, **credentials
        )

    def role(self, *statements: dict[str, Any], trusts: str | None = None, condition: Any = None) -> str:
        """Make a role with these permissions; the root may assume it unless it trusts a service."""
        principal = {"Service": trusts} if trusts else {"AWS": f"arn:aws:iam::{self.aws.account}:root"}
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        if condition:
            trust["Condition"] = condition
        name = new_name("role")
        iam = self.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        return str(made["Role"]["Arn"])

    def client_as(self, role_arn: str, service: str) -> Any:
        """A client with a session of a role."""
        held = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="session")["Credentials"]
        return self.client(
            service,
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
        )

    def bucket(self) -> str:
        """Make a bucket."""
        name = new_name("bucket")
        self.client("s3").create_bucket(Bucket=name)
        return name

    def decisions(self, role_arn: str) -> list[tuple[str, str, str]]:
        """What the journal says of a role: (action, resource, decision)."""
        name = role_arn.rsplit("/", 1)[-1]
        lines = [json.loads(line) for line in self.aws.authorizations.read_text().splitlines()]
        return [(line["action"], line["resource"], line["decision"]) for line in lines if line["role"] == name]
