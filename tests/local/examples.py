"""A part of the project's examples."""

import json
import shutil
from pathlib import Path

FEW_QUESTIONS = 6


def few_of(root: Path, folder: Path) -> Path:
    """The project's examples, with only the documents and cases that exercise every part once, in a new folder."""
    source = root / "examples"
    demo = [json.loads(line) for line in (source / "demo.jsonl").read_text().splitlines()]
    for document in filter(None, (line["document"] for line in demo)):
        (folder / "documents" / document).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "documents" / document, folder / "documents" / document)
    shutil.copytree(source / "training", folder / "training")
    shutil.copy(source / "demo.jsonl", folder)
    (folder / "evaluation").mkdir()
    cases = (source / "evaluation" / "questions.jsonl").read_text().splitlines()[:FEW_QUESTIONS]
    (folder / "evaluation" / "questions.jsonl").write_text("\n".join(cases) + "\n")
    return folder
