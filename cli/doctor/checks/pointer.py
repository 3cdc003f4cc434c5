"""The pointer to the tuned model against what hosts it."""

from collections.abc import Iterator
from datetime import datetime

from arbiter.aws.hosting import Hosting, up_to_date
from arbiter.tuned_models.hosting.readiness import ANSWERING, Host, HostUnknown
from arbiter.tuned_models.service.pointer import ELSEWHERE, MalformedPointerError, TunedModel
from arbiter.tuned_models.service.promotion import Pointer
from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

FAILING = "fine_tuned and combined fail, or are answered by the base model and say so"


def checks(situation: Situation) -> Iterator[Check]:
    """The model in service, and its host."""
    yield Check("tuned model", lambda: _look(situation))


def _look(situation: Situation) -> Looked:
    pointer, elsewhere = Pointer(), situation.settings.fine_tuning.tuned_model
    if elsewhere:
        in_service: TunedModel | None = TunedModel(elsewhere, elsewhere, ELSEWHERE, ELSEWHERE)
    else:
        name = situation.output("InServiceParameter")
        try:
            pointer = Pointer.parse(situation.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except MalformedPointerError as error:
            return Looked("unreadable", (_malformed(name, str(error)),))
        in_service = pointer.in_service
    if in_service is None:
        return Looked("none is in service")
    try:
        host = Hosting(up_to_date(situation.client("bedrock"))).host(in_service.model)
    except HostUnknown as error:
        # Its own sentence is for who moves the pointer; the refusal behind it says why nobody knows.
        raise (error.__cause__ or error) from None
    base = situation.settings.fine_tuning.base_model
    finding = problem_of(in_service, host, situation.now, base=base, back=pointer.previous, env=situation.environment)
    return Looked(f"run {in_service.run} is in service", (finding,) if finding else ())


def problem_of(
    model: TunedModel, host: Host | None, now: datetime, *, base: str, back: TunedModel | None, env: str
) -> Finding | None:
    """Say how the model in service and what hosts it have drifted apart, if they have.

    Args:
        model: the one that the pointer names.
        host: where it is hosted, if it still is.
        now: the time to judge an expiry by.
        base: the base model that the settings tune.
        back: the previous model, which a rollback returns to.
        env: the environment, for the commands.
    """
    away = _command("rollback" if back else "rollback --to-none", env)
    if unanswered := _unanswered(model, host, now):
        return _finding(model, *unanswered, FAILING, away)
    if host is None or model.base_model == ELSEWHERE:
        return None
    if host.coming not in (None, model.custom_model) or host.status == "Updating":
        problem = f"{model.model} is being given another model, {host.coming or model.custom_model}"
        wait = _command("list", env)
        consequence = "answers come from the old model now, and from the new one in some minutes"
        again = "again, until it is at rest"
        return _finding(model, "pointer_updating", problem, consequence, wait, Severity.WARNS, again)
    if host.serves != model.custom_model:
        problem = f"{model.model} serves {host.serves}, not the model that was promoted, {model.custom_model}"
        consequence = "specialised answers come from a model that nobody put into service"
        return _finding(model, "pointer_serves_another", problem, consequence, away)
    if model.base_model != base:
        problem = f"it was tuned from {model.base_model}, and the settings tune {base}"
        consequence = "modes are compared across two base models: differences are not those of tuning"
        retrain, back_again = f"arbiter train FILE --env {env}", "or set fine_tuning.base_model back"
        return _finding(model, "pointer_other_base", problem, consequence, retrain, Severity.WARNS, back_again)
    return None


def _unanswered(model: TunedModel, host: Host | None, now: datetime) -> tuple[str, str] | None:
    """Code and reason where nothing answers with the model."""
    if host is None:
        return "pointer_gone", f"{model.model} does not exist any more"
    if host.status not in ANSWERING:
        return "pointer_not_ready", f"{model.model} is {host.status}"
    if host.expires_at and host.expires_at <= now and not (host.committed_until and host.committed_until > now):
        return "pointer_expired", f"the time of {model.model} was over at {host.expires_at:%Y-%m-%d %H:%M} UTC"
    return None


def _command(action: str, env: str) -> str:
    return f"arbiter model {action} --env {env}"


def _malformed(name: str, reason: str) -> Finding:
    return Finding(
        code="pointer_malformed",
        subject=name,
        severity=Severity.BLOCKS,
        problem=f"the parameter {name} cannot be read: {reason}",
        consequence=FAILING,
        remedy=f"aws ssm put-parameter --overwrite --name {name} --value none",
        hint="then `arbiter model promote RUN`",
    )


def _finding(
    model: TunedModel,
    code: str,
    problem: str,
    consequence: str,
    remedy: str,
    severity: Severity = Severity.BLOCKS,
    hint: str = "",
) -> Finding:
    return Finding(
        code=code,
        subject=f"run {model.run}",
        severity=severity,
        problem=f"the model in service, run {model.run}: {problem}",
        consequence=consequence,
        remedy=remedy,
        hint=hint,
    )
