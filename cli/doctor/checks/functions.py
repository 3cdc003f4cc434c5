"""The deployed functions: the boto3 that they run on, and whether the caller may use the router's URL."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

from arbiter.aws.hosting import SINCE
from cli.doctor.findings.finding import Check, Finding, Looked, NotChecked, Severity
from cli.doctor.findings.situation import Situation

LOGGED_WITHIN = timedelta(days=14)
LINE = "function initialised"
"""Logged by every function at a cold start, with its botocore: `arbiter.handlers`."""
URL_ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
_ASSUMED = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


def checks(situation: Situation) -> Iterator[Check]:
    """The runtime's boto3, as the router last logged it; the caller's right to use the function URL."""
    yield Check("runtime", lambda: _runtime(situation))
    yield Check("function URL", lambda: _url(situation))


def _runtime(situation: Situation) -> Looked:
    pages = (
        situation.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=situation.output("RouterLogGroup"),
            startTime=int((situation.now - LOGGED_WITHIN).timestamp() * 1000),
            filterPattern=f'"{LINE}"',
        )
    )
    lines = [(event["timestamp"], event["message"]) for page in pages for event in page["events"]]
    versions = [(when, version) for when, line in lines if (version := _version(line))]
    if not versions:
        ask = f'arbiter ask "Hello?" --mode base --env {situation.environment}'
        raise NotChecked(f"the router has not started within {LOGGED_WITHIN.days} days; start it: {ask}")
    newest = max(versions)[1]
    return Looked(f"botocore {newest}", tuple(outdated(newest)))


def _version(line: str) -> str | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return str(entry["botocore"]) if isinstance(entry, dict) and LINE in line and "botocore" in entry else None


def outdated(version: str) -> Iterator[Finding]:
    """Say that the runtime's botocore does not know all that the functions call; it is numbered as boto3 is."""
    if _numbers(version) < _numbers(SINCE):
        yield Finding(
            code="runtime_outdated",
            subject="functions",
            severity=Severity.BLOCKS,
            problem=f"the functions run on botocore {version}; {SINCE} or newer knows custom model deployments",
            consequence="training, promotion and retirement fail",
            remedy="aws lambda put-runtime-management-config --update-runtime-on Auto --function-name FUNCTION",
            hint="for each function; or add a layer with boto3: docs/decisions/0006-runtime-boto3.md",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _url(situation: Situation) -> Looked:
    alias = situation.output("RouterAliasArn")
    if situation.caller.endswith(":root"):
        return Looked("the account's root may use it")
    source = _principal(situation)
    simulated = situation.client("iam").simulate_principal_policy(
        PolicySourceArn=source,
        ActionNames=list(URL_ACTIONS),
        ResourceArns=[alias],
        ContextEntries=[
            _context("lambda:FunctionUrlAuthType", "string", "AWS_IAM"),
            _context("lambda:InvokedViaFunctionUrl", "boolean", "true"),
        ],
    )
    denied = [one["EvalActionName"] for one in simulated["EvaluationResults"] if one["EvalDecision"] != "allowed"]
    return Looked("not allowed" if denied else "allowed", tuple(forbidden(denied, source, alias)))


def _context(name: str, kind: str, value: str) -> dict[str, object]:
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": [value]}


def _principal(situation: Situation) -> str:
    """The ARN whose policies are simulated: a session has none, and its ARN leaves out the path of its role."""
    session = _ASSUMED.match(situation.caller)
    if session is None:
        return situation.caller
    return str(situation.client("iam").get_role(RoleName=session["role"])["Role"]["Arn"])


def forbidden(denied: list[str], principal: str, alias: str) -> Iterator[Finding]:
    """Say which of the two actions of a function URL the caller's policies do not allow."""
    if not denied:
        return
    kind, _, name = principal.rsplit(":", 1)[-1].partition("/")
    name = name.rsplit("/", 1)[-1]
    statement = {"Effect": "Allow", "Action": list(URL_ACTIONS), "Resource": alias}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    yield Finding(
        code="function_url",
        subject=principal,
        severity=Severity.NOTE,
        problem=f"{principal} may not {' and '.join(denied)} the router",
        consequence="its requests to the function URL get 403; `arbiter ask` needs the second action alone",
        remedy=f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name ask-arbiter --policy-document '{policy}'",
    )
