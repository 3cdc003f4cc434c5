"""A deployed function finds secrets and personal data with what its layer brings."""

import json
import shutil
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from local import assembly
from local.launcher import LocalAws
from stacks.constructs.base.packages import DetectorPackages
from tests.local.account import Account

PROBE = """
from arbiter.detection.detector import detect

def handler(event, context):
    return [found.name for found in detect(event["text"])]
"""


def synthesised(root: Path, folder: Path) -> Path:
    """A stack of one function that looks into the text it is sent."""
    source = folder / "source"
    shutil.copytree(root / "lambda", source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "probe.py").write_text(PROBE)
    app = cdk.App(outdir=str(folder / "assembly"))
    stack = cdk.Stack(app, "Probe", env=cdk.Environment(account="000000000000", region="us-east-1"))
    function = lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_asset(str(source)),
        handler="probe.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        timeout=cdk.Duration.seconds(60),
        layers=[DetectorPackages(stack, "Packages").layer],
    )
    cdk.CfnOutput(stack, "FunctionName", value=function.function_name)
    app.synth()
    return folder / "assembly"


def test_a_function_detects_with_its_layer(root: Path, tmp_path: Path, local_aws: LocalAws, account: Account) -> None:
    outputs = assembly.deploy(synthesised(root, tmp_path), local_aws)
    reply = account.client("lambda").invoke(
        FunctionName=outputs["Probe"]["FunctionName"], Payload=json.dumps({"text": "mail jo@acme.org, AKIA" + "Q7" * 8})
    )
    assert json.loads(reply["Payload"].read()) == ["an AWS access key", "an e-mail address"]
