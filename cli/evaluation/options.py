"""The options of `arbiter evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

QuestionsArgument = Annotated[
    Path | None, typer.Argument(help="Questions, one JSON object a line; by default the project's examples.")
]
ModesOption = Annotated[
    str, typer.Option(help="Modes, with commas between them; by default all four. They answer for `auto`, if named.")
]
ModelsOption = Annotated[
    str, typer.Option(help="Base models to compare (evaluation.models), with commas between them.")
]
TunedOption = Annotated[
    str, typer.Option(help="Training runs whose models are evaluated beside their own base, with commas between them.")
]
PromptingOption = Annotated[
    str, typer.Option(help="zero_shot, few_shot, chain_of_thought, house: each a technique, with commas between.")
]
RetrievalOption = Annotated[
    list[str] | None,
    typer.Option(
        "--retrieval",
        help="Options of the retrieval, once for each technique: default, or with commas between search=hybrid, "
        """strategy=adaptive (basic, multi_step) and so on, or JSON: '{"filter": {"service": "s3"}}'.""",
    ),
]
KnowledgeBasesOption = Annotated[
    str,
    typer.Option(
        "--knowledge-bases",
        help="Knowledge bases to compare: default (the deployment's), or a name in `knowledge_bases` of `evaluation`.",
    ),
]
LimitsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limits",
        help="Limits of a request, once for each technique: default (none), or max_cost_usd=0.001, max_latency_ms=900, "
        "max_output_tokens=200, with degrade=true where less is allowed.",
    ),
]
PreferOption = Annotated[str | None, typer.Option(help="What the requests of `auto` prefer: quality, latency or cost.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say how much would be asked, at what cost.")]
JudgesOption = Annotated[str, typer.Option(help="Judges, with commas between them; by default the settings'.")]
PairwiseOption = Annotated[bool, typer.Option("--pairwise", help="Judge pairs of answers too, in both orders.")]
RepeatOption = Annotated[int | None, typer.Option(min=1, max=10, help="Judge this often: a judge's own noise.")]
MaxCostOption = Annotated[float | None, typer.Option(help="Most US dollars; by default the settings' ceiling.")]
# A table of their own, for the names of what leaves them out are too long for that of the others at 80 columns.
JOBS = "Jobs of Bedrock"
NativeJobsOption = Annotated[
    bool | None,
    typer.Option(
        "--native-jobs/--no-native-jobs",
        help="Let Bedrock's own jobs judge as well, or not (evaluation.native_jobs).",
        rich_help_panel=JOBS,
    ),
]
BatchAnswersOption = Annotated[
    bool | None,
    typer.Option(
        "--batch-answers/--no-batch-answers",
        help="Have answers come from batch inference, without a latency, or not (evaluation.batch_answers).",
        rich_help_panel=JOBS,
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="File of the report.")]
SystemOption = Annotated[str | None, typer.Option(help="System prompt of every answer, in place of Arbiter's.")]
SchemaOption = Annotated[
    Path | None, typer.Option("--schema", help="File of a JSON schema: every answer is JSON that fits it.")
]
MaxOutputTokensOption = Annotated[int | None, typer.Option(help="Longest answer, in tokens.")]
