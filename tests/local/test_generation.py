"""Pairs are made from deployed documents: trainable, verified, resumable, and of none kept for evaluation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arbiter.evaluation.run.cases import read_cases
from arbiter.generation.order import drafts_prefix
from arbiter.training_data.check import Rules, check
from cli.core.errors import CliError
from cli.generation.outcome import Estimate, GenerateResult
from cli.generation.run import STAGE, generate
from cli.sync.synchronise import sync
from tests.local.deployed import Deployed
from tests.local.faults import Faults, faults_of

pytestmark = pytest.mark.local

GENERATOR = "nova-lite"
INVENTED = "The moon is made of green cheese and belongs to the harbour master of Atlantis."


@dataclass(frozen=True)
class Generating:
    """Runs of one deployment, each into a file of its own."""

    deployed: Deployed
    folder: Path

    def __call__(self, run: str, **options: Any) -> GenerateResult:
        known: dict[str, Any] = {"purpose": "training", "pairs": 30, "confirm": lambda estimate: True}
        return generate(self.deployed.deployment, out=self.file(run), run=run, **known | options)

    def file(self, run: str) -> Path:
        return self.folder / f"{run}.jsonl"

    def lines(self, run: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file(run).read_text().splitlines()]

    def accepted(self, run: str) -> bool:
        """Whether the training check takes the file."""
        with self.file(run).open("rb") as content:
            return check(content, Rules()).accepted

    def written_at(self, run: str) -> dict[str, Any]:
        """When what was made of each document was written."""
        bucket = self.deployed.deployment.output("ResultsBucketName")
        listed = self.deployed.deployment.client("s3").list_objects_v2(Bucket=bucket, Prefix=drafts_prefix(run))
        return {item["Key"]: item["LastModified"] for item in listed.get("Contents", ())}


@pytest.fixture(scope="module")
def documents(root: Path) -> Path:
    return root / "examples" / "documents"


@pytest.fixture(scope="module")
def generating(deployed: Deployed, documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Generating:
    """A deployment that holds the examples' documents."""
    assert sync(deployed.deployment, documents).complete
    return Generating(deployed, tmp_path_factory.mktemp("pairs"))


@pytest.fixture
def faults(deployed: Deployed) -> Iterator[Faults]:
    with faults_of(deployed.aws) as ordered:
        yield ordered


@pytest.fixture(scope="module")
def thirty(generating: Generating) -> GenerateResult:
    return generating("thirty")


@pytest.fixture(scope="module")
def cases(generating: Generating) -> list[dict[str, Any]]:
    """Evaluation cases of the same documents bucket."""
    generating("cases", purpose="evaluation", pairs=10)
    read = read_cases([generating.file("cases").read_bytes()])
    assert read.problems == ()
    return list(read.cases)


def test_thirty_pairs_are_made_and_can_be_trained_on(thirty: GenerateResult, generating: Generating) -> None:
    assert (thirty.pairs, thirty.complete, thirty.left_out) == (30, True, {})
    assert generating.accepted("thirty")
    assert set(thirty.by_kind) == {"fact", "procedure", "comparison", "style", "out_of_scope"}
    assert thirty.documents_used >= 15


def test_every_pair_shows_the_passage_that_it_comes_from(
    thirty: GenerateResult, generating: Generating, documents: Path
) -> None:
    sources = [json.loads(line) for line in Path(thirty.sources).read_text().splitlines()]

    assert [source["id"] for source in sources] == [pair["id"] for pair in generating.lines("thirty")]
    for source in sources:
        span, text = source["passage"], (documents / source["document"]).read_text()
        assert text[span["start"] : span["end"]] == span["text"]
        assert source["verdict"]["verdict"] in ("supported", "unanswerable")


def test_the_cost_lies_within_what_was_estimated(thirty: GenerateResult) -> None:
    assert thirty.cost_usd is not None
    assert thirty.estimated_usd is not None
    assert 0 < thirty.tokens < 2 * thirty.estimated_tokens
    assert 0 < thirty.cost_usd < 2 * thirty.estimated_usd


def test_a_finished_run_is_fetched_again_without_a_question(thirty: GenerateResult, generating: Generating) -> None:
    asked: list[Estimate] = []
    before = generating.written_at("thirty")
    again = generating("thirty", confirm=lambda estimate: bool(asked.append(estimate)))

    assert (asked, again.pairs, again.execution) == ([], 30, thirty.execution)
    assert generating.written_at("thirty") == before


