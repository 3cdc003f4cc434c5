"""Reasons of findings that are meant: each kind of wildcard, and the roles that have it."""

from typing import NamedTuple


class Wildcard(NamedTuple):
    """Resources that cannot be named one by one at synthesis; the text is the finding's, with the names to fill in."""

    resource: str
    reason: str


RUNTIME = "python3.13 is the runtime the tests run; it is supported by Lambda and moved deliberately."
PROFILE = "AWS chooses the region behind an inference profile; the policy's condition admits this one profile only."
EMPTYING = "Emptying a disposable bucket means every object and version in this one bucket."
_NAMED_BY_RUN = "The id of a run is chosen when it starts; the prefix is the limit."
_NAMED_BY_BEDROCK = "Bedrock gives models, jobs and hosts their ids after synthesis; the account is the limit."
_NAMED_BY_STATES = "Executions of this one state machine get their ids when they start."

_DOCUMENTS = "{storage}:ExportsOutputFnGetAttDocumentsBucketArn979EBF06"
_TRAINING = "{storage}:ExportsOutputFnGetAttTrainingBucketArn0691B367"
_RESULTS = "{storage}:ExportsOutputFnGetAttResultsBucketArn64D1118C"

TRACING = Wildcard("*", "X-Ray's and the log delivery's actions, and Bedrock's lists, know no resources.")
DOCUMENTS = Wildcard(f"{_DOCUMENTS}/*", "Every document in this one bucket is read.")
DATASETS = Wildcard(f"{_TRAINING}/datasets/*", _NAMED_BY_RUN)
JOB_OUTPUT = Wildcard(f"{_TRAINING}/customization/*", "Bedrock names what a job writes; the prefix is the limit.")
MODELS = Wildcard("{bedrock}:custom-model/*", _NAMED_BY_BEDROCK)
DEPLOYMENTS = Wildcard("{bedrock}:custom-model-deployment/*", _NAMED_BY_BEDROCK)
THROUGHPUTS = Wildcard("{bedrock}:provisioned-model/*", _NAMED_BY_BEDROCK)
BATCH_JOBS = Wildcard("{bedrock}:model-invocation-job/*", _NAMED_BY_BEDROCK)
EVALUATION_JOBS = Wildcard("{bedrock}:evaluation-job/*", _NAMED_BY_BEDROCK)
JOBS = Wildcard("{bedrock}:model-customization-job/*", _NAMED_BY_BEDROCK)


def results(prefix: str) -> Wildcard:
    """Objects of the results bucket."""
    return Wildcard(f"{_RESULTS}/{prefix}", _NAMED_BY_RUN)


def batches(runs: str) -> str:
    """The wildcard over the batch inference files of each run."""
    return f"{runs}/*/batch-inference/*"


def executions(machine: str) -> Wildcard:
    """Executions of a state machine of the same stack, by its logical id."""
    return Wildcard(f"arn:{{partition}}:states:{{region}}:{{account}}:execution:<{machine}.Name>:*", _NAMED_BY_STATES)


EVALUATION_EXECUTIONS = Wildcard(
    "arn:{partition}:states:{region}:{account}:execution:"
    "{evaluation}:ExportsOutputFnGetAttPipelineStateMachine1814BD05Name4F4936D1:*",
    _NAMED_BY_STATES,
)
PIPELINES = ("Evaluation/PipelineRole", "FineTuning/PipelineRole", "Generation/Pairs/PipelineRole")
FUNCTIONS: dict[str, tuple[Wildcard, ...]] = {
    "Storage/Emptied/Emptier": (),
    "KnowledgeBase/Ingestion/Sync": (),
    "Inference/Router": (),
    "Evaluation/Engine/Plan": (results("evaluations/*"), DATASETS),
    "Evaluation/Engine/Answer": (
        results("evaluations/*"),
        results("evaluations/*/answers/*"),
    ),
    "Evaluation/Engine/Judge": (
        results("evaluations/*"),
        results("evaluations/*/verdicts/*"),
        results("evaluations/*/pairs/*"),
        results("evaluations/*/condensed/*"),
    ),
    "Evaluation/Native/Run": (
        results("evaluations/*"),
        results("evaluations/*/native/*"),
        results("evaluations/*/native_jobs/datasets/*"),
        EVALUATION_JOBS,
    ),
    "Evaluation/Native/Stop": (
        results("evaluations/*/native/*"),
        results("evaluations/*/native_jobs/ended/*"),
        EVALUATION_JOBS,
    ),
    "Evaluation/Summarise": (results("evaluations/*"),),
    "Evaluation/Publish": (results("promotions/*"), DEPLOYMENTS, THROUGHPUTS),
    "FineTuning/Prepare": (DATASETS, results("training/*")),
    "FineTuning/Place": (results("training/*"),),
    "FineTuning/Gate": (results("evaluations/*/summary.json*"), results("evaluations/*/gate.json*")),
    "FineTuning/Conclude": (MODELS, DEPLOYMENTS, THROUGHPUTS, JOBS, JOB_OUTPUT, results("training/*")),
    "FineTuning/Retirement": (MODELS, DEPLOYMENTS, THROUGHPUTS, results("training/*")),
    "FineTuning/HostingExpiry": (THROUGHPUTS,),
    "Generation/Pairs/Plan": (results("generation/*"),),
    "Generation/Pairs/Generate": (DOCUMENTS, results("generation/*")),
    "Generation/Pairs/Collect": (results("generation/*"),),
}
ROLES: dict[str, tuple[Wildcard, ...]] = {
    "KnowledgeBase/Documents/Role": (DOCUMENTS,),
    "Evaluation/Native/Role": (
        results("evaluations/*/native_jobs/*"),
        results("evaluations/*/native_jobs/output/*"),
    ),
    "Evaluation/PipelineRole": (results("evaluations/*/batches.jsonl*"),),
    "FineTuning/CustomizationRole": (DATASETS, JOB_OUTPUT),
    "FineTuning/PipelineRole": (MODELS, JOBS, EVALUATION_EXECUTIONS),
    "Generation/Pairs/PipelineRole": (results("generation/*"),),
}
POLICIES: dict[str, tuple[Wildcard, ...]] = {
    "Evaluation/MapRuns": (executions("PipelineStateMachine1814BD05"),),
    "Generation/Pairs/MapRuns": (executions("PairsPipelineStateMachine5709CE2B"),),
}
# These roles may call tuned models only where there are some.
CALLS_TUNED = ("Inference/Router", "Evaluation/Engine/Answer")
