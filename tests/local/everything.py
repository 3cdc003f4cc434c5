"""Least privilege where every optional part is on: `python -m tests.local.everything`, some five minutes.

Deploys the settings of `tests.stacks.conftest.EVERYTHING`, uses each part once, and holds the journal against what is
granted: by resource, by condition, and by keys that no use bore. The optional parts are looked at one by one in
test_batch_inference and test_native_jobs; this shows that together they grant no more.
"""

import http
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arbiter.edge.budgets import Budget
from arbiter.modes import Mode
from cli.asking.question import ask
from cli.core.deployment import Deployment
from cli.core.function import call
from cli.evaluation.run import evaluate
from cli.generation.run import generate
from cli.local.exercise import exercise
from cli.local.permissions import denials
from local import assembly, launcher, sessions
from local.launcher import LocalAws
from tests.local.api import Api
from tests.local.deployed import Deployed, synthesise
from tests.local.examples import few_of
from tests.local.optional.test_gateway import asked
from tests.local.reach import FORMER_PROFILE, foundation_models, grants, overreach, unconditional, uses, vacuous
from tests.local.test_least_privilege import REACHED_RARELY
from tests.stacks.conftest import EVERYTHING

ROOT = Path(__file__).resolve().parents[2]
SERVED = {"chunking": {"strategy": "semantic"}, "router": {}, "feedback": {}}
"""In place of what the local AWS does not serve: a function of somebody else that cuts passages.
What is answered again, and rated with its texts, is looked at in `tests.local.shadow_load`."""
ROUTER, STREAM = "Inference-RouterRoleE7AC9051", "Edge-StreamingStreamRole19285A8E"
INVOKE = "bedrock:InvokeModel "
UNREACHED = {
    FORMER_PROFILE,
    *(
        grant.replace(ROUTER, STREAM).replace(INVOKE, action)
        for grant in REACHED_RARELY
        if ROUTER in grant
        for action in (INVOKE, "bedrock:InvokeModelWithResponseStream ")
    ),
}
"""Reached by a second profile, as time allows, and by the API's functions as rarely as by the router's."""
RERANKED = {"retrieval": {"rerank": True}}
BATCH = 100
CASES = 100
"""Enough answers and verdicts for one job each."""
BOUNDARY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def main() -> int:
    """Deploy, use, compare; says what was denied and what was granted in vain."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            told = list(_flaws(_deploy(folder), folder))
        finally:
            launcher.stop(folder)
    sys.stdout.write("\n".join((*told, f"{len(told)} flaws\n")))
    return 1 if told else 0


def _deploy(folder: Path) -> Deployed:
    in_batch = {"batch_minimum": BATCH}
    chosen: dict[str, Any] = {**EVERYTHING, **SERVED}
    settings = {
        **chosen,
        "account": LocalAws.account,
        # Nova 2 Lite is tuned on 200 samples at least, which the examples have not; for Nova Lite no price is known.
        "models": {**chosen["models"], "base": "us.amazon.nova-lite-v1:0"},
        "fine_tuning": {"max_training_cost_usd": None},
        "evaluation": {**chosen["evaluation"], **in_batch},
        "generation": in_batch,
        "protection": "retained",
    }
    stacks = synthesise(ROOT, folder / "assembly", **settings)
    aws = launcher.start(folder)
    iam = sessions.client("iam", endpoint_url=aws.endpoint)
    iam.create_policy(PolicyName=EVERYTHING["permissions_boundary"], PolicyDocument=json.dumps(BOUNDARY))
    assembly.deploy(stacks, aws)
    return Deployed(Deployment.find("local", folder), aws)


def _flaws(deployed: Deployed, folder: Path) -> Iterator[str]:
    deployment, aws = deployed.deployment, deployed.aws
    _use(deployment, aws, folder)
    yield from (f"denied: {denial}" for denial in denials(aws.authorizations))
    granted, used = grants(deployment), uses(aws.authorizations)
    yield from sorted(overreach(granted, used, foundation_models(ROOT)) - set(REACHED_RARELY) - UNREACHED)
    yield from sorted(unconditional(granted, used))
    yield from (f"no use bore {key}" for key in sorted(vacuous(granted, used)))


def _use(deployment: Deployment, aws: LocalAws, folder: Path) -> None:
    examples = few_of(ROOT, folder / "examples")
    exercise(examples, deployment, aws)
    cases = folder / "cases.jsonl"
    lines = [{"question": f"How far is number {number}?", "reference": "Far."} for number in range(CASES)]
    cases.write_text("\n".join(map(json.dumps, lines)))
    evaluate(deployment, cases, modes=["base"], run="batched")
    generate(deployment, purpose="training", pairs=2 * BATCH, out=folder / "pairs.jsonl", confirm=lambda estimate: True)
    routed = examples / "evaluation" / "questions.jsonl"
    evaluate(deployment, routed, modes=["auto", "base", "rag", "fine_tuned", "combined"], run="routed")
    ask(deployment, {"question": "How long is the warranty of a tent?", "mode": "rag", **RERANKED})
    evaluate(deployment, routed, arms=[{"name": "reranked", "mode": "rag", **RERANKED}], run="reranked")
    _use_api(Deployed(deployment, aws))
    assert "answer" in asked(Deployed(deployment, aws), question="How long is the warranty of a tent?")[1]
    call(deployment, "CalibrateFunctionArn", {"run": "routed", "prefer": "quality", "publish": False})


def _use_api(deployed: Deployed) -> None:
    api = Api(deployed)
    key = api.key(modes=tuple(Mode), budget=Budget(tokens=100_000, usd=1.0))
    for mode in Mode:
        reply = api.call(
            "POST", "/ask", {"question": "How long is the warranty of a tent?", "mode": mode, **RERANKED}, key=key
        )
        assert reply.status == http.HTTPStatus.OK, reply.body
        chat = {
            **api.chat(mode),
            "messages": [{"role": "user", "content": "How long is the warranty of a tent?"}],
            "arbiter": RERANKED,
        }
        assert api.stream("/v1/chat/completions", chat, key=key)[-1] == "[DONE]"
        assert api.call("POST", "/v1/chat/completions", chat, key=key).status == http.HTTPStatus.OK
    rated = {"request_id": reply.body["request_id"], "rating": "good"}
    assert api.call("POST", "/feedback", rated, key=key).status == http.HTTPStatus.OK


if __name__ == "__main__":
    sys.exit(main())
