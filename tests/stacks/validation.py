"""What cdk-nag finds in an environment, and what of it is acknowledged."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from app import build
from stacks.nag.acknowledgements import acknowledged
from stacks.stack import Target

Finding = tuple[str, str]
"""The path of a construct, and the rule it breaks."""


def validate(context: dict[str, Any], environment: str, folder: Path) -> tuple[dict[str, Any], Target]:
    """The validation report of an environment, and what was validated."""
    app = cdk.App(context={**context, "env": environment}, outdir=str(folder))
    target = build(app, context["environments"]).storage.target
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError as error:
        # A finding ends the synthesis, and stands in the report.
        if "ValidationFailed" not in str(error):
            raise
    return json.loads((folder / "validation-report.json").read_text()), target


def violations(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings that nobody acknowledged; what our own settings are warned of is no finding."""
    found = [violation for plugin in report["pluginReports"] for violation in plugin["violations"]]
    return [violation for violation in found if not violation["ruleName"].startswith("arbiter:")]


def stale(report: dict[str, Any], target: Target) -> list[Finding]:
    """Acknowledgements of which nothing was found on the construct or in the stack they stand on."""
    suppressed = [s for plugin in report["pluginReports"] for s in plugin.get("suppressedViolations", [])]
    found = findings(suppressed)
    return [
        (path, rule)
        for path, rule in ((path, rule.partition("::")[2]) for path, rule, _ in acknowledged(target))
        if not any(construct.startswith(f"{path}/") and rule == broken for construct, broken in found)
    ]


def findings(entries: list[dict[str, Any]]) -> set[Finding]:
    """Each construct with each rule that it breaks."""
    return {
        (construct["constructPath"], entry["ruleName"])
        for entry in entries
        for construct in entry["violatingConstructs"]
    }
