"""CloudFormation's resource types: the emulator's own corrected, and those that it lacks."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from local import sessions
from local.emulator.base.internals import inside, replace, scope
from local.emulator.corrections import limits
from local.emulator.corrections.resource_types import BEDROCK, SCHEDULES, VECTORS, ResourceType
from local.emulator.refusals import rules
from local.emulator.step_functions import creation, executions
from local.emulator.step_functions.sdk_calls import shaped

log = logging.getLogger("arbiter.local")

_ALARM = "AWS::CloudWatch::Alarm"
_BUCKET = "AWS::S3::Bucket"
_FUNCTION = "AWS::Lambda::Function"
_MACHINE = "AWS::StepFunctions::StateMachine"
_PARAMETER = "AWS::SSM::Parameter"
# Kept in the stack and without effect on this machine; logged when one is made.
_RECORDED = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::AnomalyDetector",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Logs::QueryDefinition",
    "AWS::ResourceGroups::Group",
    "AWS::XRay::Group",
    "AWS::XRay::SamplingRule",
)


def install(*kinds: ResourceType) -> None:
    """Teach the emulator these types and those of this room, and its own ones what they leave out."""
    table = inside("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
    own = {kind.name: kind.handlers() for kind in (*BEDROCK, *SCHEDULES, *VECTORS, *kinds)}
    own |= {kind: _recorded(kind) for kind in _RECORDED if kind not in table}
    own[_BUCKET] = {**table[_BUCKET], "delete": _only_empty(table[_BUCKET]["delete"])}
    own[_FUNCTION] = limits.checking_functions(table[_FUNCTION])
    own[_MACHINE] = _with_creation_checks(table[_MACHINE])
    own[_PARAMETER] = limits.checking_parameters(_named_without_slash(table[_PARAMETER]))
    own[_ALARM] = _with_expressions(table[_ALARM])
    for kind in rules.KINDS & (own.keys() | table.keys()):
        own[kind] = limits.checking(own.get(kind, table.get(kind)), partial(_held, kind))
    table.update(own)
    threaded = {"AWS::Lambda::EventSourceMapping", *own}
    replace(
        "services.cloudformation.stacks",
        "_runs_on_worker_thread",
        lambda original: lambda kind: kind in threaded or original(kind),
    )


def _held(kind: str, properties: dict[str, Any], _: str) -> None:
    rules.check(kind, properties)


def _recorded(kind: str) -> dict[str, Any]:
    def made(logical_id: str, stack: str) -> tuple[str, dict[str, Any]]:
        log.warning("%s %s is recorded and not emulated", kind, logical_id)
        return f"{stack}-{logical_id}", {"Arn": f"arn:aws:local:::{stack}/{logical_id}", "Id": f"{stack}-{logical_id}"}

    return {
        "create": lambda logical_id, _, stack: made(logical_id, stack),
        "update": lambda physical_id, *_: (physical_id, {"Arn": f"arn:aws:local:::{physical_id}", "Id": physical_id}),
        "delete": lambda *_: None,
    }


def _only_empty(original: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
    """The emulator deletes a bucket with all that it holds; AWS refuses."""

    def delete(name: str, properties: Any) -> None:
        bucket = inside("services.s3", "_buckets").get(name)
        if bucket and (bucket["objects"] or inside("services.s3", "_bucket_has_versions")(name)):
            raise ValueError(f"The bucket you tried to delete is not empty: {name} holds objects or their versions")
        original(name, properties)

    return delete


def _named_without_slash(base: dict[str, Any]) -> dict[str, Any]:
    """AWS invents `CFN-…`; the emulator's invention starts with a slash, which an ARN made of the name cannot bear."""

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        suffix = inside("services.cloudformation.provisioners", "_physical_name")(stack, logical_id).rsplit("-", 1)[-1]
        return base["create"](logical_id, {"Name": f"CFN-{logical_id}-{suffix}", **properties}, stack)

    return {**base, "create": create}


def _with_creation_checks(base: dict[str, Any]) -> dict[str, Any]:
    """The definition and what the role must be allowed are checked; tracing is remembered for the executions."""
    definition_of = inside("services.cloudformation.provisioners", "_sfn_definition")

    def note(arn: str, properties: dict[str, Any]) -> None:
        level = (properties.get("LoggingConfiguration") or {}).get("Level", "OFF")
        creation.check_role(properties["RoleArn"], arn, definition_of(properties), logs=level != "OFF")
        tracing = str((properties.get("TracingConfiguration") or {}).get("Enabled", False)).lower() == "true"
        executions.trace(arn, active=tracing)

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        creation.check_definition(definition_of(properties))
        arn, attributes = base["create"](logical_id, properties, stack)
        try:
            note(arn, properties)
        except Exception:
            base["delete"](arn, properties)
            raise
        return arn, attributes

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **options: Any) -> Any:
        creation.check_definition(definition_of(new))
        updated = base["update"](physical_id, old, new, *rest, **options)
        note(updated[0], new)
        return updated

    return {**base, "create": create, "update": update}


def _with_expressions(base: dict[str, Any]) -> dict[str, Any]:
    """An alarm on a metric expression is checked against the API's model and listed: the emulator evaluates none."""
    recorded = _recorded(_ALARM)
    shape = sessions.core().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if not properties.get("Metrics"):
            return base["create"](logical_id, properties, stack)
        shaped({"AlarmName": logical_id, **properties}, shape, _ALARM)
        name, attributes = recorded["create"](logical_id, properties, stack)
        _list_alarm(name, properties)
        return name, attributes

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **options: Any) -> Any:
        if not new.get("Metrics"):
            return base["update"](physical_id, old, new, *rest, **options)
        shaped({"AlarmName": physical_id, **new}, shape, _ALARM)
        _list_alarm(physical_id, new)
        return recorded["update"](physical_id, old, new)

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        if not properties.get("Metrics"):
            base["delete"](physical_id, properties)
        inside("services.cloudwatch", "_alarms").pop(physical_id, None)

    return {**base, "create": create, "update": update, "delete": delete}


def _list_alarm(name: str, properties: dict[str, Any]) -> None:
    """Let DescribeAlarms show an alarm whose metrics are never looked at."""
    account, region = scope()
    inside("services.cloudwatch", "_alarms")[name] = {
        **{member: value for member, value in properties.items() if member != "Tags"},
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        "ActionsEnabled": properties.get("ActionsEnabled", True),
        "AlarmActions": properties.get("AlarmActions", []),
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
    }
