"""The doubts about an evaluation run: every reason to be careful with its conclusion, each told once."""

from collections.abc import Iterator, Mapping, Sequence

from arbiter.evaluation.numbers.clusters import FEWEST_DOCUMENTS
from arbiter.evaluation.numbers.comparison import FEWEST_QUESTIONS
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.arms import ArmSummary, technique_of
from arbiter.evaluation.summary.conclusion import NAMED
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import listed
from arbiter.evaluation.summary.judges import FEWEST_ANSWERS, called
from arbiter.evaluation.summary.native import why_no_scores
from arbiter.evaluation.summary.options import entangled

FEW_QUESTIONS = 30
POOR_AGREEMENT = 0.4
"""Weighted kappa below which agreement is no more than fair (Landis & Koch 1977)."""


def doubts(summary: Summary, plan: Plan, unreadable: Sequence[str] = ()) -> list[str]:
    """The sentences that every reader of the conclusion has to know, the gravest first."""
    return [
        *_of_answers(summary),
        *_of_questions(summary, plan),
        *_of_options(summary, plan),
        *_of_judges(summary),
        *_of_records(unreadable),
        *_of_prices(summary, plan),
        *_of_native_jobs(summary),
    ]


def caveats(summary: Summary, plan: Plan) -> list[str]:
    """The sentences without which the conclusion is misread: they are told before it."""
    return [*_of_the_place(summary), *_of_the_documents(summary), *_of_the_models(summary), *_of_hosting(plan)]


def _of_the_place(summary: Summary) -> Iterator[str]:
    if summary["local"]:
        yield (
            "Stand-ins answered and judged everything on the local AWS: the figures say nothing about the models of "
            "Bedrock."
        )


def _of_the_documents(summary: Summary) -> Iterator[str]:
    """Questions about a handful of documents, which share what befalls these."""
    cases, about = summary["cases"], summary.get("clusters", summary["cases"])
    if about < FEWEST_DOCUMENTS <= cases:
        documents = "one document" if about == 1 else f"{about} documents"
        yield (
            f"The {cases:,} questions are about {documents}: what is concluded holds of these and says nothing of "
            f"others, for which it takes questions about {FEWEST_DOCUMENTS} or more."
        )


def _of_the_models(summary: Summary) -> Iterator[str]:
    """Techniques that nothing in the run compares on one base model, and tuned models whose own nobody knows."""
    by_name = {arm["name"]: arm for arm in summary["arms"]}
    standing = {(arm["base_model"], technique_of(arm)) for arm in summary["arms"]}
    apart = dict[str | None, list[str]]()
    for row in summary["comparisons"]:
        a, b = by_name[row["a"]], by_name[row["b"]]
        crossed = {(a["base_model"], technique_of(b)), (b["base_model"], technique_of(a))}
        if row["verdict"] == "confounded" and not crossed & standing:
            for arm in (a, b):
                names = apart.setdefault(arm["base_model"], [])
                names += [] if arm["name"] in names else [arm["name"]]
    if apart:
        stands = listed([f"{listed(names)} on {model}" for model, names in apart.items()])
        yield (
            f"Technique and model are confounded: {stands}. A difference between them may come from either, so none is "
            "concluded. `arbiter evaluate --tuned RUN` sets a tuned model beside its own base."
        )
    if unknown := [arm["name"] for arm in summary["arms"] if arm["tuned_run"] and not arm["base_model"]]:
        yield (
            f"Which base model {listed(unknown)} was tuned from is not known: what sets it apart from the others may "
            "be the model and not the technique."
        )


def _of_hosting(plan: Plan) -> Iterator[str]:
    """The techniques whose bill goes by the hour, however many tokens they read and write."""
    tuned = {arm.name: plan.tuned_of(arm) or {} for arm in plan.arms}
    if hourly := [name for name, model in tuned.items() if ":provisioned-model/" in model.get("model", "")]:
        yield (
            f"{listed(hourly)} answered from throughput that is billed by the hour, asked or not: what is told of its "
            "costs is what the tokens cost on demand, and says nothing of that bill (`arbiter cost`)."
        )


def _of_answers(summary: Summary) -> Iterator[str]:
    if gaps := list(filter(None, map(_gaps, summary["arms"]))):
        yield (
            f"Not every answer could be scored, and none of these counts as a zero: {'; '.join(gaps)}. "
            f"`arbiter evaluate` with --run {summary['run']} asks for these again."
        )
    if degraded := [f"{arm['name']} {arm['degraded']}" for arm in summary["arms"] if arm["degraded"]]:
        yield f"Answers that lack a part that was asked for (degraded): {listed(degraded)}."


