"""The check of training data on a file of the largest size: `python -m bench.training_data`."""

import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from arbiter.base_models import MAXIMUM_SAMPLES
from arbiter.training_data.check import Rules
from cli.training.check import check_file

SEED = 20261121
QUESTIONS = 500
WORDS_OF_AN_ANSWER = 90


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        training, questions = Path(folder, "pairs.jsonl"), Path(folder, "questions.jsonl")
        _write(training, questions)
        begun = time.process_time()
        result = check_file(training, rules=Rules(validation_percentage=10), questions=questions)
        seconds = time.process_time() - begun
        size = training.stat().st_size / 1e6
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    report = result.report
    print(
        f"{report.samples:,} samples, {size:.1f} MB, checked in {seconds:.1f} s of processor time, peak {peak:.0f} MB"
    )
    print(f"found: {dict(report.counts)}")


def _write(training: Path, questions: Path) -> None:
    """Samples of made-up words in the proportions of prose, with some of every fault that is costly to find."""
    random.seed(SEED)
    words = ["".join(random.choices("etaoinshrdlucmfwypvbgk", k=random.randint(2, 10))) for _ in range(8000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    question = answer = ""
    with training.open("w") as file, questions.open("w") as asked:
        for number in range(MAXIMUM_SAMPLES):
            text = " ".join(random.choices(words, weights, k=WORDS_OF_AN_ANSWER))
            if number % 20 == 5:
                question, answer = f"So, {question}", f"{answer} Indeed."
            else:
                question = "How does " + " ".join(random.choices(words, weights, k=9)) + "?"
                answer = _spoilt(number, text)
            file.write(
                json.dumps({"question": question, "answer": answer, "document": f"doc-{number // 40}.md"}) + "\n"
            )
            if number % (MAXIMUM_SAMPLES // QUESTIONS) == 0:
                asked.write(json.dumps({"question": question[::-1] if number % 3 else question}) + "\n")


def _spoilt(number: int, text: str) -> str:
    """The text, or one with a fault in it for some numbers."""
    faults = {
        1: f"{text} Call +1 415 555 2671 or write to jo@acme.org, order 4111 1111 1111 1111.",
        2: f"{text} AWS_SECRET = 'AKIA{number:016}' password: \"hunter2{number}\"",
        4: f"{text} https://docs.aws.amazon.com/lambda/latest/dg/limits.html 2026-11-21 10.0.0.0/16 port 5432",
    }
    return faults.get(number % 20, text)


if __name__ == "__main__":
    main()
