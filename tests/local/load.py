"""A minute of load with a tenth of all calls failing, while models are promoted and rolled back.

`python -m tests.local.load [SECONDS]`: says what was asked, and which replies were wrong, lost or `internal`.
tests/local/test_promotion_under_load.py makes one promotion and one rollback without faults.
"""

import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from cli.models.service import promote, roll_back
from local import launcher
from tests.local.asking import invoke
from tests.local.deployed import Deployed, deploy_to, synthesise
from tests.local.faults import Faults, faults_of
from tests.local.test_promotion_under_load import lessons
from tests.local.tuned_models import ModelFactory

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
ASKERS = 4
SHARE = 0.1
MANNERS = ("Gladly!", "Ahoy!")
PAUSE = 5
FAULTS = (
    ("bedrock:InvokeModel", "ThrottlingException", 429),
    ("bedrock:InvokeModel", "ServiceUnavailableException", 503),
    ("ssm:GetParameter", "InternalServerError", 500),
)
PASSING = {"throttled", "model_error", "tuned_model_unavailable"}
"""Codes of what the caller may ask again: a fault struck both of the calls that a request may make."""


def main() -> int:
    """Deploy, make two models, ask and move; gives the exit code."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "aws").mkdir()
        try:
            deployed = deploy_to(folder / "aws", synthesise(ROOT, folder / "assembly"))
            told, struck = _under_load(deployed, seconds)
        finally:
            launcher.stop(folder / "aws")
    flaws = Counter(flaw for reply in told if (flaw := _flaw(reply)))
    codes = Counter(reply["error"]["code"] for reply in told if "error" in reply)
    sys.stdout.write(f"{len(told)} requests, {struck} faults; refused {dict(codes)}, flaws: {dict(flaws)}\n")
    return 1 if flaws else 0


def _under_load(deployed: Deployed, seconds: float) -> tuple[list[dict[str, Any]], int]:
    """Every reply, and how many faults struck."""
    factory = ModelFactory(deployed)
    runs = {}
    for number, manner in enumerate(MANNERS):
        run = f"run-{number}"
        runs[run] = factory.deploy(run, factory.train(run, lessons(manner)))
        factory.nominate(runs[run])
        promote(deployed.deployment, run)
    told: list[dict[str, Any]] = []
    stopping = threading.Event()
    by_model = {model.model: manner for model, manner in zip(runs.values(), MANNERS, strict=True)}
    askers = [threading.Thread(target=_ask, args=(deployed, by_model, told, stopping)) for _ in range(ASKERS)]
    with faults_of(deployed.aws) as faults:
        _order(faults)
        for asker in askers:
            asker.start()
        _move(deployed, time.monotonic() + seconds)
        stopping.set()
        for asker in askers:
            asker.join()
        struck = sum(strikes for _, strikes in faults.counts())
    return told, struck


def _order(faults: Faults) -> None:
    for action, code, status in FAULTS:
        faults.fail(action, code, status=status, share=SHARE / 2 if action.startswith("bedrock") else SHARE)


def _move(deployed: Deployed, until: float) -> None:
    """Promote and roll back in turn; a move that a fault struck is made again."""
    forward = False
    while time.monotonic() < until:
        time.sleep(PAUSE)
        try:
            promote(deployed.deployment, "run-1") if forward else roll_back(deployed.deployment)
        except Exception as error:
            sys.stdout.write(f"a move failed and is made again: {error}\n")
            continue
        forward = not forward


def _ask(deployed: Deployed, by_model: dict[str, str], told: list[dict[str, Any]], stopping: threading.Event) -> None:
    number = 0
    while not stopping.is_set():
        number += 1
        day = number % 10
        request = {"question": f"How early can I borrow hammock {day}?", "mode": "fine_tuned"}
        try:
            reply = invoke(deployed, request)
        except Exception as error:
            told.append({"lost": repr(error)})
            continue
        expected = f"{by_model.get(reply.get('model', ''))} You borrow hammock {day} on day {day}."
        told.append({**reply, "expected": expected})


def _flaw(reply: dict[str, Any]) -> str | None:
    if "lost" in reply:
        return "lost"
    if "error" in reply:
        code: str = reply["error"]["code"]
        return None if code in PASSING else code
    return None if reply["answer"] == reply["expected"] else "wrong"


if __name__ == "__main__":
    sys.exit(main())
