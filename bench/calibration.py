"""`python -m bench.calibration`: how often calibration publishes a policy that was planted, and how often noise.

Four modes answer questions of which half need documents and a third the tuned model; two scores tell which, mostly.
Where an effect is planted, a question's own mode is worth so many points of 10 more than the others.
"""

import argparse
import sys
from random import Random

from arbiter.evaluation.calibration.fitting import Outcome, calibrate
from arbiter.modes import Mode
from bench.statistics import Share

RUNS = 200
PLANTED = ((60, 0.0), (100, 0.0), (120, 0.0), (200, 0.0), (100, 2.0), (200, 2.0), (100, 1.0), (200, 1.0))
"""Questions, and points that a question's own mode is worth more."""


def outcomes(count: int, seed: int, *, effect: float, spread: float = 2.0, per_document: int = 2) -> list[Outcome]:
    """Questions with what each mode was worth on them; without an effect every mode is worth the same but for noise."""
    random = Random(seed)
    made = []
    for number in range(count):
        grounded, specialised = random.random() < 0.5, random.random() < 0.33
        right = Mode.of(grounded=grounded, specialised=specialised)
        level = random.gauss(6, 1)
        # Halves of a point, as the mean of two judges' whole ones.
        worth = {mode: round(2 * (level + random.gauss(effect if mode is right else 0.0, spread))) / 2 for mode in Mode}
        scores = [min(1.0, max(0.0, random.gauss(0.7 if needed else 0.3, 0.12))) for needed in (grounded, specialised)]
        made.append(Outcome(f"document {number // per_document}", scores[0], scores[1], worth, Mode.BASE))
    return made


def published(count: int, *, effect: float, runs: int = RUNS) -> Share:
    """How many of so many runs publish."""
    happened = sum(calibrate(outcomes(count, seed, effect=effect)).publishable for seed in range(runs))
    planted = f"{effect:g} points planted" if effect else "noise"
    return Share(f"published, {planted}, n = {count}", happened, runs)


def main() -> int:
    """Run all, print a line each."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="simulations of each kind")
    arguments = parser.parse_args()
    for count, effect in PLANTED:
        share = published(count, effect=effect, runs=arguments.runs)
        print(f"{share.name:44} {share.share:7.1%}  of {share.of}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
