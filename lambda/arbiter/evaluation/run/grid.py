"""Every combination of the techniques and models that a run is to compare, as a list of arms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arbiter.evaluation.run.arms import MODES, short_names
from arbiter.modes import Mode

RUN_SIGNS = 24
"""Of a training run's name in that of an arm, where so many tell the runs apart."""

Fields = dict[str, Any]


def default_arms(
    modes: Sequence[str] = MODES,
    models: Sequence[str] = (),
    *,
    tuned: Mapping[str, str] | None = None,
    prompting: Sequence[str] = (),
    retrieval: Sequence[Mapping[str, Any]] = (),
    asked: Mapping[str, Any] | None = None,
) -> list[Fields]:
    """Each mode with each model that may answer in it, each prompting and each retrieval.

    Args:
        modes: Their names.
        models: The base models; each has its own arms of the modes without a tuned model.
        tuned: Training runs, each with the base model of its model, which then answers in the other modes. By default
            the model in service is the tuned one.
        prompting: By default none is asked for.
        retrieval: Options of the retrieval, of the modes that retrieve; an empty set stands for the deployment's.
        asked: Further fields of every arm's requests.

    What is as the deployment has it adds nothing to the name of an arm: `rag` and `rag.few_shot`.
    """
    tuned = tuned or {}
    return [
        {**_named(mode, answering, how, options), "mode": mode, **({"asked": dict(asked)} if asked else {})}
        for mode in modes
        for answering in _answering(mode, models, tuned)
        for how in prompting or ("",)
        for options in (retrieval if _is(mode, grounded=True) and retrieval else ({},))
    ]


def _is(mode: str, **answers: bool) -> bool:
    return mode in MODES and all(getattr(Mode(mode), name) is value for name, value in answers.items())


def _answering(mode: str, models: Sequence[str], tuned: Mapping[str, str]) -> Iterator[Fields]:
    """The models of a mode, each as the fields of an arm; `name` is what tells it from the others."""
    bases = list(dict.fromkeys([*models, *tuned.values()]))
    if _is(mode, specialised=True) and tuned:
        names = _short_runs(list(tuned))
        yield from ({"tuned": run, "name": names[run]} for run in tuned)
    elif _is(mode, specialised=False) and bases:
        short = short_names(bases)
        alone = not models and len(bases) == 1
        yield from ({"model": model, "name": "" if alone else short[model]} for model in bases)
    else:
        yield {"name": ""}


def _short_runs(runs: Sequence[str]) -> dict[str, str]:
    short = {run: run[:RUN_SIGNS].rstrip("-") for run in runs}
    return short if len(set(short.values())) == len(runs) else dict(zip(runs, runs, strict=True))


def _named(mode: str, answering: Fields, prompting: str, retrieval: Mapping[str, Any]) -> Fields:
    parts = [mode, answering["name"], "" if prompting == "zero_shot" else prompting, _retrieval_name(retrieval)]
    chosen = {"prompting": prompting, "retrieval": dict(retrieval)}
    return {**answering, "name": ".".join(filter(None, parts)), **{name: one for name, one in chosen.items() if one}}


def _retrieval_name(options: Mapping[str, Any]) -> str:
    told = {
        "results": f"results-{options.get('results')}",
        "search": options.get("search"),
        "rerank": "rerank" if options.get("rerank") else "no-rerank",
        "strategy": options.get("strategy"),
        "minimum_score": f"score-{options.get('minimum_score')}",
        "rewrite": "rewrite" if options.get("rewrite") else "no-rewrite",
        "filter": "filtered",
    }
    return "-".join(str(told[name]) for name in told if name in options)
