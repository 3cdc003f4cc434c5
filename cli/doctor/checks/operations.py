"""Schedules and alarms: whether what is to start by itself does, and whether anybody is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import STACKS, Situation
from stacks.settings.environment import LOCAL

WITHOUT = {
    "evaluation_schedule": "nothing is evaluated",
    "expiry_schedule": "throughput is billed by the hour beyond its end",
    "documents_schedule": "documents that are missing in the knowledge base raise no alarm",
}
"""The consequence of each schedule that does not run."""
PENDING = "PendingConfirmation"


def checks(situation: Situation) -> Iterator[Check]:
    """Schedules; alarms; whether the alarms' address was confirmed."""
    yield Check("schedules", lambda: _schedules(situation))
    yield Check("alarms", lambda: _alarms(situation))
    if situation.settings.alarm_email:
        yield Check("alarm address", lambda: _address(situation))


def _schedules(situation: Situation) -> Looked:
    # By their targets: CloudFormation makes up their names.
    pages = situation.client("scheduler").get_paginator("list_schedules").paginate(GroupName="default")
    listed = [one for page in pages for one in page["Schedules"]]
    settings = situation.settings
    wanted = []
    if settings.evaluation.schedule:
        machine = situation.output("EvaluationStateMachineArn")
        wanted.append(("the standing evaluation", machine, "evaluation_schedule", Severity.WARNS))
    if settings.fine_tuning.enabled:
        severity = Severity.BLOCKS if settings.fine_tuning.hosting == "provisioned" else Severity.WARNS
        expiry = situation.output("ExpireHostingFunctionArn")
        wanted.append(("the end of hosting by the hour", expiry, "expiry_schedule", severity))
    if settings.documents.check_schedule:
        looking = situation.output("CheckDocumentsFunctionArn")
        wanted.append(("the look at the documents", looking, "documents_schedule", Severity.WARNS))
    deploy, environment = situation.deploy_command, situation.environment
    revert = deploy if environment == LOCAL else f"npx cdk deploy --all --revert-drift -c env={environment}"
    findings = (resting(listed, *one, deploy=deploy, revert=revert) for one in wanted)
    return Looked(f"{len(wanted)} wanted", tuple(filter(None, findings)))


def resting(
    listed: Sequence[Mapping[str, Any]],
    what: str,
    target: str,
    code: str,
    severity: Severity,
    *,
    deploy: str,
    revert: str,
) -> Finding | None:
    """Say that the schedule with this target is missing or switched off.

    CloudFormation leaves alone what somebody changed by hand, as long as its template stays; `revert` does not.
    """
    own = [one for one in listed if one["Target"]["Arn"] == target]
    if any(one["State"] == "ENABLED" for one in own):
        return None
    never_deployed = not own and code != "expiry_schedule"
    return Finding(
        code=code,
        subject=what,
        severity=severity,
        problem=f"the schedule of {what} is {'switched off' if own else 'missing'}",
        consequence=WITHOUT[code],
        remedy=deploy if never_deployed else revert,
        hint=f"where that changes nothing, somebody deleted it: {revert}" if never_deployed else "",
    )


def _alarms(situation: Situation) -> Looked:
    prefix = f"Arbiter-{situation.environment}-"
    # Alarms are called after their stack; those of the environment dev-2 begin as those of dev do.
    own = tuple(f"{prefix}{name}-" for name in STACKS)
    pages = situation.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmName"].startswith(own)]
    # Settings without an address are told of as settings: one cause, one finding.
    wanted = situation.settings.alarm_email is not None
    findings = tuple(unheard(alarms, situation.deploy_command)) if wanted else ()
    ringing = [alarm["AlarmName"] for alarm in alarms if alarm.get("StateValue") == "ALARM"]
    return Looked(f"{len(alarms)} alarms", (*findings, *(_rings(name, alarms) for name in ringing)))


def unheard(alarms: Sequence[Mapping[str, Any]], deploy: str) -> Iterator[Finding]:
    """Name the alarms that tell nobody."""
    silent = [
        alarm["AlarmName"] for alarm in alarms if not alarm.get("AlarmActions") or not alarm.get("ActionsEnabled", True)
    ]
    if silent:
        yield Finding(
            code="alarm_without_action",
            subject="alarms",
            severity=Severity.WARNS,
            problem=f"{len(silent)} alarms have no action, although alarm_email is set: {', '.join(silent)}",
            consequence="they change their colour in the console and tell nobody",
            remedy=f"{deploy} && aws cloudwatch enable-alarm-actions --alarm-names {' '.join(silent)}",
        )


def _rings(name: str, alarms: Sequence[Mapping[str, Any]]) -> Finding:
    description = next(str(alarm.get("AlarmDescription", "")) for alarm in alarms if alarm["AlarmName"] == name)
    sentence, _, runbook = description.partition(". Runbook: ")
    return Finding(
        code="alarm_rings",
        subject=name,
        severity=Severity.WARNS,
        problem=f"the alarm {name} rings: {sentence}",
        consequence="what it watches is out of its limits now",
        remedy=f"follow {runbook or 'docs/runbooks'}",
    )


def _address(situation: Situation) -> Looked:
    address = str(situation.settings.alarm_email)
    pages = situation.client("sns").get_paginator("list_subscriptions").paginate()
    own = f":Arbiter-{situation.environment}-Operations-"
    listed = [one for page in pages for one in page["Subscriptions"] if own in one["TopicArn"]]
    finding = unconfirmed(listed, address, situation.deploy_command)
    return Looked(f"{len(listed)} subscriptions", (finding,) if finding else ())


def unconfirmed(listed: Sequence[Mapping[str, Any]], address: str, deploy: str) -> Finding | None:
    """Say that the address of the settings gets no alarm: not subscribed, or never confirmed."""
    states = [one["SubscriptionArn"] for one in listed if one["Endpoint"] == address]
    if any(state.startswith("arn:") for state in states):
        return None
    waits = PENDING in states
    return Finding(
        code="alarm_address",
        subject=address,
        severity=Severity.WARNS,
        problem=f"{address} {'has not confirmed its subscription' if waits else 'is not subscribed to the alarms'}",
        consequence="alarms tell nobody",
        remedy="open the link of the mail from AWS Notifications" if waits else deploy,
    )
