"""The questionnaire: every question with its default, what may be answered, and why it is asked."""

from typing import Literal, NamedTuple

from cli.advice.rules.words import (
    CHANGES,
    COMPUTE,
    CORPUS,
    EXPERTISE,
    INDUSTRIES,
    PROMPTING,
    REQUIREMENTS,
    USE_CASES,
    WORK,
)

Kind = Literal["choice", "choices", "number", "flag", "text"]


class Field(NamedTuple):
    """One question; `allowed` maps the values of a choice to their meaning."""

    name: str
    kind: Kind
    question: str
    why: str
    allowed: dict[str, str] = {}  # noqa: RUF012 - a default that is never changed
    main: bool = True
    """Whether it is asked of everybody; the others are figures and limits that most people leave."""
    least: float = 0
    most: float = 1e12
    whole: bool = False


FIELDS = (
    Field(
        "industry", "choice", "Which industry is it for?", "The taxonomy knows what usually pays in some.", INDUSTRIES
    ),
    Field(
        "use_cases",
        "choices",
        "What is it to do?",
        "Some uses are known to ask for documents, others for a tuned model.",
        USE_CASES,
    ),
    Field(
        "requirements",
        "choices",
        "What matters most, in order?",
        "The requirement decides between documents (facts), tuning (form) and steps (reasoning).",
        REQUIREMENTS,
    ),
    Field(
        "expertise",
        "choice",
        "How much experience with AI has the team?",
        "It bounds what can be kept running.",
        EXPERTISE,
    ),
    Field("compute", "choice", "How much compute can be paid for?", "It rules out the heaviest methods.", COMPUTE),
    Field(
        "deadline_weeks",
        "number",
        "In how many weeks must it be in use?",
        "Prompting takes hours to days, documents days to weeks, tuning weeks, a model of one's own months.",
        least=0.1,
        most=520,
    ),
    Field(
        "requests_a_month",
        "number",
        "How many requests a month?",
        "What costs per month is worth it above a volume, what costs per request below it.",
        whole=True,
    ),
    Field(
        "knowledge_changes",
        "choice",
        "How often does the knowledge change?",
        "Documents can be exchanged in minutes; a tuned model has to be trained anew.",
        CHANGES,
    ),
    Field(
        "examples",
        "number",
        "How many good examples are there (an input with the output that is wanted)?",
        "Tuning needs them by the hundred. --training FILE counts them, without duplicates.",
        whole=True,
    ),
    Field(
        "corpus",
        "choice",
        "How many documents are there?",
        "Retrieval needs some, and pays most where they do not fit into a prompt. --documents FOLDER measures them.",
        CORPUS,
    ),
    Field("work", "choices", "What does one request involve?", "Several steps or tools ask for orchestration.", WORK),
    Field(
        "prompting",
        "choice",
        "Was prompting tried?",
        "Where it is enough, the rest is cost; it comes first.",
        PROMPTING,
    ),
    Field("data_may_train", "flag", "May a model be trained on your data?", "If not, tuning is ruled out.", main=False),
    Field("cite_sources", "flag", "Must answers show their sources?", "Only retrieval can show them.", main=False),
    Field(
        "no_model_meets_it",
        "flag",
        "Is it certain that no model there is can do it?",
        "Only then is a model of one's own considered.",
        main=False,
    ),
    Field(
        "region",
        "text",
        "In which AWS region must it run?",
        "Amazon Nova is customised in us-east-1 only.",
        main=False,
    ),
    Field(
        "input_tokens",
        "number",
        "How many tokens has a request without passages?",
        "Tokens are the bill. A run measures them.",
        main=False,
        whole=True,
        least=1,
    ),
    Field(
        "output_tokens",
        "number",
        "How many tokens has an answer?",
        "Tokens of output cost several times those of input.",
        main=False,
        whole=True,
        least=1,
    ),
    Field(
        "latency_limit_ms",
        "number",
        "After how many milliseconds must an answer be whole (0: no limit)?",
        "A technique that was measured slower is ruled out.",
        main=False,
    ),
    Field(
        "cost_limit_usd",
        "number",
        "How many US dollars a month may it cost (0: no limit)?",
        "A technique that costs more at your volume is ruled out.",
        main=False,
    ),
    Field(
        "least_quality",
        "number",
        "How well must answers to what matters most score, of 10 (0: no demand)?",
        "A technique that a run shows below it is left out, where another one reaches it.",
        main=False,
        most=10,
    ),
)
BY_NAME = {field.name: field for field in FIELDS}
