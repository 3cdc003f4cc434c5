"""The API is deployed as its OpenAPI document says, and open to nobody without a key."""

from arbiter.edge.openapi import document, outline
from stacks.parsing import parse
from tests.stacks.permissions import permissions
from tests.stacks.refusal import refusal
from tests.stacks.resolved import Deployment


def routes(deployment: Deployment) -> dict[tuple[str, str], dict[str, object]]:
    """Method and path of every method of the API, with its properties."""
    parents = {r.ref: r.properties for r in deployment.resources("AWS::ApiGateway::Resource")}

    def path(ref: str) -> str:
        return path(parents[ref]["ParentId"]) + "/" + parents[ref]["PathPart"] if ref in parents else ""

    methods = [method.properties for method in deployment.resources("AWS::ApiGateway::Method")]
    return {(method["HttpMethod"].lower(), path(method["ResourceId"])): method for method in methods}


def test_what_is_deployed_is_what_is_documented(everything: Deployment) -> None:
    models = {r.ref: r.properties["Schema"] for r in everything.resources("AWS::ApiGateway::Model")}
    deployed, documented = routes(everything), document()["paths"]

    assert deployed.keys() == {(verb, path) for path, verbs in documented.items() for verb in verbs}
    for (verb, path), method in deployed.items():
        body = documented[path][verb].get("requestBody")
        named = method.get("RequestModels")
        assert (named is None) == (body is None), path
        if body is not None and isinstance(named, dict):
            schema = body["content"]["application/json"]["schema"]
            assert models[named["application/json"]] == outline(schema), path


def test_no_call_reaches_the_function_without_the_header_of_a_key(everything: Deployment) -> None:
    (validator,) = everything.resources("AWS::ApiGateway::RequestValidator")
    assert validator.properties["ValidateRequestParameters"] is validator.properties["ValidateRequestBody"] is True
    for method in routes(everything).values():
        assert method["RequestParameters"] == {"method.request.header.Authorization": True}
        assert method["RequestValidatorId"] == validator.ref


def test_refusals_of_the_gate_have_the_status_that_clients_expect(everything: Deployment) -> None:
    statuses = {r.properties["ResponseType"]: r.properties.get("StatusCode")
                for r in everything.resources("AWS::ApiGateway::GatewayResponse")}  # fmt: skip
    assert statuses == {"DEFAULT_4XX": None, "DEFAULT_5XX": None, "THROTTLED": "429", "BAD_REQUEST_BODY": None,
                        "BAD_REQUEST_PARAMETERS": "401", "MISSING_AUTHENTICATION_TOKEN": "404"}  # fmt: skip


def test_the_front_may_do_what_the_router_may_and_look_after_keys(everything: Deployment) -> None:
    of = {role: {(p.action, p.resource, p.condition) for p in permissions(everything) if p.role == role}
          for role in ("Edge.FrontRole", "Inference.RouterRole")}  # fmt: skip
    own = {(action, resource) for action, resource, _ in of["Edge.FrontRole"] - of["Inference.RouterRole"]
           if not action.startswith("logs:")}  # fmt: skip

    assert {action for action, _ in own} == {
        "dynamodb:GetItem", "dynamodb:UpdateItem",
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
    }  # fmt: skip
    assert {action for action, _, _ in of["Inference.RouterRole"] - of["Edge.FrontRole"]} <= {
        "logs:CreateLogStream", "logs:PutLogEvents",
    }  # fmt: skip


def test_without_an_api_nothing_of_it_is_deployed(dev: Deployment) -> None:
    assert "Edge" not in dev.templates
    assert not [r.name for r in dev.resources("AWS::DynamoDB::Table", "AWS::ApiGateway::RestApi")]


def test_settings_of_an_api_that_nobody_asked_for_are_refused() -> None:
    assert 'edge.auth: does nothing without an API; set edge.serve to "api"' in refusal({"edge": {"auth": "iam"}})
    assert parse("dev", {"edge": {"auth": "iam", "serve": "none"}}).edge.auth == "iam"
