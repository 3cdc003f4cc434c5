"""The emulator's pure pieces, and the rule that one module names its internals."""

import ast
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local import interpreters, launcher
from local.emulator.base.identity import one_at_a_time
from local.emulator.base.journal import Journal, principal_name
from local.emulator.embedding import lexical
from local.emulator.step_functions.sdk_calls import SdkError, error_name, prefix_of, service_of

PASSAGES = [
    lexical.embed(text, 512, passage=True)
    for text in (
        "# Ropes\nA rope lasts four years and is then cut up.\n",
        "# Boots\nBoots are lent for a week and are dried before they go back.\n",
    )
]


def cosine(first: list[float], second: list[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_only_one_module_names_the_emulators_internals(root: Path) -> None:
    importing = []
    for path in sorted((root / "local").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            importing += [path.name for name in names if name.split(".")[0] == "ministack"]

    assert importing == []  # internals.py imports them by name, checked at start


def test_the_journal_holds_every_decision_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    for stream in ("one", "two"):
        for allowed in (True, True, False):
            resource = f"arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:{stream}"
            journal.record(role="r", action="logs:PutLogEvents", resource=resource, allowed=allowed, via="api")

    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [(line["decision"], line["resource"].rsplit(":", 1)[-1]) for line in lines] == [
        ("allow", "*"),
        ("deny", "*"),
    ]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::000000000000:assumed-role/Router/session", "Router"),
        ("arn:aws:iam::000000000000:role/path/Router", "Router"),
        ("arn:aws:iam::000000000000:user/someone", "someone"),
    ],
)
def test_a_principal_is_named_without_its_session(arn: str, name: str) -> None:
    assert principal_name(arn) == name


def test_sdk_names_are_those_of_step_functions() -> None:
    assert service_of("bedrockagentruntime") == "bedrock-agent-runtime"
    assert [prefix_of(name) for name in ("ssm", "s3", "bedrock", "dynamodb")] == ["Ssm", "S3", "Bedrock", "DynamoDb"]
    assert error_name("bedrock", "ThrottlingException") == "Bedrock.ThrottlingException"
    assert error_name("ssm", "ParameterNotFound") == "Ssm.ParameterNotFoundException"
    assert error_name("s3", "SlowDown") == "S3.S3Exception"
    with pytest.raises(SdkError, match="knows no SDK service nonsense"):
        service_of("nonsense")


def test_a_text_is_nearer_to_its_question_than_another() -> None:
    question = lexical.embed("How long does a rope last?", 512)
    right, wrong = PASSAGES

    assert cosine(question, right) > cosine(question, wrong)
    assert sum(value * value for value in right) == pytest.approx(1)


@pytest.mark.parametrize(
    "reword", [lambda text: text.replace(" ", "\n"), lambda text: f"{text}\n\n", lambda text: 40 * text]
)
def test_a_question_stays_one_with_line_breaks_and_any_length(reword: Callable[[str], str]) -> None:
    question = "How long does a rope last? "
    plain, reworded = lexical.embed(question, 512), lexical.embed(reword(question), 512)

    for passage in PASSAGES:
        assert cosine(reworded, passage) == pytest.approx(cosine(plain, passage))


def test_a_missing_interpreter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARBITER_EMULATOR_PYTHON", str(tmp_path / "nothing"))

    with pytest.raises(interpreters.LauncherError, match=r"no interpreter at .*nothing: run `make install`"):
        launcher.start(tmp_path)


def test_a_child_process_gets_nothing_of_the_developers_aws(tmp_path: Path) -> None:
    aws = launcher.LocalAws("http://127.0.0.1:1", 1, 1, tmp_path, tmp_path)
    environment = aws.environment({"AWS_PROFILE": "mine", "PATH": "/bin"})

    assert "AWS_PROFILE" not in environment
    assert (environment["PATH"], environment["AWS_ENDPOINT_URL"]) == ("/bin", "http://127.0.0.1:1")


def test_the_emulator_reaches_directly_what_the_person_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "llm.corp,10.0.0.0/8")
    environment = interpreters.emulator_environment(tmp_path, tmp_path)
    assert environment["no_proxy"] == environment["NO_PROXY"] == "127.0.0.1,localhost,llm.corp,10.0.0.0/8"


def test_sessions_are_registered_one_at_a_time() -> None:
    open_at_once: list[int] = []
    registering: set[str] = set()

    def register(access_key: str, session: dict[str, Any]) -> None:
        registering.add(access_key)
        time.sleep(0.01)
        open_at_once.append(len(registering))
        registering.remove(access_key)

    guarded = one_at_a_time(register)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: guarded(f"key {number}", {}), range(8)))

    assert open_at_once == [1] * 8
