"""`python -m bench.routing`: fit the two heads and write what is shipped, or report with `--report`."""

import argparse
import json
from random import Random

from arbiter.routing.building import build
from arbiter.routing.heads import assess
from bench.routing import demand, grounding, wordings
from bench.routing.corpora import HERE, knowledge_bases, lines_of

SEED = 1


def main() -> None:
    """Fit, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="leave knowledge bases and wordings out, write nothing")
    report = parser.parse_args().report
    bases = knowledge_bases()
    measured = [grounding.measure(base) for base in bases]
    demands = wordings.demands(Random(SEED))
    plain = wordings.plain(Random(SEED), [text for base in bases for text in base.documents])
    if not report:
        print("coefficients", grounding.write(measured).round(2).tolist())
        demand.write(demands, plain, demand.quiet_scores(demands, plain))
        return
    for name, outcome in grounding.leave_one_out(measured).items():
        print(json.dumps({"without": name, **outcome._asdict()}))
    unseen = list(lines_of(HERE / "data" / "unseen.txt"))
    for base in bases:
        profile = build(base.documents)
        found = [assess(text, [], profile) for text in unseen]
        alarms = {
            head: sum(getattr(one, head).outcome == "yes" for one in found) / len(found)
            for head in ("grounded", "specialised")
        }
        print(json.dumps({"unseen requests against": base.name, "false alarms": alarms}))
    for by in ("wording", "kind"):
        print(json.dumps({"new": by, "recall": demand.leave_out(demands, plain, by)}))


if __name__ == "__main__":
    main()
