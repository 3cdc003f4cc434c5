"""An examination: every check of a situation at once, and everything that was found, each cause told once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.core.aws_errors import explain
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.output import as_cli_error
from cli.core.progress import Progress, silent
from cli.doctor.checks import (
    account,
    functions,
    ingestion,
    knowledge_base,
    models,
    operations,
    pointer,
    quotas,
    settings,
    stacks,
    tools,
)
from cli.doctor.checks.edge import guardrail, issuer
from cli.doctor.findings.finding import Check, Checked, Finding, Looked, NotChecked, Severity
from cli.doctor.findings.situation import PATIENCE, Situation
from cli.doctor.settling import settled
from local.launcher import LocalAws
from stacks.settings.environment import LOCAL, Settings
from stacks.settings.prices import PriceBook

AT_ONCE = 8
SEVEREST_FIRST = tuple(Severity)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The checks of one environment, and what they found."""

    environment: str
    account: str | None
    region: str | None
    checks: tuple[Checked, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, the severest first."""
        findings = chain.from_iterable(check.findings for check in self.checks)
        return tuple(sorted(findings, key=lambda finding: SEVEREST_FIRST.index(finding.severity)))

    @property
    def blocked(self) -> bool:
        return any(finding.severity is Severity.BLOCKS for finding in self.findings)

    def dump(self) -> dict[str, Any]:
        not_checked = [{"check": one.name, "because": one.not_checked} for one in self.checks if one.not_checked]
        return {
            "environment": self.environment,
            "account": self.account,
            "region": self.region,
            "blocked": self.blocked,
            "findings": [asdict(finding) for finding in self.findings],
            "not_checked": not_checked,
            "checks": [{"check": one.name, "seen": one.seen} for one in self.checks if not one.not_checked],
        }


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Examines the deployment of one environment, or what it would be deployed to."""

    root: Path
    deployment: Deployment
    now: datetime
    calls: bool = True
    progress: Progress = silent

    def examine(self) -> Diagnosis:
        """Make every check that can be made."""
        environment, context = self.deployment.environment, settings.read(self.root)
        parsed, read = settings.settings_of(context, environment)
        first = [_made(tools.check(self.root)), Checked("settings", *read)]
        if parsed is None:
            skipped = [Checked("account", not_checked="the settings cannot be read; mend them first")]
            return self._diagnosis(None, None, [*first, *skipped])
        prices, aged = settings.prices_of(
            context, self.now.date(), parsed.region, deploy=self.deployment.deploy_command
        )
        first.append(Checked("prices", *aged))
        if prices is None:
            return self._diagnosis(None, parsed.region, first)
        qualifier = context.get("@aws-cdk/core:bootstrapQualifier", account.QUALIFIER)
        return self._in_account(parsed, prices, qualifier, first)

    def _in_account(self, parsed: Settings, prices: PriceBook, qualifier: str, first: list[Checked]) -> Diagnosis:
        identity, caller, account_id = self._identity(parsed)
        if caller is None or identity.findings:
            skipped = Checked("account", not_checked="it cannot be looked into with these credentials")
            return self._diagnosis(account_id, parsed.region, [*first, identity, skipped])
        region = account.another_region(self.deployment.environment, parsed.region, self.deployment.region)
        first += [identity, Checked("region", parsed.region, (region,) if region else ())]
        situation = Situation(
            deployment=self.deployment.in_region(parsed.region),
            settings=parsed,
            prices=prices,
            account=str(account_id),
            caller=caller,
            now=self.now,
            calls=self.calls,
        )
        made = self._together(_checks(situation, qualifier), len(first))
        return self._diagnosis(account_id, parsed.region, settled([*first, *made], situation))

    def _identity(self, parsed: Settings) -> tuple[Checked, str | None, str | None]:
        """The caller and its account, checked against the environment's."""
        environment = self.deployment.environment
        try:
            who = self.deployment.in_region(parsed.region).client("sts", **PATIENCE).get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            failure = explain(error) or CliError(str(error))
            seen = "none" if failure.code == "no_credentials" else "not accepted, or AWS was not reached"
            return Checked("credentials", seen, (account.no_access(failure),)), None, None
        wanted = parsed.account or (LocalAws.account if environment == LOCAL else who["Account"])
        finding = account.another_account(environment, wanted, who["Account"], who["Arn"])
        return Checked("credentials", who["Arn"], (finding,) if finding else ()), who["Arn"], who["Account"]

    def _together(self, checks: Sequence[Check], done: int) -> list[Checked]:
        """Make all checks at once; in the order in which they are listed."""
        total = done + len(checks)
        self.progress("Checking", done, total)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(_made, check) for check in checks]
            for count, _ in enumerate(as_completed(running), start=done + 1):
                self.progress("Checking", count, total)
            return [one.result() for one in running]

    def _diagnosis(self, account_id: str | None, region: str | None, checks: Sequence[Checked]) -> Diagnosis:
        environment = self.deployment.environment
        return Diagnosis(environment=environment, account=account_id, region=region, checks=tuple(checks))


def _checks(situation: Situation, qualifier: str) -> list[Check]:
    """The checks of an account, and of what is deployed there if anything is."""
    before: list[Iterator[Check]] = [
        account.checks(situation, qualifier),
        models.checks(situation),
        quotas.checks(situation),
        stacks.checks(situation),
        knowledge_base.checks(situation),
        issuer.checks(situation),
    ]
    looks = (pointer.checks, ingestion.checks, operations.checks, functions.checks, guardrail.checks)
    after = [look(situation) for look in looks]
    return [*chain(*before), *(_if_deployed(situation, check) for check in chain(*after))]


def _if_deployed(situation: Situation, check: Check) -> Check:
    def look() -> Looked:
        if not situation.stacks():
            return Looked("nothing is deployed yet")
        return check.look()

    return Check(check.name, look)


def _made(check: Check) -> Checked:
    try:
        return Checked(check.name, *check.look())
    except NotChecked as error:
        return Checked(check.name, not_checked=str(error))
    except Exception as error:  # one check that fails must not hide what the others found
        return Checked(check.name, not_checked=str(as_cli_error(error)))