def _gaps(arm: ArmSummary) -> str:
    """The answers of an arm without a score, by the reason; empty where there are none."""
    counts = {**arm["failed"], "missing": arm["missing"], "without a verdict of every judge": arm["unjudged"]}
    reasons = counted({code: count for code, count in counts.items() if count}, arm["reasons"])
    return f"{arm['name']} {sum(counts.values())} of {arm['cases']} ({reasons})" if reasons else ""


def counted(failures: Mapping[str, int], reasons: Mapping[str, str]) -> str:
    """How often there was each failure, with the first message of those that have one, without AWS's words below it."""
    first_lines = {code: reason.partition("\n")[0].rstrip(".") for code, reason in reasons.items()}
    messages = {code: f": {first_lines[code]}" if code in first_lines else "" for code in failures}
    return ", ".join(f"{count:,} {code}{messages[code]}" for code, count in failures.items())


def _of_questions(summary: Summary, plan: Plan) -> Iterator[str]:
    cases, leakage = summary["cases"], summary["leakage"]
    if FEWEST_QUESTIONS <= cases < FEW_QUESTIONS:
        yield f"{cases} questions are few: only large differences show. Look at the smallest difference that shows."
    for run, count in leakage["training"].items():
        yield (
            f"{count} of {cases} questions are asked in the training set of run {run} too: its model may only remember "
            "the answers, so believe no lead of it before these questions are replaced."
        )
    if leakage["documents"]:
        names = listed([f"{arm['name']} {arm['leaked']}" for arm in summary["arms"] if arm["leaked"]])
        yield (
            f"{leakage['documents']} of {cases} questions stand word for word in a document that an answer was given "
            f"({names}): retrieval finds these more easily than what people ask."
        )
    for doubt in plan.doubts:
        # The plan names the questions that a training set asks; they are counted above.
        if not any(f"the training set of run {run} " in doubt for run in leakage["training"]):
            yield f"{doubt}."


def _of_options(summary: Summary, plan: Plan) -> Iterator[str]:
    if pairs := entangled(summary["comparisons"], plan):
        more = f" and {len(pairs) - NAMED} more pairs" if len(pairs) > NAMED else ""
        yield (
            "Where techniques differ in several options at once, nothing tells which of them makes the difference: "
            f"{', '.join(pairs[:NAMED])}{more}."
        )


def _of_judges(summary: Summary) -> Iterator[str]:
    names, agreement = called(summary["judges"], local=summary["local"]), summary["judges_agreement"]
    if len(names) < 2:
        only = "Only one judge" if names else "No judge"
        yield f"{only} scored this run, so nothing shows whether to believe the scores."
    for pair in agreement["pairs"]:
        kappa, judges = pair["weighted_kappa"], f"{names[pair['a']]} and {names[pair['b']]}"
        judges = judges if summary["local"] else f"judges {judges}"
        if 0 < pair["n"] < FEWEST_ANSWERS:
            number = "1 answer has" if pair["n"] == 1 else f"{pair['n']} answers have"
            takes = f"a score of both, and it takes {FEWEST_ANSWERS}"
            yield f"Whether {judges} agree cannot be said: {number} {takes}."
        elif pair["n"] and pair["spearman"] is None:
            yield f"Whether {judges} agree cannot be said: one of them gave every answer the same score."
        elif kappa is not None and kappa < POOR_AGREEMENT:
            yield f"{judges[:1].upper()}{judges[1:]} agree poorly (weighted kappa {kappa:.2f}): read the verdicts."
    failures = [
        f"{names.get(judge, judge)} {counted(codes, agreement['reasons'].get(judge, {}))}"
        for judge, codes in agreement["failures"].items()
        if codes
    ]
    if failures:
        yield f"Verdicts that failed and count for nothing: {'; '.join(failures)}."
    for preferred in summary["pairwise"]:
        if turned := preferred["inconsistent"]:
            between = f"{turned} of {preferred['n']} choices between {preferred['a']} and {preferred['b']}"
            yield f"{between} had another winner when the two answers changed places."


def _of_records(unreadable: Sequence[str]) -> Iterator[str]:
    if unreadable:
        more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
        yield f"Records that cannot be read and were left out: {', '.join(unreadable[:NAMED])}{more}."


def _of_prices(summary: Summary, plan: Plan) -> Iterator[str]:
    unpriced = [arm["name"] for arm in summary["arms"] if arm["cost"]["total_usd"] is None]
    if unpriced:
        models = ", ".join(plan.estimate.get("unknown_prices", ()))
        named = f" (of {models})" if models else ""
        yield f"The price is unknown for {listed(unpriced)}{named}: look it up with `arbiter cost --refresh`."


def _of_native_jobs(summary: Summary) -> Iterator[str]:
    names = called(summary["judges"], local=summary["local"])
    for job in summary.get("native", ()):
        if reason := why_no_scores(job):
            sentence = f"Bedrock's own job with {names[job['judge']]} on {job['arm']} gave no score"
            yield f"{sentence}: {reason.rstrip('.')}."
