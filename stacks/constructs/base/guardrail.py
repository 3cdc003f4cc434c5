"""The guardrail of a deployment, and the permission to call models with it and not without it."""

import hashlib
import json
from typing import Any

from aws_cdk import CfnTag
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.base.trust import Conditions
from stacks.settings.guardrail import Guardrail as GuardrailSettings


class Guardrail:
    """A guardrail of Bedrock and the version of it that is in force.

    Args:
        environment: names and tags it.
    """

    def __init__(self, scope: Construct, *, environment: str, settings: GuardrailSettings) -> None:
        configuration: dict[str, Any] = settings.configuration()
        messages = (settings.blocked_question, settings.blocked_answer)
        guardrail = bedrock.CfnGuardrail(
            scope,
            "Guardrail",
            name=f"arbiter-{environment}",
            blocked_input_messaging=messages[0],
            blocked_outputs_messaging=messages[1],
            tags=[CfnTag(key="arbiter:environment", value=environment)],
            **configuration,
        )
        # A version is never changed: other policies are another version, by another logical id.
        identity = json.dumps([configuration, messages], sort_keys=True).encode()
        version = bedrock.CfnGuardrailVersion(
            scope,
            f"GuardrailVersion{hashlib.sha256(identity).hexdigest()[:8]}",
            guardrail_identifier=guardrail.attr_guardrail_id,
        )
        self.arn = guardrail.attr_guardrail_arn
        self.named = f"{self.arn}:{version.attr_version}"
        """ARN and version, as the condition key `bedrock:GuardrailIdentifier` has them."""

    @property
    def required(self) -> Conditions:
        """Only with this version of the guardrail (Bedrock user guide, *Enforce the use of specific guardrails*)."""
        return {"StringEquals": {"bedrock:GuardrailIdentifier": self.named}}

    def grant_apply(self, role: iam.Role) -> None:
        """Let `role` have texts and calls screened."""
        role.add_to_principal_policy(iam.PolicyStatement(actions=["bedrock:ApplyGuardrail"], resources=[self.arn]))
