"""The roadmap: four phases with the command of each step, what to measure before the next, and what is done already."""

from collections.abc import Iterator
from typing import NamedTuple

from cli.advice.evidence.effects import PARTS
from cli.advice.record.decision import Decision
from cli.advice.rules.options import Status

SOURCE = "Step 4: roadmap"


class Step(NamedTuple):
    """One step; `command` is empty where a person decides."""

    text: str
    command: str = ""
    done: bool = False


class Phase(NamedTuple):
    """A phase of the roadmap, and what must be known before the next one begins."""

    weeks: str
    title: str
    steps: tuple[Step, ...]
    measure: str


def roadmap(decision: Decision, done: frozenset[str] = frozenset()) -> tuple[Phase, ...]:
    """The four phases for a decision; `done` names what the deployment has: documents, examples, run, tuned."""
    return (
        Phase("weeks 1 to 2", "A base model, and its answers as the baseline", tuple(_baseline(decision, done)), _GAPS),
        Phase("weeks 3 to 6", "Knowledge, and first training data", tuple(_knowledge(decision, done)), _KNOWLEDGE),
        Phase("weeks 7 to 12", "Style, behaviour and complex flows", tuple(_behaviour(decision, done)), _BEHAVIOUR),
        Phase("from then on", "Evaluate, collect, refine", _GOING_ON, "Whether the last change made an answer worse."),
    )


_GAPS = "Where base answers fail: rank the gaps by tag, and close none that is not there."
_KNOWLEDGE = "What retrieval adds on the same questions, with its interval. Keep it where it adds 0.5 points or more."
_BEHAVIOUR = "What each layer adds to the one before, and whether the tuned model is worse on other kinds of questions."
_GOING_ON = (
    Step("Evaluate again after every change of documents, prompts or base model", "arbiter evaluate questions.jsonl"),
    Step("Set the new run beside the last one", "arbiter report RUN --against EARLIER"),
    Step("Collect feedback and new examples, and keep the good ones", "arbiter train check pairs.jsonl"),
    Step("Look up what has become dearer or cheaper, and ask for advice again", "arbiter cost --refresh"),
    Step("See which tuned models still bill", "arbiter model list"),
)


def _baseline(decision: Decision, done: frozenset[str]) -> Iterator[Step]:
    write = "Write twenty questions or more with the answers that are wanted"
    if _has_documents(decision, done):
        brought_in = "documents" in done
        yield Step("Bring the documents in, each proven indexed", "arbiter sync my-documents", brought_in)
        made = f"{write}, or have them made from your documents"
        yield Step(made, "arbiter evaluate generate --out questions.jsonl", "run" in done)
    else:
        yield Step(write, done="run" in done)
    yield Step(
        "Choose a base model: answer the questions with each, and look again when new ones come",
        "arbiter evaluate questions.jsonl --modes base --models MODEL,MODEL",
        "run" in done,
    )
    yield Step("Write the instructions, and ask", 'arbiter ask "…" --mode base')
    yield Step("Find the gaps and rank them", "arbiter report RUN --open")


def _has_documents(decision: Decision, done: frozenset[str]) -> bool:
    """Whether there are any that questions and training pairs can be made from."""
    return decision.scenario.corpus != "none" or "documents" in done


def _knowledge(decision: Decision, done: frozenset[str]) -> Iterator[Step]:
    status = decision.advice.approaches["retrieval"].status
    if status is Status.RECOMMENDED:
        yield Step("Measure what the documents add", "arbiter evaluate questions.jsonl --modes base,rag", "run" in done)
    elif status is Status.LATER and not _has_documents(decision, done):
        yield Step("Gather the documents that retrieval would need")
    if decision.advice.approaches["fine_tuning"].status is Status.RULED_OUT:
        return
    yield Step(
        "Start collecting training data: inputs with the outputs that are wanted",
        "arbiter train generate --pairs 1000 --out pairs.jsonl" if _has_documents(decision, done) else "",
        "examples" in done,
    )
    yield Step("Have them checked", "arbiter train check pairs.jsonl --fix mended.jsonl", "examples" in done)


def _behaviour(decision: Decision, done: frozenset[str]) -> Iterator[Step]:
    advice = decision.advice
    if advice.approaches["fine_tuning"].status is Status.RECOMMENDED:
        yield Step(
            "Tune; it is published if it beats what is in service",
            "arbiter train mended.jsonl --gate questions.jsonl",
            "tuned" in done,
        )
        yield Step("Measure every layer against the one before", "arbiter evaluate questions.jsonl")
    elif advice.approaches["fine_tuning"].status is Status.LATER:
        yield Step("Ask again whether to tune, with the examples collected", "arbiter advise --training mended.jsonl")
    if advice.approaches["custom_model"].status is Status.RECOMMENDED:
        yield Step("Begin the model of your own; name its ARN in fine_tuning.tuned_model to compare it")
    status = advice.approaches["orchestration"].status
    if status is Status.RECOMMENDED:
        yield Step("Give an agent Arbiter's modes as tools (below)", 'arbiter ask "…" --all-modes')
    elif status is Status.LATER:
        yield Step("Ask again whether to orchestrate, once single answers are measured", "arbiter advise --run RUN")


def next_command(phases: tuple[Phase, ...]) -> str:
    """The command of the first step that is not done."""
    return next(step.command for phase in phases for step in phase.steps if step.command and not step.done)


TOOLS = (
    ("look_up", "rag", "Answers a question of fact from the documents, with the passages as citations."),
    (
        "write_in_house_style",
        "fine_tuned",
        "Writes a text in the style of the examples; knows no documents.",
    ),
    ("answer_a_customer", "combined", "Answers from the documents in the style of the examples."),
    ("think", "base", "Everything else: summaries, plans, the next step."),
)
"""Arbiter's modes as the tools of an agent: name, mode, and the description that the agent chooses by."""


def tools(decision: Decision) -> list[dict[str, object]]:
    """Definitions of tools for an agent, in the form of Converse's `toolConfig`: of the modes whose parts are advised.

    None where no agent is advised.
    """
    advised = {name for name, verdict in decision.advice.approaches.items() if verdict.status >= Status.LATER}
    if "orchestration" not in advised:
        return []
    schema = {"json": {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}}
    return [
        {"toolSpec": {"name": name, "description": description, "inputSchema": schema}, "request": {"mode": mode}}
        for name, mode, description in TOOLS
        if advised.issuperset(PARTS[mode])
    ]
