"""`arbiter feedback`: a verdict on an answer, and what the verdicts teach."""

from pathlib import Path
from typing import Annotated, Any

import typer

from arbiter.feedback import LONGEST_ANSWER
from cli.asking.conversation import Conversation
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.feedback import export
from cli.feedback.rating import rate

NOT_KEPT = "router.log_text is false, and feedback.keep_text_days is not set or the answer not of the last conversation"


def feedback(
    request_id: Annotated[str | None, typer.Argument(help="The request_id of the answer (`ask --json`).")] = None,
    rating: Annotated[str | None, typer.Argument(help="good or bad.")] = None,
    text: Annotated[str | None, typer.Option(help="What is wrong; for a bad answer best the right one.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Write what was rated as questions of an evaluation.")] = None,
    candidates: Annotated[Path | None, typer.Option(help="Write the right answers as pairs for training.")] = None,
    shadowed: Annotated[
        Path | None, typer.Option(help="Write what was answered in another mode, too, as questions of an evaluation.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back the log is read.")] = 30,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rate an answer as good or bad; or write what was rated as new questions and training candidates.

    Texts are kept only where router.log_text is true, for as long as the log is, or for feedback.keep_text_days: then
    an answer of the last conversation is sent with its question, and kept with its rating.

    Examples:

    arbiter feedback 7c1d-… bad --text "Ninety days, not sixty."

    arbiter feedback --questions rated.jsonl --candidates pairs.jsonl

    arbiter feedback --shadowed twice.jsonl && arbiter evaluate twice.jsonl
    """
    with reporting(as_json=as_json) as output:
        exporting = any(file is not None for file in (questions, candidates, shadowed))
        if exporting == (request_id is not None) or (request_id is None) != (rating is None):
            raise CliError("Name a request and good or bad, or files to write.", code="no_request")
        deployment = Deployment.find(env)
        with output.progress() as progress:
            progress("Reading the log" if exporting else "Sending")
            result = (
                _exported(deployment, questions, candidates, shadowed, days)
                if exporting
                else _rated(deployment, request_id, rating, text)
            )
        output.result(result, lambda console: console.print(_sentence(result), highlight=False, soft_wrap=True))


def _rated(deployment: Deployment, request_id: str | None, rating: str | None, text: str | None) -> dict[str, Any]:
    given = {"request_id": request_id, "rating": rating, **({"text": text} if text is not None else {})}
    return rate(deployment, given | _texts(deployment, request_id or ""))


def _texts(deployment: Deployment, request_id: str) -> dict[str, str]:
    """The question and answer that are rated, where they are of the last conversation and not too long to send."""
    texts = Conversation(deployment.environment).answer(request_id)
    return texts if all(one.strip() and len(one) <= LONGEST_ANSWER for one in texts.values()) else {}


def _exported(
    deployment: Deployment, questions: Path | None, candidates: Path | None, shadowed: Path | None, days: int
) -> dict[str, Any]:
    answers = export.rated(deployment, days) if questions or candidates else []
    pairs = export.shadowed(deployment, days) if shadowed else []
    if not answers and not pairs:
        kind = "rated answer" if questions or candidates else "answer given again"
        remedy = "Texts are kept where router.log_text is true, or feedback.keep_text_days set, in cdk.json."
        raise CliError(f"No {kind} of the last {days} days has its question kept. {remedy}", code="no_feedback")
    return {
        "rated": len(answers),
        "questions": export.write(questions, export.questions(answers)) if questions else None,
        "candidates": export.write(candidates, export.candidates(answers)) if candidates else None,
        "shadowed": export.write(shadowed, export.cases(pairs)) if shadowed else None,
    }


def _sentence(noted: dict[str, Any]) -> str:
    if "feedback" not in noted:
        kinds = {"questions": "questions", "candidates": "candidates", "shadowed": "questions answered twice"}
        written = [f"{noted[name]:,} {kind}" for name, kind in kinds.items() if noted[name] is not None]
        rated = f"{noted['rated']:,} rated answers: " if noted["rated"] else ""
        return f"{rated}{' and '.join(written)} written."
    one = noted["feedback"]
    kept = {None: "", True: " Its text is kept.", False: f" Its text is not kept: {NOT_KEPT}."}
    return f"Noted: {one['request_id']} is {one['rating']}.{kept[one['text_kept']]}"
