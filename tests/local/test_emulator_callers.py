"""REST APIs that IAM admits: a signature for another service, and no right, are refused in the form of the API."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local.account import Account, allow, new_name

pytestmark = pytest.mark.local

SHAPE = (
    '{"error":{"message":$context.error.messageString,"type":"invalid_request_error","param":null,'
    '"code":"$context.error.responseType","request_id":"$context.requestId"}}'
)
"""That of stacks/constructs/edge/refusals.py."""


class Api(NamedTuple):
    """A REST API with one method: its id, and the address of the method."""

    identifier: str
    url: str


@pytest.fixture
def api(account: Account) -> Iterator[Api]:
    control = account.client("apigateway")
    made = control.create_rest_api(name=new_name("api"))["id"]
    (root,) = control.get_resources(restApiId=made)["items"]
    resource = control.create_resource(restApiId=made, parentId=root["id"], pathPart="ask")["id"]
    method: dict[str, Any] = {"restApiId": made, "resourceId": resource, "httpMethod": "POST"}
    control.put_method(**method, authorizationType="AWS_IAM")
    control.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    control.put_method_response(**method, statusCode="200")
    control.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": '{"ok": 1}'})
    shaped = {"responseType": "DEFAULT_4XX", "responseTemplates": {"application/json": SHAPE}}
    control.put_gateway_response(restApiId=made, **shaped)
    control.create_deployment(restApiId=made, stageName="live")
    yield Api(made, f"{account.aws.endpoint}/_aws/execute-api/{made}/live/ask")
    control.delete_rest_api(restApiId=made)


def posted(
    account: Account, url: str, *statements: dict[str, Any], service: str = "execute-api", kind: Any = SigV4Auth
) -> tuple[int, Any]:
    """Status and body of a request that a role with these permissions signs."""
    role = account.role(*statements)
    held = account.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
    credentials = Credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])
    signed = AWSRequest("POST", url, headers={"content-type": "application/json"})
    kind(credentials, service, account.aws.region).add_auth(signed)
    request = Request(signed.url, headers=dict(signed.headers), method="POST")
    try:
        with urlopen(request, timeout=30) as answered:
            return answered.status, json.loads(answered.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


INVOKE = allow("execute-api:Invoke")


@pytest.mark.parametrize("kind", [SigV4Auth, SigV4QueryAuth])
def test_a_signature_for_the_api_of_a_caller_with_the_right_is_admitted(account: Account, api: Api, kind: Any) -> None:
    assert posted(account, api.url, INVOKE, kind=kind) == (200, {"ok": 1})


@pytest.mark.parametrize("service", ["lambda", "apigateway", "bedrock"])
@pytest.mark.parametrize("kind", [SigV4Auth, SigV4QueryAuth])
def test_a_signature_made_for_another_service_is_refused(account: Account, api: Api, service: str, kind: Any) -> None:
    status, body = posted(account, api.url, INVOKE, service=service, kind=kind)
    error = body["error"]

    assert (status, error["code"], error["type"]) == (403, "INVALID_SIGNATURE", "invalid_request_error")
    assert error["message"] == "Credential should be scoped to correct service: 'execute-api'. "


def test_a_caller_without_the_right_is_refused_in_the_apis_own_form(account: Account, api: Api) -> None:
    status, body = posted(account, api.url, allow("s3:ListAllMyBuckets"))
    error = body["error"]

    assert (status, error["code"], error["type"]) == (403, "ACCESS_DENIED", "invalid_request_error")
    assert "is not authorized to perform: execute-api:Invoke" in error["message"]
    assert error["request_id"]


def test_slashes_before_a_path_lead_to_it(account: Account, api: Api) -> None:
    assert posted(account, api.url.replace("/live/", "/live//"), INVOKE) == (200, {"ok": 1})
