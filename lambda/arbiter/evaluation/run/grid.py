"""Every combination of the techniques and models that a run is to compare, as a list of arms."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arbiter.evaluation.run.arms import DEFAULT, MODES, short_names
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
    limits: Sequence[Mapping[str, Any]] = (),
    asked: Mapping[str, Any] | None = None,
    knowledge_bases: Sequence[str] = (),
) -> list[Fields]:
    """Each mode with each model that may answer in it, each prompting, each retrieval and each set of limits.

    Args:
        modes: Their names.
        models: The base models; each has its own arms of the modes without a tuned model.
        tuned: Training runs, each with the base model of its model, which then answers in the other modes. By default
            the model in service is the tuned one.
        prompting: By default none is asked for.
        retrieval: Options of the retrieval, of the modes that retrieve; an empty set stands for the deployment's.
        limits: Limits of the requests, with `degrade` where they allow less; an empty set stands for none.
        asked: Further fields of every arm's requests.
        knowledge_bases: Names of those that are searched, by the modes that retrieve; `default` is the deployment's.

    What is as the deployment has it adds nothing to the name of an arm: `rag` and `rag.few_shot`. Where two would have
    one name, as with two filters, the later ones are numbered.
    """
    tuned, taken = tuned or {}, Counter[str]()
    arms = [
        {**_named(mode, answering, how, options, most, base), "mode": mode, **_asked(asked or {}, most)}
        for mode in modes
        for answering in _answering(mode, models, tuned)
        for how in prompting or ("",)
        for base in (knowledge_bases if _is(mode, grounded=True) and knowledge_bases else (DEFAULT,))
        for options in (retrieval if _is(mode, grounded=True) and retrieval else ({},))
        for most in limits or ({},)
    ]
    for arm in arms:
        taken[arm["name"]] += 1
        arm["name"] += f".{taken[arm['name']]}" if taken[arm["name"]] > 1 else ""
    return arms


def _asked(asked: Mapping[str, Any], limits: Mapping[str, Any]) -> Fields:
    """The further fields of an arm's requests: those of every arm, and its own limits."""
    own = {name: value for name, value in limits.items() if name != "degrade"}
    every = {**asked.get("limits", {}), **own}
    fields = {**asked, **({"limits": every} if every else {})}
    fields |= {"degrade": limits["degrade"]} if "degrade" in limits else {}
    return {"asked": fields} if fields else {}


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


def _named(
    mode: str, answering: Fields, prompting: str, retrieval: Mapping[str, Any], limits: Mapping[str, Any], base: str
) -> Fields:
    technique = "" if prompting == "zero_shot" else prompting
    other = "" if base == DEFAULT else base
    parts = [mode, answering["name"], technique, other, _retrieval_name(retrieval), _limits_name(limits)]
    chosen = {"prompting": prompting, "retrieval": dict(retrieval), "knowledge_base": other}
    return {**answering, "name": ".".join(filter(None, parts)), **{name: one for name, one in chosen.items() if one}}


def _retrieval_name(options: Mapping[str, Any]) -> str:
    parts = {
        "results": f"results-{options.get('results')}",
        "search": options.get("search"),
        "rerank": "rerank" if options.get("rerank") else "no-rerank",
        "strategy": options.get("strategy"),
        "minimum_score": f"score-{options.get('minimum_score')}",
        "rewrite": "rewrite" if options.get("rewrite") else "no-rewrite",
        "filter": "filtered",
        "sentences": "sentences" if options.get("sentences") else "no-sentences",
    }
    return "-".join(str(parts[name]) for name in parts if name in options)


def _limits_name(limits: Mapping[str, Any]) -> str:
    words = {"max_cost_usd": "usd", "max_latency_ms": "ms", "max_output_tokens": "tokens"}
    parts = [f"{word}-{limits[name]:.10g}" for name, word in words.items() if limits.get(name) is not None]
    return "-".join([*parts, *(["degrade"] if limits.get("degrade") else [])])
