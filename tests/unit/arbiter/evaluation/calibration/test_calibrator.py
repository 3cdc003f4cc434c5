"""A calibration publishes what beats each single mode, in one write that is taken back in one."""

import json
from random import Random
from typing import Any

import pytest

from arbiter.answering.decision import Profiles, decide
from arbiter.answering.request import Request
from arbiter.evaluation.calibration.calibrator import CalibrationRefused, Calibrator
from arbiter.evaluation.run.keys import routing_key
from arbiter.modes import Mode
from arbiter.routing.artefact import DamagedProfileError
from arbiter.routing.policy import Calibrated, Policies, loads, policy_key
from bench.synthetic_plan import document
from tests.unit.arbiter.answering.test_auto import KNOWN, doubtful, knowledge
from tests.unit.arbiter.evaluation.engine_fakes import Bucket
from tests.unit.arbiter.evaluation.summary.test_summary import answer, scored, verdicts

KEY, COUNT = policy_key("KB1"), 120
ARMS = tuple(mode.value for mode in Mode)


class Store(Bucket):
    """A bucket in memory that may be written to meanwhile."""

    meanwhile = False

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        return self.read(key), str(hash(self.read(key)))

    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        return not self.meanwhile and self.read_tagged(key)[1] == etag and bool(self.write(key, body))

    def create(self, key: str, body: bytes, *, content_type: str) -> bool:
        return key not in self.contents and bool(self.write(key, body))


def run(effect: float, *, name: str = "r", auto: bool = True, cost: dict[str, float] | None = None) -> Store:
    """A run in which half of the questions are worth `effect` points more with documents, and the others less."""
    random, store = Random(4), Store()
    plan = document(name, ARMS, ["j", "k"], repeat=1, pairwise=False, auto=auto)
    cases, choices = [], []
    for number in range(COUNT):
        case, needed = f"c{number}", random.random() < 0.5
        cases.append(json.dumps({"id": case, "question": "Q?", "document": f"{number // 2}.md"}))
        score = random.gauss(0.7 if needed else 0.3, 0.1)
        decision = {"grounded": {"score": score}, "specialised": {"score": 0.1}}
        choices.append({"case": case, "mode": "base", "decision": decision})
        for arm in ARMS:
            right = Mode(arm).grounded is needed and not Mode(arm).specialised
            given = max(0.0, min(10.0, float(round(random.gauss(5 + effect * right, 1)))))
            price = (cost or {}).get(arm, 0.5)
            store.contents[f"evaluations/{name}/answers/{case}/{arm}.json"] = json.dumps(
                answer(case, arm, cost_usd=price)
            ).encode()
            judged = verdicts(case, arm, scored("j", given), scored("k", given))
            store.contents[f"evaluations/{name}/verdicts/{case}/{arm}.json"] = json.dumps(judged).encode()
    store.contents[f"evaluations/{name}/run.json"] = json.dumps(plan).encode()
    store.contents[f"evaluations/{name}/cases.jsonl"] = "\n".join(cases).encode()
    store.contents[routing_key(name, 0)] = json.dumps({"decisions": choices}).encode()
    return store


