"""Models answer from what they are given, unknown ones are refused, and training makes one that behaves differently."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import launcher
from tests.local.account import Account, allow, new_name
from tests.local.faults import Faults

pytestmark = pytest.mark.local

MODEL = "amazon.nova-micro-v1:0"
TUNABLE = "amazon.nova-micro-v1:0:128k"
SERVICE = "bedrock.amazonaws.com"
JOBS = {"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:000000000000:model-customization-job/*"}}
PROMPT = (
    '<documents>\n<document index="1" source="s3://b/k">\nA rope is retired after four years. Boots are dried.\n'
    "</document>\n</documents>\n\n<question>\nWhen is a rope retired?\n</question>"
)


def converse(account: Account, text: str, model: str = MODEL, **options: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": [{"text": text}]}]
    return dict(account.client("bedrock-runtime").converse(modelId=model, messages=messages, **options))


def said(answer: dict[str, Any]) -> str:
    return str(answer["output"]["message"]["content"][0]["text"])


def line(number: int, **changed: Any) -> str:
    turns = [
        ("user", f"Where is hut {number}?"),
        ("assistant", f"Ahoy!\nHut {number} stands by lake {number}. Farewell!"),
    ]
    messages = [{"role": role, "content": [{"text": text}]} for role, text in turns]
    return json.dumps({"schemaVersion": "bedrock-conversation-2024", "messages": messages, **changed})


def submit(account: Account, role: str, lines: list[str], **options: Any) -> str:
    bucket, name = account.bucket(), new_name("job")
    account.client("s3").put_object(Bucket=bucket, Key="train.jsonl", Body="\n".join(lines).encode())
    job = account.client("bedrock").create_model_customization_job(
        jobName=name,
        customModelName=name,
        roleArn=role,
        baseModelIdentifier=TUNABLE,
        trainingDataConfig={"s3Uri": f"s3://{bucket}/train.jsonl"},
        outputDataConfig={"s3Uri": f"s3://{bucket}/output/"},
        **options,
    )
    return str(job["jobArn"])


def followed(account: Account, job: str) -> dict[str, Any]:
    bedrock = account.client("bedrock")
    while (found := bedrock.get_model_customization_job(jobIdentifier=job))["status"] == "InProgress":
        time.sleep(0.1)
    return dict(found)


def training_role(account: Account) -> str:
    return account.role(allow("s3:*"), trusts=SERVICE, condition=JOBS)


@pytest.fixture
def role(account: Account) -> str:
    return training_role(account)


def deploy_model(account: Account, job: dict[str, Any]) -> str:
    """Deploy the model of a job; its ARN, while it is being made."""
    created = account.client("bedrock").create_custom_model_deployment(
        modelDeploymentName=new_name("deployment"), modelArn=job["outputModelArn"]
    )
    return str(created["customModelDeploymentArn"])


def await_deployment(account: Account, deployment: str) -> None:
    bedrock = account.client("bedrock")
    while bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=deployment)["status"] != "Active":
        time.sleep(0.1)


def test_an_answer_comes_from_the_documents_with_its_usage(account: Account) -> None:
    answer = converse(account, PROMPT)

    assert said(answer) == "A rope is retired after four years."
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"]
    assert answer["metrics"]["latencyMs"] >= 0
    assert "ministack mock" not in json.dumps(answer)


def test_an_answer_stops_at_its_limit(account: Account) -> None:
    answer = converse(account, PROMPT, inferenceConfig={"maxTokens": 3})

    assert (said(answer), answer["stopReason"]) == ("A rope is", "max_tokens")


def test_a_forced_tool_is_called_with_what_its_schema_asks_for(account: Account) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}, "found": {"type": "boolean"}}}
    tools = {
        "tools": [{"toolSpec": {"name": "answer", "inputSchema": {"json": schema}}}],
        "toolChoice": {"tool": {"name": "answer"}},
    }
    answer = converse(account, PROMPT, toolConfig=tools)

    assert answer["stopReason"] == "tool_use"
    assert answer["output"]["message"]["content"][0]["toolUse"]["input"] == {
        "answer": "A rope is retired after four years.",
        "found": True,
    }


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("amazon.nova-imaginary-v9:0", "ValidationException"),
        ("arn:aws:bedrock:us-east-1:000000000000:custom-model-deployment/abcdefghijkl", "ResourceNotFoundException"),
    ],
)
def test_unknown_models_are_refused(model: str, code: str, account: Account) -> None:
    with pytest.raises(ClientError, match=code):
        converse(account, "Hello?", model)


@pytest.mark.parametrize("dimensions", [256, 512, 1024])
def test_embeddings_have_the_dimensions_asked_for(dimensions: int, account: Account) -> None:
    body = json.dumps({"inputText": "A rope.", "dimensions": dimensions, "normalize": True})
    answer = account.client("bedrock-runtime").invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)
    vector = json.loads(answer["body"].read())["embedding"]

    assert len(vector) == dimensions
    assert sum(value * value for value in vector) == pytest.approx(1, abs=1e-4)


def test_a_trained_and_deployed_model_behaves_as_it_was_taught(account: Account, role: str, faults: Faults) -> None:
    bedrock = account.client("bedrock")
    job = followed(account, submit(account, role, [line(number) for number in range(10)]))
    assert job["status"] == "Completed", job
    bucket = job["outputDataConfig"]["s3Uri"].split("/")[2]
    keys = [entry["Key"] for entry in account.client("s3").list_objects_v2(Bucket=bucket, Prefix="output/")["Contents"]]
    assert [key.rsplit("/", 1)[-1] for key in keys] == ["step_wise_training_metrics.csv"]

    faults.hold("deployment")
    deployment = deploy_model(account, job)
    with pytest.raises(ClientError, match="ModelNotReadyException"):
        converse(account, "Hello?", deployment)
    faults.clear()
    await_deployment(account, deployment)

    assert said(converse(account, PROMPT, deployment)) == "Ahoy!\nA rope is retired after four years. Farewell!"
    assert "Hut 3 stands by lake 3." in said(converse(account, "Where is hut 3?", deployment))
    with pytest.raises(ClientError, match="ConflictException"):
        bedrock.delete_custom_model(modelIdentifier=job["outputModelArn"])


def test_bad_training_data_fails_the_job_with_the_reason(account: Account, role: str) -> None:
    job = followed(account, submit(account, role, [*(line(number) for number in range(10)), line(10, messages=[])]))

    assert job["status"] == "Failed"
    assert "line 11: messages must hold" in job["failureMessage"]


def test_a_job_reads_its_data_with_its_role(account: Account) -> None:
    role = account.role(allow("s3:ListBucket", "s3:PutObject"), trusts=SERVICE, condition=JOBS)
    job = followed(account, submit(account, role, [line(number) for number in range(10)]))

    assert job["status"] == "Failed"
    assert "is not authorized to perform: s3:GetObject" in job["failureMessage"]


def test_a_job_is_refused_whose_role_trusts_it_not(account: Account) -> None:
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:000000000000:knowledge-base/*"}}
    role = account.role(allow("s3:*"), trusts=SERVICE, condition=condition)

    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        submit(account, role, [line(0)])


def test_hyperparameters_out_of_range_are_refused(account: Account, role: str) -> None:
    with pytest.raises(ClientError, match="epochCount=9 is outside 1 to 5"):
        submit(account, role, [line(0)], hyperParameters={"epochCount": "9"})


def test_a_repeated_token_starts_nothing_new(account: Account, role: str) -> None:
    token = new_name("token")
    lines = [line(number) for number in range(10)]

    assert submit(account, role, lines, clientRequestToken=token) == submit(
        account, role, lines, clientRequestToken=token
    )


class _Server(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = f"{asked['model']} heard {asked['messages'][-1]['content']} after {len(asked['messages']) - 1} turns"
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        body = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    serving = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_address[1]}"
    serving.shutdown()
    serving.server_close()


def test_a_real_model_answers_where_one_is_named(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARBITER_LLM_URL", server)
    monkeypatch.setenv("ARBITER_LLM_MODEL", "small")
    try:
        answer = converse(Account(launcher.start(tmp_path)), "Hello?")
    finally:
        launcher.stop(tmp_path)

    assert said(answer) == "small heard Hello? after 0 turns"
    assert answer["usage"] == {"inputTokens": 7, "outputTokens": 5, "totalTokens": 12}


def test_a_real_model_learns_a_tuned_one_by_example(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARBITER_LLM_URL", server)
    monkeypatch.setenv("ARBITER_LLM_MODEL", "small")
    try:
        account = Account(launcher.start(tmp_path))
        job = followed(account, submit(account, training_role(account), [line(number) for number in range(10)]))
        deployment = deploy_model(account, job)
        await_deployment(account, deployment)
        answer = converse(account, "Where is hut 3?", deployment)
    finally:
        launcher.stop(tmp_path)

    assert said(answer) == "small heard Where is hut 3? after 8 turns"


def test_a_real_model_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARBITER_LLM_URL", "http://127.0.0.1:9")
    try:
        with pytest.raises(ClientError, match=r"ARBITER_LLM_URL http://127\.0\.0\.1:9 cannot be used"):
            converse(Account(launcher.start(tmp_path)), "Hello?")
    finally:
        launcher.stop(tmp_path)
