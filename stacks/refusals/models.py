"""Model ids that Bedrock would refuse where they stand, each refused with the reason, and those to be warned of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings import misspelt_models, model_catalogue
from stacks.settings.problems import Problem

if TYPE_CHECKING:
    from stacks.settings.environment import Settings

EMBEDDING, RERANKING, WRITING = "embedding", "reranking", "writing"
INSTEAD = {EMBEDDING: "amazon.titan-embed-text-v2:0", RERANKING: "cohere.rerank-v3-5:0"}
_NAMES = {EMBEDDING: re.compile(r"[.-]embed"), RERANKING: re.compile(r"\.rerank-")}
"""Patterns of the ids of models that write nothing: model cards."""
GUIDE = "`aws bedrock get-foundation-model --model-identifier` says whether it is"


def refused_models(s: Settings) -> Iterator[Problem]:
    """Every model that cannot be called as it is named."""
    for path, model in called_models(s):
        if text := _unknown(model) or _silent(model) or _unreachable(model, s.region):
            yield Problem(tuple(path.split(".")), text, reads=(path, "region"))
    for path, listed in indexing_models(s):
        if text := _unknown(listed) or _of_another_kind(listed, path):
            yield Problem(tuple(path.split(".")), text, reads=(path,))
        elif model_catalogue.profile_prefix(listed):
            own = model_catalogue.foundation_model(listed)
            text = f'"{listed}" is an inference profile; the knowledge base takes the model\'s own id, "{own}"'
            yield Problem(tuple(path.split(".")), text, reads=(path,))


def doubted_models(s: Settings) -> Iterator[tuple[str, str]]:
    """Models that may be refused: setting and sentence of each."""
    for path, model in (*called_models(s), *indexing_models(s)):
        last = model_catalogue.legacy_until(model)
        if last:
            reason = f"is Legacy and ends on {last.isoformat()}; accounts that have not called it before are refused"
            if instead := model_catalogue.successor(model):
                reason += f'; its successor is "{instead}"'
            yield path, f'{path}: "{model}" {reason}'
        elif not model_catalogue.is_known(model):
            since = f"is not among the models known on {model_catalogue.AS_OF.isoformat()}"
            yield path, f'{path}: "{model}" {since}; {GUIDE} offered'


def called_models(s: Settings) -> list[tuple[str, str]]:
    """Setting and id of every model that is called by Converse or in a job."""
    teacher = s.fine_tuning.teacher_model if s.fine_tuning.enabled else None
    return [
        ("models.base", s.models.base),
        *(("evaluation.judges", judge) for judge in dict.fromkeys(s.evaluation.judges)),
        *(("evaluation.models", model) for model in dict.fromkeys(s.evaluation.models)),
        ("generation.generator", s.generation.generator),
        ("generation.verifier", s.generation.verifier),
        *([("fine_tuning.teacher_model", teacher)] if teacher else []),
        *([("parsing.model", s.parsing.model)] if s.parsing.model else []),
    ]


def indexing_models(s: Settings) -> list[tuple[str, str]]:
    """Setting and id of the models that the knowledge base works with; its embedding may be AWS's or others' choice."""
    return [
        *([("models.embedding", s.models.embedding)] if s.knowledge_base.embeds else []),
        *([("models.rerank", s.models.rerank)] if s.models.rerank else []),
    ]


def _unknown(model: str) -> str | None:
    """A reason why there is no such model."""
    if end := model_catalogue.ended(model):
        day = f" on {end.day.isoformat()}" if end.day else ""
        return f'"{model}" has ended{day}: every call of it fails; its place is taken by "{end.successor}"'
    if meant := misspelt_models.meant(model):
        return f'there is no model "{model}"; did you mean "{meant}"?'
    return None


def _kind(model: str) -> str | None:
    """The purpose of a model, as far as its id or the catalogue tells."""
    own = model_catalogue.foundation_model(model)
    named = next((kind for kind, pattern in _NAMES.items() if pattern.search(own)), None)
    return named or (WRITING if model_catalogue.is_known(model) else None)


def _silent(model: str) -> str | None:
    """A reason why a model writes nothing."""
    kind = _kind(model)
    return f'"{model}" is a model for {kind}, and writes nothing; name one that does' if kind in INSTEAD else None


def _of_another_kind(model: str, path: str) -> str | None:
    """A reason why a model cannot be what the knowledge base works with."""
    wanted = RERANKING if path.endswith("rerank") else EMBEDDING
    if _kind(model) in (wanted, None):
        return None
    return f'"{model}" is no model for {wanted}; name one, such as "{INSTEAD[wanted]}"'


def _unreachable(model: str, region: str) -> str | None:
    """A reason why the id cannot be called in this region."""
    prefix = model_catalogue.profile_prefix(model)
    if prefix and not model_catalogue.is_callable_from(prefix, region):
        offered = " or ".join(f"{r}*" if r.endswith("-") else r for r in model_catalogue.PROFILE_REGIONS[prefix])
        reason = f'"{model}" is a profile for regions {offered}, not for {region}'
        return f"{reason}; {_instead(model_catalogue.foundation_model(model), region)}"
    if model_catalogue.needs_profile(model, region):
        return f'"{model}" has no on-demand throughput of its own; {_instead(model, region)}'
    return None


def _instead(model: str, region: str) -> str:
    """The ids by which a model may be called there."""
    if not model_catalogue.needs_profile(model, region):
        return f'name the model by its own id: "{model}"'
    named = " or ".join(f'"{profile}"' for profile in model_catalogue.profiles_of(model, region))
    return f"name an inference profile: {named}" if named else f"it has no profile in {region}: name another model"
