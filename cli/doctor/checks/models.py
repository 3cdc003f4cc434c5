"""Each configured model, looked at and asked for one token; and the model that is tuned."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from arbiter.aws.calls import opening
from arbiter.aws.calls.failures import Failure, FailureKind, failure_of
from arbiter.base_models import facts_of
from cli.core.aws_errors import explain
from cli.doctor.checks.access import PROFILE, Sight, is_denial
from cli.doctor.checks.model_findings import diagnose, missing_form
from cli.doctor.findings.finding import Check, Finding, Looked, NotChecked, Severity
from cli.doctor.findings.situation import Situation
from stacks.settings import model_catalogue

NO_FORM = FailureKind.MISSING


def checks(situation: Situation) -> Iterator[Check]:
    """One check a model; the form that Anthropic asks for; the model that is tuned."""
    for model in situation.models:
        yield Check(f"model {model}", partial(_look, situation, model))
    anthropic = [model for model in situation.models if model_catalogue.family(model) == "anthropic"]
    if anthropic:
        yield Check("first-use form", lambda: _form(situation, anthropic[0]))
    if situation.settings.fine_tuning.enabled:
        yield Check("tuning", lambda: _tuning(situation))


def _look(situation: Situation, model: str) -> Looked:
    roles = situation.models[model]
    answered, refusal = _called(situation, model) if situation.calls else (False, None)
    own = model_catalogue.foundation_model(model)
    availability, unknown = _answer_or_reason(
        lambda: situation.client("bedrock").get_foundation_model_availability(modelId=own)
    )
    listed, _ = _answer_or_reason(situation.offered)
    sight = Sight(
        model=model,
        roles=roles,
        environment=situation.environment,
        region=situation.settings.region,
        deploy=situation.deploy_command,
        answered=answered,
        refusal=refusal,
        availability=availability,
        listed=None if listed is None else listed.get(own),
    )
    finding = diagnose(sight)
    if finding and finding.code == PROFILE and (summaries := _answer_or_reason(lambda: _profiles(situation))[0]):
        finding = diagnose(replace(sight, profiles=profiles_of(summaries, own)))
    if finding is None and not answered:
        raise NotChecked(_uncalled(situation, refusal, availability, unknown))
    how = "answers" if answered else "does not answer"
    return Looked(f"{how} ({', '.join(roles)})", (finding,) if finding else ())


def _uncalled(
    situation: Situation, refusal: Failure | None, availability: Mapping[str, Any] | None, unknown: str | None
) -> str:
    """The reason why nobody knows whether a model answers, with what is known."""
    reason = "--no-calls leaves out the call of one token"
    if situation.calls and refusal is not None:
        who = f"{situation.caller} may not call it" if is_denial(refusal) else "it was too busy to answer"
        reason = f"{who}: {refusal.sentence.rstrip('.')}"
    return f"{reason}; its availability is {'as it should be' if availability else f'not known: {unknown}'}"


def _called(situation: Situation, model: str) -> tuple[bool, Failure | None]:
    """Ask for one token; gives whether the model answered, and why not."""
    runtime = situation.client("bedrock-runtime")
    try:
        if (body := opening.body_of(model)) is not None:
            runtime.invoke_model(modelId=model, body=json.dumps(body))
        else:
            messages = [{"role": "user", "content": [{"text": opening.HI}]}]
            runtime.converse(modelId=model, messages=messages, inferenceConfig={"maxTokens": 1})
    except ClientError as error:
        return False, failure_of(error)
    return True, None


def _answer_or_reason(call: Any) -> tuple[Any, str | None]:
    """The answer to a call that is no more than a help, or why there is none."""
    try:
        return call(), None
    except (BotoCoreError, ClientError) as error:
        return None, str(explain(error))


def _form(situation: Situation, model: str) -> Looked:
    try:
        situation.client("bedrock").get_use_case_for_model_access()
    except ClientError as error:
        if failure_of(error).kind is not NO_FORM:
            raise
        finding = missing_form(situation.settings.region, model, situation.models[model])
        return Looked("not submitted", (finding,))
    return Looked("Anthropic's is submitted")


def _tuning(situation: Situation) -> Looked:
    tuning = situation.settings.fine_tuning
    findings = tuple(tuning_problems(situation.offered(), tuning.base_model, tuning.customization_type, tuning.hosting))
    return Looked(f"{tuning.base_model} in {situation.settings.region}, hosted {tuning.hosting}", findings)


def tuning_problems(
    offered: Mapping[str, Mapping[str, Any]], base_model: str, customization_type: str, hosting: str
) -> Iterator[Finding]:
    """Say what of region, base model, customisation and hosting does not go together."""
    entries = [offered[name] for name in (base_model, facts_of(base_model).invocation_id) if name in offered]
    supported = {kind for entry in entries for kind in entry.get("customizationsSupported", ())}
    if not entries:
        yield _tuned(base_model, "base_not_offered", Severity.BLOCKS, "the region does not offer it")
    elif any((entry.get("modelLifecycle") or {}).get("status") == "LEGACY" for entry in entries):
        yield _tuned(base_model, "base_legacy", Severity.BLOCKS, "it is Legacy: Bedrock starts no training of it")
    elif customization_type not in supported:
        # The list was seen to leave out models that can be tuned: docs/assumptions.md.
        ways = ", ".join(sorted(supported)) or "nothing"
        yield _tuned(base_model, "not_customisable", Severity.WARNS, f"the region lists it for {ways}")
    if hosting == "on_demand" and "nova-2-lite" in base_model:
        reason = "AWS's pages disagree on whether a tuned one can be hosted on demand"
        yield _tuned(base_model, "hosting_doubtful", Severity.NOTE, reason)


def _tuned(base_model: str, code: str, severity: Severity, reason: str) -> Finding:
    return Finding(
        code=code,
        subject=base_model,
        severity=severity,
        problem=f"fine_tuning.base_model {base_model}: {reason}",
        consequence="`arbiter train` may fail after its data were prepared, or its model find no host",
        remedy="aws bedrock list-foundation-models --by-customization-type FINE_TUNING",
        hint="name one of these in cdk.json",
    )


def _profiles(situation: Situation) -> list[Mapping[str, Any]]:
    pages = situation.client("bedrock").get_paginator("list_inference_profiles").paginate(typeEquals="SYSTEM_DEFINED")
    return [one for page in pages for one in page["inferenceProfileSummaries"]]


def profiles_of(summaries: Sequence[Mapping[str, Any]], own: str) -> list[str]:
    """The ids of inference profiles that serve a foundation model."""
    suffix = f"/{own}"
    return [
        summary["inferenceProfileId"]
        for summary in summaries
        if any(model["modelArn"].endswith(suffix) for model in summary["models"])
    ]
