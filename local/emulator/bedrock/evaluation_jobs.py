"""An evaluation job's run, as far as a model judges answers brought along by a metric of one's own.

The layout of the results is that of the user guide, *model-evaluation-report-s3*. The judge is the stand-in.
"""

import json
import logging
import re
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, assume, client, require
from local.emulator.base.internals import scope
from local.emulator.bedrock import models
from local.emulator.bedrock.batch import location
from local.emulator.bedrock.runtime import conversed
from local.emulator.bedrock.upstream import Upstream
from local.emulator.knowledge.knowledge_bases import now
from local.emulator.language.prompt import text_of

log = logging.getLogger("arbiter.local")

SERVICE = "bedrock.amazonaws.com"
TASK_TYPE = "General"
MOST_PROMPTS = 1_000  # quota of a job
VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_FORMAT = '\n\nReply with one JSON object and nothing else: {"reason": "one or two sentences", "score": 0-10}'
_STEP_SECONDS = 0.3

Line = dict[str, Any]


def run(job: dict[str, Any], upstream: Upstream | None) -> None:
    try:
        _evaluate(job, upstream)
    except (ServiceError, ClientError, ValueError) as error:
        job.update(status="Failed", failureMessages=[str(error)[:2048]])
    except Exception as error:  # the job must end, and the log must tell
        log.exception("evaluation job %s broke", job["jobName"])
        job.update(status="Failed", failureMessages=[f"Internal error: {error!r}"])
    if job["status"] == "Stopping":
        job["status"] = "Stopped"
    job["lastModifiedTime"] = now()


def _evaluate(job: dict[str, Any], upstream: Upstream | None) -> None:
    automated = job["evaluationConfig"]["automated"]
    dataset = automated["datasetMetricConfigs"][0]["dataset"]
    source = job["inferenceConfig"]["models"][0]["precomputedInferenceSource"]["inferenceSourceIdentifier"]
    role = assume(job["roleArn"], SERVICE, "BedrockEvaluation", job["jobArn"])
    _may_judge(role, judge_of(automated))
    storage = client("s3", role)
    bucket, key = location(dataset["datasetLocation"]["s3Uri"])
    lines = _lines(storage.get_object(Bucket=bucket, Key=key)["Body"].read(), source)
    faults.wait_while_held("evaluation", job["jobName"])
    if job["_stop"].wait(_STEP_SECONDS):
        return
    if fault := faults.strike("evaluation", name=job["jobName"]):
        job.update(status=fault["status"], failureMessages=[fault["message"]])
        return
    judged = [_judged(line, automated, upstream) for line in lines]
    bucket, prefix = location(job["outputDataConfig"]["s3Uri"])
    storage.get_bucket_location(Bucket=bucket)
    folder = f"{prefix.rstrip('/')}/{job['jobName']}/{job['jobArn'].rsplit('/', 1)[-1]}".lstrip("/")
    folder += f"/models/{source}/taskTypes/{TASK_TYPE}/datasets/{dataset['name']}"
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in judged).encode()
    storage.put_object(Bucket=bucket, Key=f"{folder}/{uuid.uuid4()}_output.jsonl", Body=body)
    job["status"] = "Completed"


def _may_judge(role: RoleSession, judge: str) -> None:
    named, behind = models.arns(judge, scope()[1], scope()[0])
    context = {"bedrock:InferenceProfileArn": named}
    if behind:
        require(role, "bedrock:GetInferenceProfile", named)
    for arn in (named, *behind):
        require(role, "bedrock:InvokeModel", arn, context=context)


def _lines(content: bytes, source: str) -> list[Line]:
    lines: list[Line] = [json.loads(line) for line in content.split(b"\n") if line.strip()]
    if not 1 <= len(lines) <= MOST_PROMPTS:
        raise ValueError(f"The dataset has {len(lines)} prompts; 1 to {MOST_PROMPTS} are allowed")
    for number, line in enumerate(lines, 1):
        responses = line.get("modelResponses") or []
        if not line.get("prompt") or [one.get("modelIdentifier") for one in responses] != [source]:
            raise ValueError(f"Record {number} has no prompt, or no response of {source}")
        if not responses[0].get("response") or not line.get("referenceResponse", "-").strip():
            raise ValueError(f"Record {number} has a blank response or referenceResponse")
    return lines


def _judged(line: Line, automated: dict[str, Any], upstream: Upstream | None) -> Line:
    metric, judge, response = metric_of(automated), judge_of(automated), line["modelResponses"][0]
    known = {"prompt": line["prompt"], "prediction": response["response"]}
    if "referenceResponse" in line:
        known["ground_truth"] = line["referenceResponse"]
    text = VARIABLE.sub(lambda variable: known[variable[1]], metric["instructions"])
    body = {"messages": [{"role": "user", "content": [{"text": text + _FORMAT}]}]}
    judgement = text_of(conversed(judge, body, None, upstream)["output"]["message"]["content"])
    result, reason = _rated(judgement, [item["value"]["floatValue"] for item in metric["ratingScale"]])
    details = [{"modelIdentifier": judge, "explanation": reason}]
    score = {"metricName": metric["name"], "result": result, "evaluatorDetails": details}
    return {"automatedEvaluationResult": {"scores": [score]}, "inputRecord": line, "modelResponses": [response]}


def _rated(judgement: str, levels: list[float]) -> tuple[float | None, str]:
    """The rating level nearest to the judge's score, and its reason; no level where the reply is unusable."""
    try:
        verdict = json.loads(judgement)
        share = float(verdict["score"]) / 10
        wanted = min(levels) + share * (max(levels) - min(levels))
        return min(levels, key=lambda level: abs(level - wanted)), str(verdict.get("reason", ""))
    except (ValueError, KeyError, TypeError):
        return None, judgement


def metric_of(automated: dict[str, Any]) -> dict[str, Any]:
    metric: dict[str, Any] = automated["customMetricConfig"]["customMetrics"][0]["customMetricDefinition"]
    return metric


def judge_of(automated: dict[str, Any]) -> str:
    (judge,) = automated["customMetricConfig"]["evaluatorModelConfig"]["bedrockEvaluatorModels"]
    return str(judge["modelIdentifier"])
