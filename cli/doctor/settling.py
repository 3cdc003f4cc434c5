"""The findings of all checks settled: each cause told once, by the check that knows it best."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from arbiter.base_models import facts_of
from cli.doctor.checks.access import DAY, FORM, LEGACY
from cli.doctor.checks.model_findings import used_up
from cli.doctor.findings.finding import Checked, Finding
from cli.doctor.findings.situation import Situation


def settled(checks: Sequence[Checked], situation: Situation) -> list[Checked]:
    """The checks, with each cause told once: by the check that knows it best."""
    causes = {(finding.code, finding.subject) for check in checks for finding in check.findings}
    seen: set[tuple[str, str]] = set()

    def kept(finding: Finding) -> bool:
        key = (finding.code, finding.subject)
        if key in seen or _explained_elsewhere(finding, causes, situation):
            return False
        seen.add(key)
        return True

    return _joined([replace(check, findings=tuple(filter(kept, check.findings))) for check in checks])


def _joined(checks: list[Checked]) -> list[Checked]:
    """The checks, with one finding for all models that have no tokens left today: the account may have one quota."""
    days = [finding for check in checks for finding in check.findings if finding.code == DAY]
    if len(days) < 2:
        return checks
    models = ", ".join(finding.subject for finding in days)
    consequences = dict.fromkeys(part for finding in days for part in finding.consequence.split("; "))
    joined = replace(days[0], subject=models, problem=used_up(models), consequence="; ".join(consequences))

    def merged(finding: Finding) -> list[Finding]:
        if finding.code != DAY:
            return [finding]
        return [joined] if finding is days[0] else []

    return [replace(one, findings=tuple(chain.from_iterable(map(merged, one.findings)))) for one in checks]


def _explained_elsewhere(finding: Finding, causes: set[tuple[str, str]], situation: Situation) -> bool:
    rules: dict[str, Callable[[], bool]] = {
        # What AWS says of a model is newer than the catalogue that the warning of the settings rests on.
        "settings_warned": lambda: any(finding.subject in roles for roles in situation.models.values()),
        "base_legacy": lambda: any((LEGACY, name) in causes for name in _names(finding.subject, situation)),
        "not_authorized": lambda: (FORM, "anthropic") in causes and "anthropic." in finding.subject,
        # Without an action nobody needs an address: the deployment is older than the settings.
        "alarm_address": lambda: ("alarm_without_action", "alarms") in causes,
        DAY: lambda: ("quota_zero", finding.subject) in causes,
    }
    return finding.code in rules and rules[finding.code]()


def _names(base_model: str, situation: Situation) -> list[str]:
    """The ids under which the model that is tuned is called."""
    own = facts_of(base_model).invocation_id
    return [model for model in situation.models if model.endswith(own)]