def test_nothing_is_generated_without_consent_to_its_price(generating: Generating) -> None:
    shown: list[Estimate] = []
    with pytest.raises(CliError, match="not confirmed"):
        generating("declined", confirm=lambda estimate: bool(shown.append(estimate)))

    (estimate,) = shown
    assert estimate.tokens > 1_000
    assert (generating.written_at("declined"), generating.file("declined").exists()) == ({}, False)


def test_more_than_is_allowed_is_refused_with_the_figures(generating: Generating) -> None:
    with pytest.raises(CliError, match="tokens are needed and 2,000 allowed") as refused:
        generating("dear", max_tokens=2_000)
    assert refused.value.code == "generation_rejected"


def test_evaluation_questions_are_of_other_documents_than_training_pairs(
    thirty: GenerateResult, generating: Generating, cases: list[dict[str, Any]]
) -> None:
    assert len(cases) == 10
    assert all(case["reference"] and case["tags"] for case in cases)
    trained = {pair["document"] for pair in generating.lines("thirty")}
    assert not {case["document"] for case in cases} & trained


def test_samples_with_context_can_be_trained_on_and_show_no_document_kept_for_evaluation(
    generating: Generating, cases: list[dict[str, Any]]
) -> None:
    result = generating("combined", target="combined")
    texts = [sample["messages"][0]["content"][0]["text"] for sample in generating.lines("combined")]

    assert generating.accepted("combined")
    assert 0 < result.without_passage < 15
    assert result.without_distractors == 0
    assert {text.count("<document ") for text in texts} == {5}
    assert not [case["document"] for case in cases for text in texts if f"/{case['document']}" in text]


def test_an_aborted_run_goes_on_where_it_was(generating: Generating, faults: Faults) -> None:
    client = generating.deployed.deployment.client("stepfunctions")
    machine = generating.deployed.deployment.output("GenerationStateMachineArn")
    begun, seen = 6, list[int]()
    # No further document is begun until the run is stopped: it can neither end before that nor be caught half-way.
    faults.throttle_functions("PairsGenerate", after=begun)

    def stop(stage: str, done: int = 0, total: int | None = None) -> None:
        if stage == STAGE and done >= begun and not seen:
            seen.append(done)
            client.stop_execution(executionArn=f"{machine.replace(':stateMachine:', ':execution:')}:broken")

    with pytest.raises(CliError, match="goes on with it"):
        generating("broken", pairs=120, progress=stop)
    kept = generating.written_at("broken")
    faults.clear()
    result = generating("broken", pairs=120)
    now = generating.written_at("broken")

    assert len(kept) == begun < len(now) == result.documents
    assert result.execution.endswith(":broken-attempt-2")
    assert kept.items() <= now.items()
    assert generating.accepted("broken")


def test_pairs_that_a_generator_makes_up_are_found_by_the_verifier(generating: Generating, faults: Faults) -> None:
    invented = {"kind": "fact", "question": "What is the moon made of?", "answer": INVENTED}
    pairs = [{**invented, "kind": kind} for kind in ("fact", "procedure", "comparison", "style")]
    faults.answer(GENERATOR, json.dumps({"pairs": pairs}), match={"prompt": "<wanted>"}, share=0.25)
    result = generating("invented")
    ((_, planted),) = faults.counts()

    assert planted > 3
    assert planted <= result.dropped["unsupported"]
    assert result.complete
    assert INVENTED not in generating.file("invented").read_text()


def test_a_generator_that_answers_prose_makes_no_pair(generating: Generating, faults: Faults) -> None:
    faults.answer(GENERATOR, "Of course! Here are some questions about mountain gear.")
    with pytest.raises(CliError, match="wrote no usable JSON, twice") as refused:
        generating("prose")
    assert refused.value.details["name"] == "GenerationRejected"


def test_throttling_and_a_killed_function_cost_no_pair(generating: Generating, faults: Faults) -> None:
    faults.throttle("bedrock:InvokeModel", share=0.3, match={"path": GENERATOR})
    faults.kill("PairsGenerate", when="after", times=2)
    result = generating("troubled")

    assert all(strikes for _, strikes in faults.counts())
    assert result.by_kind == json.loads(generating.file("thirty").with_suffix(".report.json").read_text())["by_kind"]


def test_no_role_lacked_a_permission(thirty: GenerateResult, generating: Generating) -> None:
    decisions = map(json.loads, generating.deployed.aws.authorizations.read_text().splitlines())
    assert not [one for one in decisions if one["decision"] == "deny" and "Generation" in one["role"]]
