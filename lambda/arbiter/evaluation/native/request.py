"""The request for a native evaluation job: its name, and the metric by which its judge is to judge."""

import hashlib
import re

from arbiter.evaluation.run.plan import Record
from arbiter.evaluation.verdicts.prompts import MATERIAL
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG

METRIC = "ArbiterQuality"
# From 0 to 1, for users report that Bedrock brings a metric's results onto that scale; these stay what they are on it.
LEVELS = {
    0.0: "wrong or misleading",
    0.2: "mostly wrong or misleading",
    0.4: "partly right, with much missing or wrong",
    0.6: "partly right, with something missing or wrong",
    0.8: "mostly right",
    1.0: "right and complete",
}
POINTS = 10
"""Points of the best level on the scale of the other judges."""
LONGEST_NAME = 63
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def job_name(run: str, judge: str, arm: str, token: str) -> str:
    """A name that Bedrock takes: what can be read of it, and a digest that no other job has."""
    readable = _NOT_IN_NAMES.sub("-", f"arbiter-{run}-{arm}".lower())
    digest = hashlib.sha256("\n".join((run, judge, arm, token)).encode()).hexdigest()[:12]
    return f"{readable[: LONGEST_NAME - len(digest) - 1].strip('-')}-{digest}"


def request(
    *, name: str, judge: str, arm: str, referenced: bool, role_arn: str, uri: str, output: str, environment: str
) -> Record:
    """The input of `CreateEvaluationJob`.

    The task type is not among those of the API model, and is what the guide's examples of judging jobs have.
    """
    metric = {"name": METRIC, "instructions": instructions(referenced=referenced), "ratingScale": _rating_scale()}
    evaluator = {"bedrockEvaluatorModels": [{"modelIdentifier": judge}]}
    configured = {
        "taskType": "General",
        "dataset": {"name": arm[:LONGEST_NAME], "datasetLocation": {"s3Uri": uri}},
        "metricNames": [METRIC],
    }
    return {
        "jobName": name,
        "clientRequestToken": name,
        "jobTags": [{"key": ENVIRONMENT_TAG, "value": environment}],
        "roleArn": role_arn,
        "applicationType": "ModelEvaluation",
        "evaluationConfig": {
            "automated": {
                "datasetMetricConfigs": [configured],
                "customMetricConfig": {
                    "customMetrics": [{"customMetricDefinition": metric}],
                    "evaluatorModelConfig": evaluator,
                },
            }
        },
        "inferenceConfig": {"models": [{"precomputedInferenceSource": {"inferenceSourceIdentifier": arm}}]},
        "outputDataConfig": {"s3Uri": output},
    }


def instructions(*, referenced: bool) -> str:
    """The instructions of the judge; Bedrock puts the texts of a line into the braces."""
    reference = "<reference>\n{{ground_truth}}\n</reference>\n\n" if referenced else ""
    return (
        f"You grade one answer to one question. {MATERIAL} Grade the answer as a whole: what it says is true, it "
        "leaves out nothing that the question asks for, and it keeps to the question.\n\n"
        f"<question>\n{{{{prompt}}}}\n</question>\n\n{reference}"
        "<answer_to_grade>\n{{prediction}}\n</answer_to_grade>"
    )


def _rating_scale() -> list[Record]:
    return [{"definition": words, "value": {"floatValue": value}} for value, words in LEVELS.items()]
