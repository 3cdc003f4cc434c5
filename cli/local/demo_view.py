"""The end of the demonstration: every answer, then what was real and what stood in."""

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from cli.asking.question import Reply
from cli.asking.view import cost, latency, short_uri, tokens
from cli.core.terminal import Folded
from cli.evaluation.view import show_evaluation
from cli.local.demo import DemoResult
from cli.local.exercise import Asked

LONGEST_ANSWER = 260
REAL = (
    "the seven stacks and their templates, `cdk bootstrap` and `cdk deploy` by the CDK CLI",
    "the functions' code, each under its own IAM role: every permission was checked, none was missing",
    "upload event, ingestion, chunks, vectors and retrieval by similarity",
    "the pipelines: making pairs from documents; checking, training, hosting, the gate; answering, judging",
    "promotion, rollback and retirement of tuned models; the statistics, intervals included",
)


def show_demo(console: Console, result: DemoResult) -> None:
    """The answers in every mode, the evaluation, and an honest word about both."""
    for asked in result.asked:
        console.print()
        console.print(Text.assemble(("Question: ", "bold"), asked.question))
        console.print(_answers(asked))
    console.print()
    cases = result.evaluation.summary["cases"]
    title = f"{cases} questions of examples/evaluation in four modes, by two judges (`arbiter evaluate` takes all):"
    console.print(Text(title))
    show_evaluation(console, result.evaluation)
    console.print()
    console.print(_honesty(result))
    made = f"{result.generation.pairs} samples made from the documents"
    retired = (
        f"a second model trained, held back by the gate and retired ({len(result.models.retired.deleted)} parts gone)"
    )
    console.print(Text(f"{made}; rolled back and promoted again; {retired}.", style="green"))
    ingested = f"{result.documents.indexed} documents indexed in {result.documents.seconds:.0f} s"
    trained = f"{result.training.samples} samples trained and in service in {result.training.seconds:.0f} s"
    console.print(Text(f"{ingested}; {trained}; everything in {result.seconds:.0f} s.", style="green"))


def _answers(asked: Asked) -> Table:
    table = Folded("Mode", "Answer", "Citations", "Tokens", "Latency", "Cost", show_lines=True)
    for reply in asked.replies:
        table.add_row(*_cells(reply))
    return table


def _cells(reply: Reply) -> tuple[str | Text | Group, ...]:
    response = reply.require_response()
    mode = reply.mode if reply.mode == response["mode"] else f"{reply.mode} → {response['mode']}"
    answer = response["answer"]
    shown = answer if len(answer) <= LONGEST_ANSWER else answer[:LONGEST_ANSWER].rsplit(" ", 1)[0] + " …"
    sources = list(dict.fromkeys(short_uri(citation["uri"]) for citation in response["citations"]))
    return mode, Text(shown), Text("\n".join(sources[:3])), tokens(response), latency(response), cost(response)


def _honesty(result: DemoResult) -> Group:
    stand_ins = (
        f"the language model: {result.language_model}",
        "the judges: word overlap with the reference, in place of two models of other families",
        "the embedding model: a small one that runs here, in place of Titan Text Embeddings",
        f"the fine-tuned model: {result.tuned_model}, in place of a tuned Nova",
        "latencies are this machine's; costs are these token counts at the list prices of cdk.json",
    )
    lines = [Text("Real:", style="bold"), *(Text(f"  · {line}") for line in REAL)]
    lines += [Text("Stand-ins (say nothing about Bedrock's quality, speed or bill):", style="bold")]
    return Group(*lines, *(Text(f"  · {line}") for line in stand_ins))
