"""Load in which half of the requests are answered again, and every answer is rated.

`python -m tests.local.shadow_load [--seconds 60] [--askers 3] [--daily-usd 0.01]`: first hands requests over to a
function that refuses them, to see what the hand-over itself costs callers, then to one that answers. Says how long
callers waited, what was lost, how much of the budget of the day was spent, and which texts were kept. The two kinds of
request take turns by chance in one deployment, so that whatever else slows this machine slows both.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

from arbiter.answering.serving.shadow import KEY, chosen
from arbiter.aws.objects import Objects
from arbiter.feedback import PREFIX
from cli.feedback import export
from cli.feedback.rating import rate
from cli.local.permissions import denials
from cli.sync.synchronise import sync
from local import launcher
from tests.local.asking import invoke, until
from tests.local.deployed import Deployed, deploy_to, synthesise
from tests.local.faults import faults_of

ROOT = Path(__file__).resolve().parents[2]
SHARE = 0.5
RESAMPLES = 2_000
QUIET_SECONDS = 45.0
"""Without another record of a hand-over, longer than the function may take: all that were under way have ended."""


class Replied(NamedTuple):
    """One request: how long its caller waited, and what came back."""

    milliseconds: float
    rating_milliseconds: float
    reply: dict[str, Any]
    noted: dict[str, Any]


class Loaded(NamedTuple):
    """Every reply, and the errors of what was lost."""

    replied: list[Replied]
    lost: list[str]


def main() -> int:
    """Deploy, ask and rate, and look at what is there afterwards; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.local.shadow_load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--askers", type=int, default=3)
    parser.add_argument("--daily-usd", type=float, default=0.01)
    arguments = parser.parse_args()
    router = {"log_text": True, "shadow": {"share": SHARE, "mode": "rag", "daily_usd": arguments.daily_usd}}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "aws").mkdir()
        try:
            stacks = synthesise(ROOT, folder / "assembly", router=router, feedback={"keep_text_days": 1})
            deployed = deploy_to(folder / "aws", stacks)
            sync(deployed.deployment, ROOT / "examples" / "documents")
            with faults_of(deployed.aws) as faults:
                faults.fail("lambda:InvokeFunction", "TooManyRequestsException", status=429, match={"path": "Shadow"})
                alone = _under_load(deployed, arguments.seconds, arguments.askers)
            both = _under_load(deployed, arguments.seconds, arguments.askers)
            flaws = [*_handing_over(alone.replied), *_look(deployed, alone, both, arguments.daily_usd)]
        finally:
            launcher.stop(folder / "aws")
    sys.stdout.write("\n".join((*flaws, f"{len(flaws)} flaws\n")))
    return 1 if flaws else 0


def _under_load(deployed: Deployed, seconds: float, askers: int) -> Loaded:
    """Ask and rate for so many seconds."""
    replied: list[Replied] = []
    lost: list[str] = []
    ends = time.monotonic() + seconds

    def ask(number: int) -> None:
        for turn in range(10_000):
            if time.monotonic() > ends:
                return
            try:
                replied.append(_asked_and_rated(deployed, f"How heavy is the packed Skarn {turn % 5}, asker {number}?"))
            except Exception as error:
                lost.append(repr(error))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Loaded(replied, lost)


def _asked_and_rated(deployed: Deployed, question: str) -> Replied:
    started = time.perf_counter()
    reply = invoke(deployed, {"question": question})
    answered = time.perf_counter()
    given = {"request_id": reply["request_id"], "rating": "good", "question": question, "answer": reply["answer"]}
    noted = rate(deployed.deployment, given)["feedback"]
    rated = time.perf_counter()
    return Replied((answered - started) * 1_000, (rated - answered) * 1_000, reply, noted)


