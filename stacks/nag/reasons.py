"""Wildcards that are meant: each kind with its reason, by the stack whose roles have it."""

from typing import NamedTuple


class Wildcard(NamedTuple):
    """Resources that cannot be named one by one at synthesis; the text is the finding's, with the names to fill in."""

    resource: str
    reason: str


RUNTIME = "python3.13 is the runtime the tests run; it is supported by Lambda and moved deliberately."
PROFILE = "AWS chooses the region behind an inference profile; the policy's condition admits this one profile only."
SEARCHABLE = "CloudFormation knows TextSearchConfigurations; the schemas of this version of the CDK are older."
EMPTYING = "Emptying a disposable bucket means every object and version in this one bucket."
TRACING = Wildcard("*", "X-Ray's actions know no resources; this policy has no others.")
DELIVERY = Wildcard("*", "The actions of log delivery and of X-Ray know no resources; this policy has no others.")
LISTS = Wildcard("*", "Bedrock's lists and its reranking know no resources; this policy has no other actions.")
API_LOGGING = Wildcard("*", "API Gateway logs for a whole account by one role, whose permissions AWS's guide names.")
NO_POOL = "Callers are programs with keys of this deployment, or principals of the account: no people with passwords."
KEYED = "The function checks the key, where its budget is read, or the token; without one the gate calls nothing."
NO_FIREWALL = "edge.waf puts a firewall here, which bills by the month; stage throttling and budgets hold without one."
_NAMED_BY_RUN = "The id of a run is chosen when it starts; the prefix is the limit."
_NAMED_BY_BEDROCK = "Bedrock gives models, jobs and hosts their ids after synthesis; the account is the limit."
_NAMED_BY_STATES = "Executions of this one state machine get their ids when they start."

_DOCUMENTS = "{storage}:ExportsOutputFnGetAttDocumentsBucketArn979EBF06"
_TRAINING = "{storage}:ExportsOutputFnGetAttTrainingBucketArn0691B367"
_RESULTS = "{storage}:ExportsOutputFnGetAttResultsBucketArn64D1118C"
_EVALUATION = "{evaluation}:ExportsOutputFnGetAttPipelineStateMachine1814BD05Name4F4936D1"

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


PASSAGES = Wildcard(f"{_RESULTS}/passages/*", "Bedrock and the owner's function name the passages of each document.")
AUTOMATION = (
    Wildcard("arn:{partition}:bedrock:*:{account}:data-automation-profile/us.data-automation-v1", PROFILE),
    Wildcard("{bedrock}:data-automation-invocation/*", _NAMED_BY_BEDROCK),
)
FEEDBACK = Wildcard(f"{_RESULTS}/feedback/*", "The texts of a rated answer are kept by the id of its request.")
PROFILES = Wildcard(f"{_RESULTS}/routing/*", "Profiles are kept by the ids of knowledge bases, which are made later.")


def batches(runs: str) -> Wildcard:
    """The wildcard over the batch inference files of each run."""
    return results(f"{runs}/*/batch-inference/*")


def executions(machine: str) -> Wildcard:
    """Executions of a state machine: of the same stack by its logical id, else by what its stack exports."""
    return Wildcard(f"arn:{{partition}}:states:{{region}}:{{account}}:execution:{machine}:*", _NAMED_BY_STATES)


STACKS: dict[str, tuple[Wildcard, ...]] = {
    "KnowledgeBase": (DOCUMENTS,),
    "Inference": (PROFILES,),
    "Edge": (PROFILES,),
    "Evaluation": (
        PROFILES,
        *(results(f"evaluations/*{kind}") for kind in ("", "/answers/*", "/verdicts/*", "/pairs/*", "/condensed/*")),
        results("evaluations/*/batches.jsonl*"),
        results("promotions/*"),
        DATASETS,
        DEPLOYMENTS,
        THROUGHPUTS,
        executions("<PipelineStateMachine1814BD05.Name>"),
    ),
    "FineTuning": (
        DATASETS,
        JOB_OUTPUT,
        results("routing/models/*"),
        results("training/*"),
        results("evaluations/*/summary.json*"),
        results("evaluations/*/run.json*"),
        results("evaluations/*/gate.json*"),
        MODELS,
        DEPLOYMENTS,
        THROUGHPUTS,
        JOBS,
        executions(_EVALUATION),
    ),
    "Generation": (results("generation/*"), DOCUMENTS, executions("<PairsPipelineStateMachine5709CE2B.Name>")),
}
"""Wildcards of a stack whatever the settings; which role may do what, the tests have a table of."""
NATIVE = (
    *(
        results(f"evaluations/*/native{kind}/*")
        for kind in ("", "_jobs", "_jobs/output", "_jobs/datasets", "_jobs/ended")
    ),
    EVALUATION_JOBS,
)
"""Wildcards that native evaluation jobs add to the evaluation."""
