"""`python -m bench.routing`: fit what the two heads go by and write what is shipped, or report with `--report`."""

import argparse
import json
from random import Random

from bench.routing import asking, demand, grounding, trial, wordings
from bench.routing.corpora import held_out, knowledge_bases

SEED = 1


def main() -> None:
    """Fit, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="leave knowledge bases and wordings out, write nothing")
    parser.add_argument("--held-out", action="store_true", help="try what is shipped on what nothing was fitted on")
    options = parser.parse_args()
    if options.held_out:
        for base in held_out():
            print(json.dumps(trial.of(base)))
        print(json.dumps(trial.times(held_out()[0])))
        return
    bases = knowledge_bases()
    asked = asking.requests(bases)
    inquiries = dict(zip(asking.texts(bases), asking.cross_fitted(asked), strict=True))
    measured = [grounding.measure(base, inquiries) for base in bases]
    demands = wordings.demands(Random(SEED))
    plain = wordings.plain(Random(SEED), [text for base in bases for text in base.documents])
    if options.report:
        _report(measured, demands, plain)
        return
    asking.write(asked)
    print("coefficients", grounding.write(measured).round(2).tolist())
    demand.write(demands, plain, demand.quiet_scores(demands, plain))


def _report(measured: list[grounding.Measured], demands: list[wordings.Request], plain: list[wordings.Request]) -> None:
    for name, outcome in grounding.leave_one_out(measured).items():
        print(json.dumps({"without": name, **outcome._asdict()}))
    for by in ("wording", "kind"):
        print(json.dumps({"new": by, "recall": demand.leave_out(demands, plain, by)}))


if __name__ == "__main__":
    main()
