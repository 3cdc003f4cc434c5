"""The account: who asks, where, and whether the CDK may deploy there."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from cli.core.errors import CliError
from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

QUALIFIER = "hnb659fds"
"""The CDK's own, unless `cdk.json` names another."""
OLDEST_BOOTSTRAP = 6
"""`requiresBootstrapStackVersion` of every stack that aws-cdk-lib 2.275 synthesises."""
UNREACHED = "nothing can be deployed, asked or checked in an account"


def no_access(error: CliError) -> Finding:
    """The account cannot be reached with these credentials, or over this network."""
    problem, _, remedy = str(error).partition(". ")
    return Finding(
        code=error.code,
        subject="credentials",
        severity=Severity.BLOCKS,
        problem=problem,
        consequence=UNREACHED,
        remedy=remedy.rstrip(".") or "aws sts get-caller-identity",
    )


def another_account(environment: str, wanted: str, actual: str, caller: str) -> Finding | None:
    """The credentials are of another account than the environment's."""
    if actual == wanted:
        return None
    return Finding(
        code="another_account",
        subject="credentials",
        severity=Severity.BLOCKS,
        problem=f"the credentials ({caller}) are of the account {actual}; the environment {environment} is in {wanted}",
        consequence="a deploy would fail, or be made in an account that it was not meant for; nothing else was checked",
        remedy=f"export AWS_PROFILE=<a profile of {wanted}>",
        hint="`aws sts get-caller-identity` says whose it is",
    )


def another_region(environment: str, wanted: str, actual: str | None) -> Finding | None:
    """The commands look in another region than the one deployed to."""
    if actual in (wanted, None):
        return None
    return Finding(
        code="another_region",
        subject="region",
        severity=Severity.WARNS,
        problem=f"the credentials' region is {actual}; the environment {environment} is deployed to {wanted}",
        consequence="`arbiter` looks for the deployment in the wrong region and finds none",
        remedy=f"export AWS_REGION={wanted}",
    )


def checks(situation: Situation, qualifier: str) -> Iterator[Check]:
    """The bootstrap stack of the account and region."""
    yield Check("bootstrap", lambda: _bootstrap(situation, qualifier))


def _bootstrap(situation: Situation, qualifier: str) -> Looked:
    try:
        read = situation.client("ssm").get_parameter(Name=f"/cdk-bootstrap/{qualifier}/version")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        version = None
    else:
        version = int(read["Parameter"]["Value"])
    finding = too_old(version, situation.account, situation.settings.region) or _without_bucket(situation, qualifier)
    return Looked("none" if version is None else f"version {version}", (finding,) if finding else ())


def _without_bucket(situation: Situation, qualifier: str) -> Finding | None:
    """The bucket of the bootstrap was deleted by hand: bootstrapping again finds no changes, or fails in an update."""
    where = f"{situation.account}/{situation.settings.region}"
    bucket = f"cdk-{qualifier}-assets-{where.replace('/', '-')}"
    try:
        situation.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            return Finding(
                code="bootstrap_bucket",
                subject=where,
                severity=Severity.BLOCKS,
                problem=f"the CDK's bucket {bucket} is gone, although its bootstrap stack is there",
                consequence="`cdk deploy` fails as soon as it uploads code, and `cdk bootstrap` makes no new bucket",
                remedy=f"aws cloudformation delete-stack --stack-name CDKToolkit --region {situation.settings.region}",
                hint=f"when it is deleted, `npx cdk bootstrap aws://{where}`",
            )
        # Whoever may not look may deploy all the same: the bootstrap's own role uploads.
    return None


def too_old(version: int | None, account: str, region: str) -> Finding | None:
    """The CDK's own stack is missing, or older than the templates ask for."""
    if version is not None and version >= OLDEST_BOOTSTRAP:
        return None
    state = "is not bootstrapped" if version is None else f"has bootstrap version {version}"
    return Finding(
        code="bootstrap",
        subject=f"{account}/{region}",
        severity=Severity.BLOCKS,
        problem=f"the account {account} {state} for the CDK in {region}; version {OLDEST_BOOTSTRAP} or newer is needed",
        consequence="`cdk deploy` fails at its first stack",
        remedy=f"npx cdk bootstrap aws://{account}/{region}",
    )
