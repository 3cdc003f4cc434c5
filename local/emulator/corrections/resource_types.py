"""CloudFormation types made through the API that each stands for: botocore checks a template against the real model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from local import sessions
from local.emulator.base.identity import client
from local.emulator.base.internals import inside
from local.emulator.step_functions.sdk_calls import shaped

Names = Callable[[str], dict[str, str]]
_model = sessions.core().get_service_model


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """How a type's resources are created, changed and deleted through an API."""

    name: str
    service: str
    create: str
    identify: Callable[[dict[str, Any]], str]
    """The physical id, from what creation returned and the properties that it was asked for."""
    names: Names
    """How the API names an existing resource, from its physical id."""
    delete: str | None
    update: str | None = None
    inside_of: str | None = None
    """The member of the reply that holds the resource."""
    renamed: dict[str, str] = field(default_factory=dict)
    named_by: str | None = None
    """The property that CloudFormation invents when the template leaves it out."""
    attributes: dict[str, str] = field(default_factory=dict)
    """Members of the reply that GetAtt knows under another name."""
    tag_list: bool = False
    """Whether the API takes tags as a list of lower-case pairs; else a map."""

    def handlers(self) -> dict[str, Any]:
        """The emulator's entry for this type."""
        entry: dict[str, Any] = {"create": self._create, "delete": self._delete, "update": self._update}
        return {**entry, "update_with_logical_id": True}

    def _create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        asked = self._parameters(properties)
        if self.named_by and self.named_by not in properties:
            invented = inside("services.cloudformation.provisioners", "_physical_name")
            asked[self._member(self.named_by)] = invented(stack, logical_id, lowercase=True, max_len=60)
        made = self._call(self.create, asked)
        resource = made.get(self.inside_of, made) if self.inside_of else made
        return self.identify({**properties, **resource}), self._attributes(resource)

    def _update(
        self, physical_id: str, _: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str = ""
    ) -> tuple[str, dict[str, Any]]:
        if self.update is None:
            raise ValueError(f"{self.name}: nothing can be changed after creation ({logical_id or stack})")
        shape = _model(self.service).operation_model(self.update).input_shape
        asked = {**self._parameters(new), **self.names(physical_id)}
        known = shape.members if shape else {}
        made = self._call(self.update, {key: value for key, value in asked.items() if key in known})
        return physical_id, self._attributes(made.get(self.inside_of, made) if self.inside_of else made)

    def _delete(self, physical_id: str, _: dict[str, Any]) -> None:
        if self.delete is None:
            return
        try:
            self._call(self.delete, self.names(physical_id))
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise

    def _parameters(self, properties: dict[str, Any]) -> dict[str, Any]:
        shape = _model(self.service).operation_model(self.create).input_shape
        asked = {self.renamed.get(key, key): value for key, value in properties.items()}
        tags = asked.get("Tags")
        if isinstance(tags, list):
            pairs = [(tag["Key"], tag["Value"]) for tag in tags]
            asked["Tags"] = [{"key": key, "value": value} for key, value in pairs] if self.tag_list else dict(pairs)
        return dict(shaped(asked, shape, self.name))

    def _attributes(self, resource: dict[str, Any]) -> dict[str, Any]:
        simple = {key: value for key, value in resource.items() if isinstance(value, str | int | float)}
        return {self.attributes.get(key, key[0].upper() + key[1:]): value for key, value in simple.items()}

    def _member(self, name: str) -> str:
        """A property's name as the API writes it."""
        shape: Any = _model(self.service).operation_model(self.create).input_shape
        return next(str(member) for member in shape.members if member.lower() == name.lower())

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        made = getattr(client(self.service), xform_name(operation))(**parameters)
        return {key: value for key, value in made.items() if key != "ResponseMetadata"}


def _pair(*members: str) -> Names:
    return lambda physical_id: dict(zip(members, physical_id.split("|"), strict=True))


def _one(member: str) -> Names:
    return lambda physical_id: {member: physical_id}


BEDROCK = [
    ResourceType(
        name="AWS::Bedrock::KnowledgeBase",
        service="bedrock-agent",
        create="CreateKnowledgeBase",
        update="UpdateKnowledgeBase",
        delete="DeleteKnowledgeBase",
        inside_of="knowledgeBase",
        identify=lambda made: str(made["knowledgeBaseId"]),
        names=_one("knowledgeBaseId"),
    ),
    ResourceType(
        name="AWS::Bedrock::DataSource",
        service="bedrock-agent",
        create="CreateDataSource",
        update="UpdateDataSource",
        delete="DeleteDataSource",
        inside_of="dataSource",
        identify=lambda made: f"{made['knowledgeBaseId']}|{made['dataSourceId']}",
        names=_pair("knowledgeBaseId", "dataSourceId"),
    ),
    ResourceType(
        name="AWS::Bedrock::Guardrail",
        service="bedrock",
        create="CreateGuardrail",
        update="UpdateGuardrail",
        delete="DeleteGuardrail",
        renamed={"KmsKeyArn": "kmsKeyId"},
        tag_list=True,
        identify=lambda made: str(made["guardrailArn"]),
        names=lambda arn: {"guardrailIdentifier": arn.rsplit("/", 1)[-1]},
    ),
    ResourceType(
        name="AWS::Bedrock::GuardrailVersion",
        service="bedrock",
        create="CreateGuardrailVersion",
        delete="DeleteGuardrail",
        identify=lambda made: f"{made['guardrailId']}|{made['version']}",
        names=_pair("guardrailIdentifier", "guardrailVersion"),
    ),
    ResourceType(
        name="AWS::Bedrock::ApplicationInferenceProfile",
        service="bedrock",
        create="CreateInferenceProfile",
        delete="DeleteInferenceProfile",
        tag_list=True,
        identify=lambda made: str(made["inferenceProfileArn"]),
        names=lambda arn: {"inferenceProfileIdentifier": arn.rsplit("/", 1)[-1]},
    ),
]

SCHEDULES = [
    ResourceType(
        name="AWS::Scheduler::Schedule",
        service="scheduler",
        create="CreateSchedule",
        update="UpdateSchedule",
        delete="DeleteSchedule",
        named_by="Name",
        attributes={"ScheduleArn": "Arn"},
        identify=lambda made: str(made["ScheduleArn"].rsplit("/", 1)[-1]),
        names=_one("Name"),
    ),
]

VECTORS = [
    ResourceType(
        name="AWS::S3Vectors::VectorBucket",
        service="s3vectors",
        create="CreateVectorBucket",
        delete="DeleteVectorBucket",
        named_by="VectorBucketName",
        identify=lambda made: str(made["vectorBucketArn"]),
        names=_one("vectorBucketArn"),
    ),
    ResourceType(
        name="AWS::S3Vectors::Index",
        service="s3vectors",
        create="CreateIndex",
        delete="DeleteIndex",
        named_by="IndexName",
        identify=lambda made: str(made["indexArn"]),
        names=_one("indexArn"),
    ),
    ResourceType(
        name="AWS::S3Vectors::VectorBucketPolicy",
        service="s3vectors",
        create="PutVectorBucketPolicy",
        update="PutVectorBucketPolicy",
        delete="DeleteVectorBucketPolicy",
        identify=lambda made: str(made["VectorBucketArn"]),
        names=_one("vectorBucketArn"),
    ),
]