def test_a_policy_that_beats_each_single_mode_is_published_and_the_router_goes_by_it() -> None:
    store = run(3.0)
    told = Calibrator(store, "KB1").handle({"run": "r"})
    policies = loads(store.read(KEY))
    policy = policies.current["quality"]

    assert (told["published"], told["questions"], told["documents"]) == (True, COUNT, COUNT // 2)
    assert told["p"] == max(one["p"] for one in told["against"]) < 0.05
    assert (policy.run, policies.former) == ("r", {})
    assert 0.3 < policy.grounded < 0.7 < policy.specialised
    certain = decide(Request(KNOWN), Profiles(doubtful(), policy={"quality": policy._replace(grounded=0.0)}))
    assert (certain.mode, certain.policy, certain.look) == (Mode.RAG, "calibrated:r", None)
    never = decide(Request(KNOWN), Profiles(knowledge(), policy={"quality": policy._replace(grounded=2.0)}))
    assert never.mode == Mode.BASE
    assert decide(Request(KNOWN, prefer="cost"), Profiles(knowledge(), policy=policies.current)).policy == "default"


def test_what_does_not_win_is_not_published_and_says_how_many_questions_it_takes() -> None:
    store = run(0.3)
    told = Calibrator(store, "KB1").handle({"run": "r"})

    assert (told["published"], told["wins"]) == (False, False)
    assert told["questions_needed"] is None or told["questions_needed"] > COUNT
    assert KEY not in store.contents


def test_a_trial_publishes_nothing() -> None:
    store = run(3.0)

    assert Calibrator(store, "KB1").handle({"run": "r", "publish": False})["wins"]
    assert KEY not in store.contents


def test_a_rollback_brings_back_what_was_in_force_and_a_second_one_this() -> None:
    store = run(3.0)
    calibrator = Calibrator(store, "KB1")
    calibrator.handle({"run": "r"})
    first = calibrator.handle({"rollback": True})
    again = calibrator.handle({"rollback": True})

    assert first == {"in_force": {}}
    assert again["in_force"]["quality"]["run"] == "r"


def test_the_same_thresholds_published_again_leave_what_a_rollback_returns_to() -> None:
    calibrator = Calibrator(run(3.0), "KB1")
    first, again = calibrator.handle({"run": "r"}), calibrator.handle({"run": "r"})

    assert again == first
    assert calibrator.handle({"rollback": True}) == {"in_force": {}}


def test_what_was_published_meanwhile_is_not_overwritten() -> None:
    store = run(3.0)
    calibrator = Calibrator(store, "KB1")
    calibrator.handle({"run": "r"})
    store.meanwhile = True

    with pytest.raises(CalibrationRefused, match="Another calibration was published meanwhile"):
        calibrator.handle({"rollback": True})


def test_a_write_that_was_repeated_at_the_wire_counts_as_made() -> None:
    class Repeating(Store):
        """A client whose replies are lost writes again, and is told that somebody was quicker."""

        def replace(self, key: str, body: bytes, **how: Any) -> bool:
            return super().replace(key, body, **how) and super().replace(key, body, **how)

    store = run(3.0)
    Calibrator(store, "KB1").handle({"run": "r"})

    assert Calibrator(Repeating(store.contents), "KB1").handle({"rollback": True}) == {"in_force": {}}


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({"run": "gone"}, "There is no evaluation run gone"),
        ({"run": "r", "prefer": "speed"}, "choose one of quality, latency, cost"),
        ({"run": "r"}, "holds no choices of auto: evaluate with `--modes auto,base,rag"),
    ],
)
def test_what_cannot_be_calibrated_on_is_refused_in_a_sentence(event: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CalibrationRefused, match=sentence):
        Calibrator(run(3.0, auto=False), "KB1").handle(event)


def test_a_run_over_another_store_calibrates_nothing_of_this_one() -> None:
    store = run(3.0)
    plan = json.loads(store.contents["evaluations/r/run.json"])
    store.contents["evaluations/r/run.json"] = json.dumps({**plan, "knowledge_bases": {"default": "KB0"}}).encode()
    with pytest.raises(CalibrationRefused, match="from the knowledge base KB0, and KB1 has taken its place"):
        Calibrator(store, "KB1").handle({"run": "r"})


def test_who_prefers_cost_pays_for_documents_only_where_they_are_worth_it() -> None:
    cost = {"base": 0.1, "rag": 2.0, "fine_tuned": 0.1, "combined": 2.0}
    store = run(1.5, cost=cost)
    calibrator = Calibrator(store, "KB1")
    quality, cheap = (calibrator.handle({"run": "r", "prefer": prefer, "publish": False}) for prefer in
                      ("quality", "cost"))  # fmt: skip
    lead = {name: {one["mode"]: one["difference"] for one in told["against"]}
            for name, told in (("quality", quality), ("cost", cheap))}  # fmt: skip

    assert lead["cost"]["rag"] > lead["quality"]["rag"]
    assert lead["cost"]["base"] < lead["quality"]["base"]


def test_policies_are_kept_by_preference_and_refused_when_damaged() -> None:
    one, other = Calibrated("a", 0.4, 0.6), Calibrated("b", 0.5, 0.7)
    policies = Policies({}, {}).with_calibrated("quality", one).with_calibrated("cost", other)

    assert loads(policies.dumps()) == policies
    assert policies.current == {"quality": one, "cost": other}
    assert policies.rolled_back().current == {"quality": one}
    with pytest.raises(DamagedProfileError):
        loads(policies.dumps().replace('"b"', '"c"'))
