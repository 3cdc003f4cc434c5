"""Whatever is sent to the deployed router, directly or over HTTP, it answers with what is wrong, and logs a line."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from cli.local.permissions import denials
from tests.local.account import Account, allow
from tests.local.asking import invoke, post
from tests.local.deployed import Deployed
from tests.local.faults import faults_of
from tests.local.wrong_requests import WRONG

pytestmark = pytest.mark.local

QUESTION = "Which hut lies above the tree line?"
LONG = {"question": "x" * 1_000_000}
TRACES = ("stackTrace", "Traceback", 'File \\"')


def spelt(value: Any) -> str:
    return value if isinstance(value, str) else "wrong"


def check(response: dict[str, Any], *paths: str) -> None:
    """A refusal that a person understands and a program can use."""
    error = response["error"]
    assert set(response) == {"error"}
    assert (error["code"], error["retryable"]) == ("invalid_request", False)
    assert error["request_id"]
    assert [problem["path"] for problem in error["problems"]] == list(paths)
    sentences = [f"{one['path']}: {one['problem']} (allowed: {one['allowed']})" for one in error["problems"]]
    assert error["message"] == f"The request is not valid. {'; '.join(sentences)}."
    assert not [trace for trace in TRACES if trace in json.dumps(response)]


@pytest.mark.parametrize(("wrong", "path"), WRONG, ids=spelt)
def test_a_wrong_field_is_named_to_who_invokes(wrong: dict[str, Any], path: str, deployed: Deployed) -> None:
    check(invoke(deployed, {"question": QUESTION, **wrong}), path)


@pytest.mark.parametrize(("wrong", "path"), WRONG, ids=spelt)
def test_a_wrong_field_is_named_over_http(wrong: dict[str, Any], path: str, deployed: Deployed) -> None:
    status, response = post(deployed, json.dumps({"question": QUESTION, **wrong}).encode())

    assert status == 400
    check(response, path)


@pytest.mark.parametrize("request_", [[], "a question", None, 5, True])
def test_what_is_no_object_is_refused_with_the_fields_there_are(request_: object, deployed: Deployed) -> None:
    response = invoke(deployed, request_)
    check(response, "request")
    fields = response["error"]["problems"][0]["allowed"].removeprefix("an object with the fields ").split(", ")

    tried = {path.replace("[", ".").split(".")[0] for _, path in WRONG}
    assert set(fields) <= tried, "every field there is must be among those that are sent wrong"


def test_every_problem_is_named_at_once(deployed: Deployed) -> None:
    wrong = {"question": "", "mode": "ragg", "limits": {"max_latency_ms": 0}, "retrieval": {"results": 101}, "a": 1}

    paths = [problem["path"] for problem in invoke(deployed, wrong)["error"]["problems"]]
    assert sorted(paths) == ["a", "limits.max_latency_ms", "mode", "question", "retrieval.results"]


def test_a_question_of_a_megabyte_is_refused_without_being_repeated(deployed: Deployed) -> None:
    response = invoke(deployed, LONG)
    check(response, "question")
    assert "has 1,000,000 characters" in response["error"]["message"]

    status, response = post(deployed, json.dumps(LONG).encode())
    assert (status, response["error"]["code"]) == (413, "too_large")
    assert "at most 20,000 characters" in response["error"]["message"]
    assert len(json.dumps(response)) < 1_000


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is empty"),
        (b'{"question": ', "is broken at line 1, column 14"),
        (b'{"question": "a",}', "is broken at line 1"),
        (b'{"question": "a", "question": "b"}', "more than once"),
        (b'{"limits": NaN}', "holds NaN"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
    ids=["empty", "cut", "comma", "twice", "nan", "deep"],
)
def test_a_body_that_is_no_json_is_refused_with_the_place(body: bytes, sentence: str, deployed: Deployed) -> None:
    status, response = post(deployed, body)

    assert status == 400
    check(response, "body")
    assert sentence in response["error"]["message"]


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [("base", 200, None), ("rag", 409, "knowledge_base_empty"), ("fine_tuned", 503, "tuned_model_unavailable")],
)
def test_http_tells_by_its_status_how_it_went(mode: str, status: int, code: str | None, deployed: Deployed) -> None:
    answered, response = post(deployed, json.dumps({"question": QUESTION, "mode": mode}).encode())

    assert (answered, response.get("error", {}).get("code")) == (status, code)


def test_json_that_breaks_its_schema_is_repaired_once_and_else_refused_with_both_flaws(deployed: Deployed) -> None:
    # The stand-in takes the value that its words name, and else the first: one that the bound forbids.
    known = {"sum": {"enum": [0, 42], "exclusiveMinimum": 0}}
    schema = {"type": "object", "properties": known, "required": ["sum"]}
    asked = {"question": "What is 6 x 7?", "mode": "base", "format": {"type": "json", "schema": schema}}
    plain = invoke(deployed, asked)
    with faults_of(deployed.aws) as faults:
        faults.answer("nova", "I do not know.", times=1)
        repaired = invoke(deployed, asked)
    assert json.loads(repaired["answer"]) == json.loads(plain["answer"]) == {"sum": 42}
    assert repaired["usage"]["output_tokens"] > plain["usage"]["output_tokens"]
    assert repaired["cost_usd"] > 2 * plain["cost_usd"], "the first attempt, and a second one that reads it"

    error = invoke(deployed, {**asked, "question": QUESTION})["error"]
    assert (error["code"], error["message"].count("answer.sum is not above 0")) == ("bad_model_output", 2)
    assert denials(deployed.aws.authorizations) == []


def test_a_model_is_shown_the_owners_examples_of_the_deployment(root: Path, deployed: Deployed) -> None:
    pairs = (root / "examples" / "training" / "pairs.jsonl").read_text().splitlines()
    question = json.loads(pairs[3])["question"]
    plain = invoke(deployed, {"question": question, "mode": "base"})
    shown = invoke(deployed, {"question": question, "mode": "base", "prompting": "few_shot"})

    told = shown["prompting"]
    assert (told["technique"], told["examples"] > 0) == ("few_shot", True)
    assert 0 < told["example_tokens"] <= 600
    assert shown["usage"]["input_tokens"] - plain["usage"]["input_tokens"] > 0.5 * told["example_tokens"]
    assert shown["cost_usd"] > plain["cost_usd"]
    assert "prompting" not in plain
    house = invoke(deployed, {"question": question, "mode": "base", "prompting": "house"})["prompting"]
    assert (house["technique"], house["examples"], house["version"] != told["version"]) == ("house", 2, True)
    assert denials(deployed.aws.authorizations) == []


def test_the_url_answers_only_who_signs_and_may(deployed: Deployed) -> None:
    account, body = Account(deployed.aws), json.dumps({"question": QUESTION, "mode": "base"}).encode()
    router = deployed.deployment.output("RouterAliasArn")

    def status_for(role: str) -> int:
        held = account.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
        keys = Credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])
        return post(deployed, body, keys)[0]

    assert post(deployed, body, None)[0] == 403
    assert status_for(account.role()) == 403
    assert status_for(account.role(allow("lambda:InvokeFunctionUrl", "lambda:InvokeFunction", resource=router))) == 200


LOGGED = [
    ({"mode": "base"}, "base", None),
    ({"mode": "fine_tuned", "degrade": True}, "base", None),
    ({}, "base", None),
    ({"mode": "rag"}, "rag", "knowledge_base_empty"),
    ({"mode": "sauna-mode"}, "none", "invalid_request"),
]


def test_each_request_leaves_one_line_with_its_metrics_and_without_its_text(deployed: Deployed) -> None:
    secret = "Where does the ptarmigan of Corrie Fee sleep in January"
    answers = [invoke(deployed, {"question": secret, **request}) for request, _, _ in LOGGED]
    group = deployed.deployment.output("RouterLogGroup")
    pages = deployed.deployment.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    lines = [json.loads(message) for message in messages if message.startswith("{")]

    for answer, (_, mode, code) in zip(answers, LOGGED, strict=True):
        [line] = [line for line in lines if line.get("request_id") == answer.get("error", answer)["request_id"]]
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("Arbiter", [["Environment", "Mode"]])
        assert (line["Environment"], line["Mode"], line.get("error")) == ("local", mode, code)
        names = {metric["Name"] for metric in directive["Metrics"]}
        assert {"Requests", "Errors", "Degraded", "Latency"} <= names
        assert all(isinstance(line[name], int | float) for name in names)
        assert (line["Requests"], line["Errors"]) == (1, int(code is not None))
    assert not [message for message in messages if "ptarmigan" in message or "sauna-mode" in message]


def test_a_payload_that_is_no_json_is_refused_before_the_function_runs(deployed: Deployed) -> None:
    client = deployed.deployment.client("lambda")
    with pytest.raises(client.exceptions.InvalidRequestContentException, match="Could not parse request body"):
        client.invoke(FunctionName=deployed.deployment.output("RouterAliasArn"), Payload=b"{broken")
