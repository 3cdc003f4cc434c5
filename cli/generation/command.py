"""`arbiter train generate` and `arbiter evaluate generate`: questions and answers made from the documents."""

from pathlib import Path
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.execution import new_run
from cli.core.options import AcceptUnknownCostOption, EnvOption, JsonOption, RunOption, YesOption, again
from cli.core.output import reporting
from cli.generation.run import generate
from cli.generation.view import show_estimate, show_generated

PairsOption = Annotated[int, typer.Option("--pairs", "-n", min=1, max=20_000, help="How many to make.")]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="File to write.")]
KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="fact, procedure, comparison, style or out_of_scope; repeatable. By default all."),
]
TokensOption = Annotated[int | None, typer.Option(min=1000, help="Most tokens to spend; by default the settings'.")]


def generate_training(
    pairs: PairsOption = 100,
    out: OutOption = Path("training.jsonl"),
    target: Annotated[
        str,
        typer.Option("--for", help="fine_tuned, or combined: the question among passages, as the router will ask."),
    ] = "fine_tuned",
    kind: KindOption = None,
    max_tokens: TokensOption = None,
    run: RunOption = None,
    accept_unknown_cost: AcceptUnknownCostOption = False,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make training pairs from the documents: one model writes them, another checks each against its passage.

    What it will cost is shown first. Documents held out for evaluation are left out. An interrupted run goes on with
    --run, and pays for nothing twice.

    Examples:

    arbiter train generate --pairs 1000 --out pairs.jsonl

    arbiter train generate --pairs 500 --for combined --kind fact --kind procedure
    """
    _generate("training", pairs, out, target, kind, max_tokens, run, accept_unknown_cost, yes, env, as_json)


def generate_evaluation(
    pairs: PairsOption = 60,
    out: OutOption = Path("questions.jsonl"),
    kind: KindOption = None,
    max_tokens: TokensOption = None,
    run: RunOption = None,
    accept_unknown_cost: AcceptUnknownCostOption = False,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make evaluation questions with their answers, from documents that no training pair is made from.

    Examples:

    arbiter evaluate generate --pairs 100 --out questions.jsonl
    """
    _generate("evaluation", pairs, out, "fine_tuned", kind, max_tokens, run, accept_unknown_cost, yes, env, as_json)


def _generate(
    purpose: str,
    pairs: int,
    out: Path,
    target: str,
    kinds: list[str] | None,
    max_tokens: int | None,
    run: str | None,
    accept_unknown_cost: bool,
    yes: bool,
    env: str | None,
    as_json: bool,
) -> None:
    with reporting(as_json=as_json) as output:
        run = run or new_run()
        command = ("train" if purpose == "training" else "evaluate", "generate", "--pairs", str(pairs))
        options = (*_options("--for", [target] if target != "fine_tuned" else []), *_options("--kind", kinds or []))
        follow = again(*command, "--out", str(out), "--run", run, *options, env=env)
        with output.progress() as progress:
            result = generate(
                Deployment.find(env),
                purpose=purpose,
                pairs=pairs,
                out=out,
                target=target,
                kinds=kinds or (),
                max_tokens=max_tokens,
                accept_unknown_cost=accept_unknown_cost,
                confirm=lambda estimate: output.consent(
                    lambda console: show_estimate(console, estimate, purpose), "Generate?", given=yes
                ),
                on_begin=lambda: output.goes_on(follow),
                run=run,
                progress=progress,
            )
        output.result(result.dump(), lambda console: show_generated(console, result))


def _options(name: str, values: list[str]) -> tuple[str, ...]:
    return tuple(part for value in values for part in (name, value))