def _look(deployed: Deployed, alone: Loaded, both: Loaded, daily_usd: float) -> Iterator[str]:
    """Print what there is, and yield each thing that should not be so."""
    yield from (f"lost: {error}" for error in (*alone.lost, *both.lost))
    # Who may list one prefix is told of a missing object that it is denied: so begins the first day of a budget.
    yield from (f"denied: {one}" for one in denials(deployed.aws.authorizations) if "s3:ListBucket" not in one)
    _waited("answered again on the same processors", both.replied)
    offered = {one.reply["request_id"] for one in both.replied if chosen(one.reply["request_id"], SHARE)}
    records = [one for one in _ended(deployed, len(offered)) if "request_id" in one]
    answered = [one for one in records if one["message"] == "shadowed"]
    refused = [one["reason"] for one in records if one["message"] == "not shadowed"]
    spent = sum(one["cost_usd"] for one in answered)
    counted = json.loads(_results(deployed).read(KEY))["usd"]
    _say(f"{len(offered)} handed over: {len(answered)} answered again for ${spent:.6f}, ${counted:.6f} counted of "
         f"${daily_usd:g}; {len(refused)} not, because of {sorted(set(refused))}")  # fmt: skip
    if not spent - 1e-6 <= counted <= daily_usd:
        yield f"the budget of the day: ${spent:.6f} spent, ${counted:.6f} counted, ${daily_usd:g} set"
    if (ended := {one["request_id"] for one in records}) != offered:
        yield f"{len(offered - ended)} requests were not handed over, {len(ended - offered)} were without being chosen"
    if len(pairs := export.shadowed(deployed.deployment, 1)) != len(answered):
        yield f"{len(pairs)} pairs exported of {len(answered)}"
    replied = [*alone.replied, *both.replied]
    kept, rated = len(list(_results(deployed).listing(PREFIX))), export.rated(deployed.deployment, 1)
    _say(f"{len(replied)} answers rated; texts of {kept} kept beside the log, {len(rated)} exported")
    if not len(replied) == kept == len(rated):
        yield "feedback was lost"
    yield from (f"not kept: {one.noted}" for one in replied if not one.noted["answer_kept"])


def _handing_over(replied: list[Replied]) -> Iterator[str]:
    """Yield if those whose request is handed over wait longer than others by more than noise.

    Nothing is answered again meanwhile: on one machine the second answer would take the first one's processors.
    """
    low, high = _waited("handed over, and not answered again", replied)
    if low > 0:
        yield f"requests that are handed over are slower by {low:.0f} to {high:.0f} ms"


def _waited(kind: str, replied: list[Replied]) -> tuple[float, float]:
    """Print how long callers waited; gives 95 % of the resampled differences of the medians, in milliseconds."""
    groups: dict[bool, list[float]] = {True: [], False: []}
    for one in replied:
        groups[chosen(one.reply["request_id"], SHARE)].append(one.milliseconds)
    chance = Random(1)
    differences = sorted(
        median(chance.choices(groups[True], k=len(groups[True])))
        - median(chance.choices(groups[False], k=len(groups[False])))
        for _ in range(RESAMPLES)
    )
    low, high = differences[RESAMPLES // 40], differences[-RESAMPLES // 40]
    for name, waited in ((kind, groups[True]), ("the others", groups[False])):
        p95 = sorted(waited)[int(0.95 * len(waited))]
        _say(f"{name}: {len(waited)} requests, median {median(waited):.0f} ms, p95 {p95:.0f} ms")
    apart = median(groups[True]) - median(groups[False])
    _say(f"difference of the medians {apart:+.0f} ms (95 % of resamples {low:+.0f} to {high:+.0f})")
    _say(f"a rating: median {median(one.rating_milliseconds for one in replied):.0f} ms")
    return low, high


def _ended(deployed: Deployed, offered: int) -> list[dict[str, Any]]:
    """The records of what was handed over, once all have ended or no more comes."""
    records: list[dict[str, Any]] = []
    grown = time.monotonic()

    def quiet() -> bool:
        nonlocal records, grown
        pattern = '{ $.message = "shadowed" || $.message = "not shadowed" }'
        seen = list(export.records(deployed.deployment, "ShadowLogGroup", pattern, 1))
        if len(seen) > len(records):
            records, grown = seen, time.monotonic()
        return len(records) >= offered or time.monotonic() - grown > QUIET_SECONDS

    until(quiet, "the answers that were handed over have ended", seconds=300)
    return records


def _results(deployed: Deployed) -> Objects:
    return Objects(deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName"))


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
