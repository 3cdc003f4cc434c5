"""Fixtures of the tests of tuned models."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.arbiter.tuned_models.prepared import Function, Recording


@pytest.fixture
def function() -> Iterator[Function]:
    client = boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield Function(stubber, Recording(client, "training"))
