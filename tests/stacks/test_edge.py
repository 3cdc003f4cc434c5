"""The API is deployed as its OpenAPI document says, and open to nobody without a key."""

import json

from arbiter.edge.budgets import Budget
from arbiter.edge.callers import MOST_CONDITIONS
from arbiter.edge.gateway import tool
from arbiter.edge.openapi import document, outline
from arbiter.edge.routes import ROUTES
from arbiter.edge.tokens.callers import Admission
from stacks.parsing import parse
from tests.stacks.permissions import permissions, statements
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


def test_refusals_of_the_gate_have_the_status_and_the_fields_that_clients_expect(everything: Deployment) -> None:
    shaped = [r.properties for r in everything.resources("AWS::ApiGateway::GatewayResponse")]
    statuses = {one["ResponseType"]: one.get("StatusCode") for one in shaped}
    bodies = [one["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '""')
              for one in shaped]  # fmt: skip
    documented = document()["components"]["schemas"].values()
    fields = {name for schema in documented for name in schema["properties"]["error"]["required"]}
    assert [fields - json.loads(body)["error"].keys() for body in bodies] == [set()] * len(bodies)
    assert statuses == {"DEFAULT_4XX": None, "DEFAULT_5XX": None, "THROTTLED": "429", "BAD_REQUEST_BODY": None,
                        "BAD_REQUEST_PARAMETERS": "401", "MISSING_AUTHENTICATION_TOKEN": "404"}  # fmt: skip


def granted(deployment: Deployment, role: str) -> set[tuple[str, str, str]]:
    """Action, resource and condition of what a role may do, beside writing its log."""
    found = {(p.action, p.resource, p.condition) for p in permissions(deployment) if p.role == role}
    return {one for one in found if not one[0].startswith("logs:")}


def test_who_answers_may_do_what_the_router_may_hear_the_models_and_spend(everything: Deployment) -> None:
    router, stream = (granted(everything, role) for role in ("Inference.RouterRole", "Edge.StreamingStreamRole"))
    invoked = {(resource, condition) for action, resource, condition in router
               if action == "bedrock:InvokeModel" and "rerank" not in resource}  # fmt: skip
    heard = {(resource, condition) for action, resource, condition in stream
             if action == "bedrock:InvokeModelWithResponseStream"}  # fmt: skip

    assert {action for action, _, _ in stream - router} == {
        "bedrock:InvokeModelWithResponseStream", "dynamodb:GetItem", "dynamodb:UpdateItem",
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
    }  # fmt: skip
    assert heard == invoked
    # It keeps nothing of what is rated: that goes another way.
    assert {(action, resource.endswith("/feedback/*")) for action, resource, _ in router - stream} <= {
        ("s3:PutObject", True), ("kms:GenerateDataKey", False), ("kms:Decrypt", False), ("kms:Encrypt", False),
    }  # fmt: skip


def test_beside_who_streams_the_front_looks_keys_up_and_keeps_feedback_and_asks_nothing(
    everything: Deployment,
) -> None:
    modes = {
        path: method["Integration"].get("ResponseTransferMode") for (_, path), method in routes(everything).items()
    }
    assert {path for path, mode in modes.items() if mode == "STREAM"} == {
        path for (_, path), route in ROUTES.items() if route.format
    }
    assert {action for action, _, _ in granted(everything, "Edge.FrontRole")} == {
        "dynamodb:GetItem", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "s3:PutObject",
        "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    }  # fmt: skip


def test_the_api_is_at_its_stage_open_to_addresses_and_its_keys_are_found_by_their_id(everything: Deployment) -> None:
    assert everything.one("AWS::ApiGateway::Stage").properties["StageName"] == "live"
    assert everything.one("AWS::WAFv2::WebACL").properties["DefaultAction"] == {"Allow": {}}
    keys = everything.one("AWS::DynamoDB::Table").properties["KeySchema"]
    assert keys == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_without_an_api_nothing_of_it_is_deployed(dev: Deployment) -> None:
    assert "Edge" not in dev.templates
    assert not [r.name for r in dev.resources("AWS::DynamoDB::Table", "AWS::ApiGateway::RestApi")]


def test_settings_of_an_api_that_nobody_asked_for_are_refused() -> None:
    assert 'edge.auth: does nothing without an API; set edge.serve to "api"' in refusal({"edge": {"auth": "iam"}})
    assert parse("dev", {"edge": {"auth": "iam", "serve": "none"}}).edge.auth == "iam"
    assert parse("dev", {"edge": "none"}) == parse("dev", {})


ISSUER = {"issuer": "https://login.example.com/t", "audience": ["arbiter"]}


def test_tokens_need_an_issuer_by_https_and_an_issuer_tokens() -> None:
    def edge(**given: object) -> dict[str, object]:
        return {"edge": {"serve": "api", "auth": "jwt", **given}}

    assert 'edge.auth: "jwt" lets nobody in without edge.jwt' in refusal(edge())
    assert 'does nothing with edge.auth "iam"; set that to "jwt"' in refusal(edge(auth="iam", jwt=ISSUER))
    for issuer in ("http://login.example.com", "https://a b", "https://x.y/?z", "https://u@x.y", "https://x.y#z", ""):
        assert "edge.jwt.issuer: " in refusal(edge(jwt={**ISSUER, "issuer": issuer}))
    assert "edge.jwt.audience: [] is not allowed; allowed: 1 to 10" in refusal(edge(jwt={**ISSUER, "audience": []}))
    many = {f"claim{n}": "key" for n in range(MOST_CONDITIONS + 1)}
    assert f"allowed: at most {MOST_CONDITIONS}: a claim" in refusal(edge(jwt={**ISSUER, "filters": many}))
    twice = {"department": "team", "project": "team", "level": "level"}
    assert "several claims are bound to team;" in refusal(edge(jwt={**ISSUER, "filters": twice}))
    assert parse("dev", edge(jwt={**ISSUER, "filters": {"team": "team"}})).edge.counted is False


def test_the_function_takes_its_tokens_as_the_settings_name_them() -> None:
    given = {**ISSUER, "filters": {"department": "team"}, "modes": ["rag"], "budget_usd": 5.0}
    settings = parse("dev", {"edge": {"serve": "api", "auth": "jwt", "jwt": given}}).edge.jwt
    assert settings is not None
    assert Admission.of(settings.for_function) == Admission(
        ("arbiter",), {"department": "team"}, frozenset({"rag"}), Budget(usd=5.0)
    )


def test_a_gateway_may_call_the_live_router_and_nothing_else(everything: Deployment) -> None:
    target = everything.one("AWS::BedrockAgentCore::GatewayTarget").properties
    gateway = everything.one("AWS::BedrockAgentCore::Gateway").properties
    alias = next(r.ref for r in everything.resources("AWS::Lambda::Alias") if "Live" in r.ref)
    granted = {(p.action, p.resource) for p in permissions(everything) if p.role == "Inference.AgentsRole"}

    assert gateway["AuthorizerType"] == "AWS_IAM"
    assert target["CredentialProviderConfigurations"] == [{"CredentialProviderType": "GATEWAY_IAM_ROLE"}]
    assert granted == {("lambda:InvokeFunction", alias)}
    (offered,) = target["TargetConfiguration"]["Mcp"]["Lambda"]["ToolSchema"]["InlinePayload"]
    assert offered["InputSchema"]["Properties"].keys() == tool(tuned=True)["inputSchema"]["properties"].keys()
    assert target["TargetConfiguration"]["Mcp"]["Lambda"]["LambdaArn"] == alias
    (trusted,) = statements(everything.one("AWS::IAM::Role", "AgentsRole").properties["AssumeRolePolicyDocument"])
    assert trusted["Principal"] == {"Service": "bedrock-agentcore.amazonaws.com"}
    assert set(trusted["Condition"]) == {"StringEquals", "ArnLike"}
    assert trusted["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":gateway/arbiter-everything-??????????")


def test_tokens_are_let_in_as_the_settings_say(managed: Deployment) -> None:
    variables = managed.one("AWS::Lambda::Function", "Edge.Front").properties["Environment"]["Variables"]
    told = json.loads(variables["ARBITER_TOKENS"])
    assert told == {
        "issuer": "https://login.example.com/t",
        "audiences": ["arbiter"],
        "filters": {"team": "department"},
        "budget_usd": 5.0,
    }
