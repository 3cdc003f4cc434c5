"""Native evaluation jobs: what Bedrock is asked to judge by itself, and what is read out of its results.

Bedrock user guide, *model-evaluation-prompt-datasets-judge*: the responses lie in the dataset, one a prompt, each named
as the job's inference source is, and at most 1,000 prompts make a job.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from arbiter.evaluation.native.request import METRIC, POINTS
from arbiter.evaluation.run.conversation import as_asked
from arbiter.evaluation.run.plan import Record
from arbiter.evaluation.verdicts.judging import blinded
from arbiter.evaluation.verdicts.prompts import neutralise
from arbiter.fields import is_number

MOST_PROMPTS = 1_000
Case = Mapping[str, Any]


class Dataset(NamedTuple):
    """The answers of one arm as a job reads them."""

    content: bytes
    case_ids: tuple[str, ...]
    """The case of each line."""
    referenced: bool
    """Whether the judge is shown what is right."""
    left_out: Mapping[str, int]
    """Cases that the job does not see, by the reason."""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def dump(self) -> Record:
        """The part of it that a job's record keeps."""
        kept = {"referenced": self.referenced, "left_out": dict(self.left_out), "case_ids": list(self.case_ids)}
        return {"dataset": self.digest, **kept}


class Scores(NamedTuple):
    """A job's score of each case, or why there is none."""

    scores: list[Record]
    unscored: list[Record]


def dataset_key(run: str, arm: str) -> str:
    return f"evaluations/{run}/native_jobs/datasets/{arm}.jsonl"


def output_prefix(run: str) -> str:
    return f"evaluations/{run}/native_jobs/output/"


def dataset(
    cases: Sequence[Case], answered: Callable[[Sequence[Case]], Iterable[tuple[Case, Mapping[str, Any]]]], arm: str
) -> Dataset:
    """The arm's responses to the first cases; where some cases have a reference, those that have none are left out."""
    wanted = eligible(cases)
    shown = ((case, text) for case, response in answered(wanted) if (text := blinded(response)))
    chosen = list(islice(shown, MOST_PROMPTS))
    ids = tuple(str(case["id"]) for case, _ in chosen)
    over = 0
    if len(chosen) == MOST_PROMPTS:
        over = len(wanted) - 1 - next(index for index, case in enumerate(wanted) if case["id"] == ids[-1])
    not_answered = len(wanted) - over - len(chosen)
    left_out = {"no_reference": len(cases) - len(wanted), "over_the_limit": over, "not_answered": not_answered}
    content = "".join(json.dumps(_line(case, text, arm), ensure_ascii=False) + "\n" for case, text in chosen)
    return Dataset(content.encode(), ids, bool(_reference(wanted[0])), {name: n for name, n in left_out.items() if n})


def eligible(cases: Sequence[Case]) -> Sequence[Case]:
    """The cases that can be judged alike: those with a reference, or all where none has one."""
    return [case for case in cases if _reference(case)] or cases


def read_results(content: bytes, case_ids: Sequence[str], results: Iterable[bytes]) -> Scores:
    """The score of every line of the dataset; a line without a usable one is unscored, and never a zero."""
    by_line = dict(_by_prompt_and_response(results))
    scores: list[Record] = []
    unscored: list[Record] = []
    lines = (json.loads(line) for line in content.split(b"\n") if line.strip())
    for case, line in zip(case_ids, lines, strict=True):
        result = by_line.get(_identity(line))
        if result is None:
            unscored.append({"case_id": case, "code": "missing"})
        elif (value := result.get("result")) is None:
            unscored.append({"case_id": case, "code": "no_score"})
        elif not is_number(value) or not 0 <= value <= 1:
            unscored.append({"case_id": case, "code": "out_of_range"})
        else:
            scores.append({"case_id": case, "score": round(value * POINTS, 9), "reason": _reason(result)})
    return Scores(scores, unscored)


def _line(case: Case, answer: str, arm: str) -> Record:
    reference = _reference(case)
    tags = case.get("tags") or ()
    return {
        "prompt": neutralise(as_asked(case)),
        **({"referenceResponse": neutralise(reference)} if reference else {}),
        **({"category": str(tags[0])} if tags else {}),
        "modelResponses": [{"response": neutralise(answer), "modelIdentifier": arm}],
    }


def _reference(case: Case) -> str:
    return (case.get("reference") or "").strip()


def _by_prompt_and_response(results: Iterable[bytes]) -> Iterator[tuple[tuple[str, str], Record]]:
    """Our metric's result of each line by prompt and response: the results bear no id, and keep no order."""
    for content in results:
        for text in content.split(b"\n"):
            try:
                line = json.loads(text)
                asked = line["inputRecord"]
                responses = asked.get("modelResponses") or line["modelResponses"]
                scores = line["automatedEvaluationResult"]["scores"]
                score = next(one for one in scores if one["metricName"] == METRIC)
                yield _identity({**asked, "modelResponses": responses}), score
            except (ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration):
                continue  # Not a result: its case is counted as missing.


def _identity(line: Mapping[str, Any]) -> tuple[str, str]:
    return str(line["prompt"]), str(line["modelResponses"][0]["response"])


def _reason(result: Mapping[str, Any]) -> str:
    details = result.get("evaluatorDetails") or [{}]
    return str(details[0].get("explanation") or "")
