"""Documents come into the knowledge base and leave it by themselves, and each that cannot is named with its reason."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from cli.local.permissions import denials
from cli.sync.checking import check
from cli.sync.planning import plan
from cli.sync.sidecars import Reading
from tests.local.asking import cited, invoke, until
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local

BY_ITSELF_SECONDS = 40
"""An event, a queue that collects for 5 s, at most one start in 10 s, the job."""
QUESTION = "When does the lighthouse of Skerry Nab blink?"
LIGHTHOUSE = "The lighthouse of Skerry Nab blinks twice every eleven seconds, from dusk until the fog lifts."
FITS = {
    "harbour.txt": "The harbour master of Skerry Nab is reached on channel 12.",
    "tides.md": "# Tides\n\nSpring tides at Skerry Nab run at 6 knots.",
    "ferry.csv": "day,departure\nMonday,08:15\nFriday,17:40\n",
    "moorings.html": "<html><body><p>A mooring at Skerry Nab costs 14 crowns a night.</p></body></html>",
    "pilots.md": "# Pilots\n\nA pilot for Skerry Nab is booked a day ahead.",
    "pilots.md.metadata.json": '{"metadataAttributes": {"team": "coast"}}',
    "dredging.md": "---\nteam: port\nyear: 2026\n---\n# Dredging\n\nSkerry Nab is dredged to 4 metres.",
}
KEY = "AKIA" + "Q3EGWTR5TYHNZSLB"  # No key: in two parts, so that no scanner takes it for one.


@dataclass(frozen=True)
class Life:
    """What the router made of the same question while a document was not there, was there, and was gone again."""

    before: dict[str, Any]
    during: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def life(deployed: Deployed) -> Life:
    """An object put straight into the bucket and deleted from it: nobody starts anything."""
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("DocumentsBucketName")
    request = {"question": QUESTION, "mode": "rag"}

    def found() -> bool:
        return "lighthouse.txt" in cited(invoke(deployed, request))

    before = invoke(deployed, request)
    storage.put_object(Bucket=bucket, Key="lighthouse.txt", Body=LIGHTHOUSE.encode())
    until(found, "the new object is retrieved", seconds=BY_ITSELF_SECONDS)
    during = invoke(deployed, request)
    storage.delete_object(Bucket=bucket, Key="lighthouse.txt")
    until(lambda: not found(), "the deleted object is not retrieved any more", seconds=BY_ITSELF_SECONDS)
    return Life(before, during, invoke(deployed, request))


def test_a_grounded_mode_says_that_nothing_is_indexed(life: Life) -> None:
    assert life.before["error"]["code"] == "knowledge_base_empty"
    assert "Upload documents" in life.before["error"]["message"]


def test_an_object_put_into_the_bucket_becomes_an_answer_by_itself(life: Life) -> None:
    assert "blinks twice every eleven seconds" in life.during["answer"]
    assert (life.during["mode"], life.during["degraded"]) == ("rag", [])


def test_an_object_deleted_from_the_bucket_is_forgotten_by_itself(life: Life) -> None:
    assert life.after["error"]["code"] == "knowledge_base_empty"


@pytest.fixture(scope="module")
def checkout(root: Path, deployed: Deployed) -> Path:
    """A folder that the command takes for the repository, with the local AWS of these tests running in it."""
    folder = deployed.aws.log.parents[2]
    for name in ("cdk.json", "lambda"):
        (folder / name).symlink_to(root / name)
    return folder


@dataclass(frozen=True)
class Synced:
    """How the command ended, and what it said."""

    exit_code: int
    result: dict[str, Any]
    errors: str
    folder: Path

    @property
    def problems(self) -> dict[str, tuple[str, str]]:
        """State and reason of every document that did not arrive."""
        return {one["document"]: (one["status"], one["reason"]) for one in self.result["problems"]}


@pytest.fixture(scope="module")
def synced(checkout: Path, life: Life, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """`arbiter sync` as a person runs it, on a folder of which some is broken."""
    folder = tmp_path_factory.mktemp("documents")
    for name, text in FITS.items():
        (folder / name).write_text(text)
    (folder / "latin.txt").write_bytes("Ebbe und Flut fürs Küstenrevier".encode("latin-1"))
    (folder / "chart.pdf").write_text("not a chart")
    (folder / "credentials.txt").write_text(f"The key of the harbour office is {KEY}.")
    for name, size in (("buoys.md", 12_000), ("wrecks.md", 2_000)):
        (folder / name).write_text(f"# {name}\n\nAll there is to know.")
        attributes = {"metadataAttributes": {"note": "x" * size}}
        (folder / f"{name}.metadata.json").write_text(json.dumps(attributes))
    command = [str(Path(sys.executable).parent / "arbiter"), "sync", str(folder), "--env", "local", "--json"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, timeout=90)
    return Synced(done.returncode, json.loads(done.stdout), done.stderr, folder)


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        ("latin.txt", "NOT_SENT", "not UTF-8 text (byte 16)"),
        ("chart.pdf", "NOT_SENT", "named .pdf and is not"),
        ("credentials.txt", "NOT_SENT", "it holds an AWS access key (line 1)"),
        ("buoys.md.metadata.json", "NOT_SENT", "Bedrock allows 10,240"),
        ("wrecks.md.metadata.json", "NOT_SENT", "1,024 are allowed: shorten 'note'"),
    ],
)
def test_a_document_that_cannot_be_indexed_is_named_with_its_reason(
    synced: Synced, document: str, status: str, reason: str
) -> None:
    assert synced.problems[document][0] == status
    assert reason in synced.problems[document][1]


def test_a_sync_that_is_not_complete_ends_with_1_and_no_stack_trace(synced: Synced) -> None:
    assert synced.exit_code == 1
    assert synced.result["complete"] is False
    assert "Traceback" not in synced.errors


def test_every_other_document_is_indexed(deployed: Deployed, synced: Synced) -> None:
    agent = deployed.deployment.client("bedrock-agent")
    listed = agent.list_knowledge_base_documents(
        knowledgeBaseId=deployed.deployment.output("KnowledgeBaseId"),
        dataSourceId=deployed.deployment.output("DataSourceId"),
    )["documentDetails"]
    status = {one["identifier"]["s3"]["uri"].rsplit("/", 1)[-1]: one["status"] for one in listed}
    expected = [name for name in FITS if not name.endswith(".metadata.json")]

    assert {name: status.get(name) for name in expected} == dict.fromkeys(expected, "INDEXED")
    assert len(synced.problems) == 5
    answer = invoke(deployed, {"question": "What does a mooring at Skerry Nab cost?", "mode": "rag"})
    assert cited(answer)[0] == "moorings.html"


def test_metadata_filters_what_is_retrieved(deployed: Deployed, synced: Synced) -> None:
    coast = {"equals": {"key": "team", "value": "coast"}}
    asked = {"question": "How fast do spring tides run?", "mode": "rag", "retrieval": {"filter": coast}}

    assert set(cited(invoke(deployed, asked))) == {"pilots.md"}


@pytest.mark.parametrize("rerank", [False, True])
def test_words_and_meaning_are_searched_together_by_what_each_function_may(
    deployed: Deployed, synced: Synced, *, rerank: bool
) -> None:
    options = {"search": "hybrid", "rerank": rerank, "filter": {"team": ["coast", "port"], "kind": {"!=": "map"}}}
    answer = invoke(deployed, {"question": "Skerry Nab dredged?", "mode": "rag", "retrieval": options})

    assert (cited(answer)[0], answer["degraded"]) == ("dredging.md", [])
    assert set(cited(answer)) == {"dredging.md", "pilots.md"}
    assert all(0 <= one["score"] <= 1 for one in answer["citations"])
    assert denials(deployed.aws.authorizations) == []


def test_what_is_too_far_off_is_not_said(deployed: Deployed, synced: Synced) -> None:
    asked = {"question": "Who won the war?", "mode": "rag", "retrieval": {"minimum_score": 0.95}}
    answer = invoke(deployed, asked)

    assert (answer["answer"], answer["stop_reason"]) == ("The documents do not say.", "no_passages")


def test_front_matter_filters_what_is_retrieved(deployed: Deployed, synced: Synced) -> None:
    recent = {"greaterThan": {"key": "year", "value": 2025}}
    asked = {"question": "How deep is Skerry Nab?", "mode": "rag", "retrieval": {"filter": recent}}

    assert set(cited(invoke(deployed, asked))) == {"dredging.md"}


def test_a_check_names_each_document_that_is_not_as_it_is_in_the_folder(deployed: Deployed, synced: Synced) -> None:
    (synced.folder / "tides.md").write_text("# Tides\n\nSpring tides at Skerry Nab run at 7 knots.")
    (synced.folder / "late.md").write_text("# Late\n\nIt came after the sync.")
    checked = check(deployed.deployment, synced.folder, Reading())

    named = {problem.document: problem.status for problem in checked.problems}
    assert {name: status for name, status in named.items() if name not in synced.problems} == {
        "tides.md": "STALE",
        "late.md": "MISSING",
    }
    assert named.keys() >= synced.problems.keys()
    assert check(deployed.deployment, None, Reading()).problems == ()


def test_a_dry_run_changes_nothing(deployed: Deployed, synced: Synced) -> None:
    planned = plan(deployed.deployment, synced.folder, reading=Reading(ignore=["harbour.txt"]), delete=True)
    assert ("harbour.txt", "not in the folder") in {(item.document, item.reason) for item in planned.delete}
    assert ("credentials.txt", len(KEY) + 34) in {(item.document, item.bytes) for item in planned.refused}
    again = plan(deployed.deployment, synced.folder, reading=Reading(ignore=["harbour.txt"]), delete=True)
    assert again == planned


def test_an_agent_asks_compares_and_searches_through_its_own_protocol(
    synced: Synced, checkout: Path, root: Path
) -> None:
    """The example agent, and an MCP client, start `arbiter mcp` as an agent's program does."""
    asking, arbiter = "On which channel is the harbour master reached?", (sys.executable, "-m", "cli.main", "mcp")
    spec = importlib.util.spec_from_file_location("agent", root / "examples" / "agent.py")
    assert spec
    assert spec.loader
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    answered = asyncio.run(example.answer(asking, arbiter, str(checkout)))
    assert "channel 12" in answered["answer"]
    assert (answered["steps"], cited(answered)[0]) == (["search", "ask rag"], "harbour.txt")

    async def used() -> list[Any]:
        started = StdioServerParameters(command=arbiter[0], args=list(arbiter[1:]), env=dict(os.environ), cwd=checkout)
        async with Client(stdio_client(started)) as client:
            narrowed = {"equals": {"key": "team", "value": "coast"}}
            found = await client.call_tool("search", {"question": asking, "results": 3, "filter": narrowed})
            compared = await client.call_tool("compare", {"question": asking})
            refused = await client.call_tool("evaluations", {"run": "none-yet"})
            return [found.structured_content, compared.structured_content, refused.content[0]]

    found, compared, refused = asyncio.run(used())
    assert {passage["uri"].rpartition("/")[2] for passage in found["passages"]} == {"pilots.md"}
    outcomes = {reply["mode"]: (reply["error"] or {}).get("code") for reply in compared["replies"]}
    unavailable = dict.fromkeys(("fine_tuned", "combined"), "tuned_model_unavailable")
    assert outcomes == {"base": None, "rag": None, "auto": None, **unavailable}
    assert "There is no evaluation run none-yet in local;" in refused.text
