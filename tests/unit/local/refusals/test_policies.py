"""Policies are refused where IAM, or the service that keeps them, refuses their grammar."""

from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.refusals import policies

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}


def test_policies_are_written_in_their_grammar() -> None:
    def document(statement: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{**statement, **changes}]}

    owned = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"}
    for check, taken, changes, refusal in (
        (policies.check_identity, STATEMENT, {"Condition": {"StringEqualz": {"aws:x": "y"}}}, "Invalid Condition type"),
        (policies.check_identity, STATEMENT, {"Condition": {"Bool": {"nothing": "y"}}}, "prefaced by a vendor"),
        (policies.check_identity, STATEMENT, {"Action": "InvokeModel"}, "prefaced by a vendor"),
        (policies.check_identity, STATEMENT, {"Effect": "allow"}, "Syntax errors"),
        (policies.check_identity, STATEMENT, {"Resource": "b"}, "must be in ARN format"),
        (policies.check_identity, STATEMENT, {"NotAction": "s3:PutObject"}, "Syntax errors"),
        (policies.check_identity, STATEMENT, {"Condition": {"NumericLessThan": {"s3:max-keys": "ten"}}}, "value ten"),
        (policies.check_identity, STATEMENT, {"Condition": {"IpAddress": {"aws:SourceIp": "300.0.0.1"}}}, "value 300"),
        (policies.check_trust, TRUST, {"Principal": {"Service": "lambda.amazon.com"}}, "Invalid principal"),
        (policies.check_trust, TRUST, {"Principal": {"Services": "lambda.amazonaws.com"}}, "Invalid principal"),
        (policies.check_identity, STATEMENT, {"Principal": "*"}, "should not specify a principal"),
        (policies.check_trust, TRUST, {"Action": ["sts:AssumeRole", "s3:GetObject"]}, "STS AssumeRole actions"),
        (policies.check_trust, TRUST, {"Resource": "*"}, "prohibited field Resource"),
        (lambda one: policies.check_key(one, "123456789012"), {**owned, "Resource": "*"},
         {"Principal": {"Service": "logs.amazonaws.com"}}, "update the key policy in the future"),
        (lambda one: policies.check_resource(one, "s3", "MalformedPolicy", "arn:aws:s3:::b"),
         {**STATEMENT, "Principal": "*"}, {"Resource": "arn:aws:s3:::bb/*"}, "invalid resource"),
        (lambda one: policies.check_resource(one, "s3", "MalformedPolicy"),
         {**STATEMENT, "Principal": "*"}, {"Action": "sqs:SendMessage"}, "invalid action"),
    ):  # fmt: skip
        check(document(taken))
        with pytest.raises(ServiceError, match=refusal):
            check(document(taken, **changes))
        for broken in ({}, {"Version": "2012-10-17", "Statement": []}, {**document(taken), "Version": "2012-10-18"}):
            with pytest.raises(ServiceError):
                check(broken)
