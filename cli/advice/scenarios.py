"""Scenarios from files, and what was measured put in place of what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from cli.advice.evidence.arms import Stored
from cli.advice.measuring.corpus import measure_corpus
from cli.advice.measuring.deployed import Deployed, read_deployed
from cli.advice.measuring.figures import base_model, passage_tokens, read_figures
from cli.advice.measuring.run import read_stored
from cli.advice.measuring.training import measure_examples
from cli.advice.record.decision import Known
from cli.advice.record.record import Record, record_of
from cli.advice.scenario.fields import BY_NAME
from cli.advice.scenario.reading import scenario_of_yaml
from cli.advice.scenario.scenario import Scenario
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.core.project import repository

LARGE, SMALL = 1_000_000, 50_000
"""Tokens that a corpus is reckoned with where it was not measured."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where to measure: all of them optional."""

    training: Path | None = None
    documents: Path | None = None
    run: str | None = None
    env: str | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Measurements: answers with their words, everything that is known beside answers, and the steps that are done."""

    answers: Mapping[str, tuple[Any, str]]
    known: Known
    done: frozenset[str]
    corpus_tokens: float | None

    def applied_to(self, scenario: Scenario) -> tuple[Scenario, Known]:
        """A scenario with what was measured in it, whatever was answered."""
        values = {name: value for name, (value, _) in self.answers.items()}
        words = {name: measured for name, (_, measured) in self.answers.items()}
        applied = replace(scenario, **values, measured=words)
        tokens = self.corpus_tokens
        if tokens is None:
            tokens = LARGE if applied.corpus == "large" else SMALL
        return applied, replace(self.known, corpus_tokens=tokens)


def read_scenario(file: Path) -> Scenario:
    """The scenario of a YAML file.

    Raises:
        CliError: there is no such file, or it cannot be used: with everything that is wrong with it.
    """
    try:
        scenario, problems = scenario_of_yaml(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CliError(
            f"{file} cannot be read: {error.strerror}. Name a YAML file of answers.", code="no_file"
        ) from error
    except UnicodeDecodeError as error:
        raise CliError(f"{file} is not UTF-8 text. Name a YAML file of answers.", code="bad_scenario") from error
    except RecursionError as error:
        raise CliError(f"{file} is nested too deeply. Name a YAML file of answers.", code="bad_scenario") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CliError(f"{file} is not YAML: {' '.join(str(error).split())}.", code="bad_scenario") from error
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        listed = [{"answer": one.path, "problem": one.problem, "allowed": one.allowed} for one in problems]
        raise CliError(
            f"{file} has {count}. Nothing was decided.",
            code="bad_scenario",
            details={"problems": listed},
        )
    return scenario


def record_named(file: Path, scenario: Scenario, measured: Measured) -> Record:
    """The decision record of a case, named after the file of its answers."""
    applied, known = measured.applied_to(scenario)
    return record_of(file.stem.replace("-", " ").replace("_", " ").capitalize(), applied, known, measured.done)


def measure(sources: Sources, progress: Progress = silent) -> Measured:
    """Measure everything that was named; AWS is asked only where an environment or a run of one is named.

    Raises:
        CliError: a file, folder, run or deployment is not there, or cannot be read.
    """
    root, environment = repository(), sources.env or "dev"
    answers: dict[str, tuple[Any, str]] = {}
    done: set[str] = set()
    deployed = _deployed(sources, progress)
    if deployed:
        answers |= deployed.answers()
        done |= deployed.done
    run = sources.run or (deployed.run if deployed else None)
    stored = _stored(run, sources.env, progress) if run else None
    examples = corpus = None
    if sources.training:
        progress("Checking the examples")
        examples = measure_examples(sources.training)
        answers["examples"] = (examples.good, examples.words)
        done.add("examples")
    if sources.documents:
        progress("Measuring the documents")
        corpus = measure_corpus(sources.documents)
        answers["corpus"] = (corpus.band, corpus.words)
    known = Known(
        figures=read_figures(root, environment, base_model(root, environment)),
        stored=stored,
        passage_tokens=passage_tokens(root, environment),
        example_tokens=examples.example_tokens if examples else 0,
    )
    return Measured(
        answers={name: answer for name, answer in answers.items() if name in BY_NAME},
        known=known,
        done=frozenset(done | ({"run"} if stored else set())),
        corpus_tokens=corpus.tokens if corpus else None,
    )


def _deployed(sources: Sources, progress: Progress) -> Deployed | None:
    if sources.env is None:
        return None
    progress("Reading the deployment")
    return read_deployed(Deployment.find(sources.env))


def _stored(run: str, env: str | None, progress: Progress) -> Stored:
    progress("Reading the run")
    return read_stored(run, env)
