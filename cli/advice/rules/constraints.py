"""Resources and step 1: the limits that expertise, compute, time and the owner's own conditions set."""

from cli.advice.rules.options import Status
from cli.advice.rules.rule import Rule, advise, below, has, lacks, limit

RESOURCES, STEP_1, OWN = "Resources", "Step 1: constraints", "Constraints of the owner"
HEAVY = ("fine_tuning", "orchestration")
OWN_MODELS = ("transfer_learning", "own_architecture", "from_scratch")
WEEKS_OF_FULL, WEEKS_OF_OWN = 4, 12

RULES = (
    Rule(
        "resources.prompting",
        RESOURCES,
        "Prompt engineering takes hours to days, little expertise, hardly any compute, none to few examples: "
        "it is always within reach.",
        advise("prompting"),
    ),
    Rule(
        "resources.retrieval",
        RESOURCES,
        "Retrieval needs a corpus: without documents there is nothing to retrieve.",
        limit(Status.LATER, "retrieval"),
        ({"corpus": has("none")},),
        yields=True,
    ),
    Rule(
        "resources.lora",
        RESOURCES,
        "LoRA takes days to weeks, medium to high expertise and compute, hundreds to thousands of examples.",
        limit(Status.NOT_NOW, "lora"),
        ({"compute": has("little")}, {"examples": below(100)}),
        yields=True,
    ),
    Rule(
        "resources.full_tuning",
        RESOURCES,
        "Full fine-tuning takes weeks, high expertise, very high compute and thousands of examples.",
        limit(Status.NOT_NOW, "full_tuning"),
        (
            {"expertise": lacks("strong")},
            {"compute": lacks("large")},
            {"examples": below(1000)},
            {"deadline_weeks": below(WEEKS_OF_FULL)},
        ),
    ),
    Rule(
        "resources.custom_model",
        RESOURCES,
        "A custom model takes months: the deadline comes before it.",
        (*limit(Status.RULED_OUT, *OWN_MODELS), *limit(Status.LATER, "distillation")),
        ({"deadline_weeks": below(WEEKS_OF_OWN)},),
    ),
    Rule(
        "resources.orchestration",
        RESOURCES,
        "Orchestration takes weeks and high expertise.",
        limit(Status.LATER, "orchestration"),
        ({"expertise": has("little")}, {"deadline_weeks": below(2)}),
    ),
    Rule(
        "step1.little_expertise",
        STEP_1,
        "With little expertise in AI, start with prompt engineering.",
        (*limit(Status.LATER, *HEAVY), *limit(Status.NOT_NOW, "distillation"), *limit(Status.RULED_OUT, *OWN_MODELS)),
        ({"expertise": has("little")},),
    ),
    Rule(
        "step1.little_expertise_facts",
        STEP_1,
        "With little expertise, take managed retrieval where facts are needed: no search of one's own.",
        limit(Status.LATER, "hybrid_search", "multi_step_retrieval", "adaptive_retrieval"),
        ({"expertise": has("little")},),
        today="A knowledge base of Bedrock is managed, and on S3 Vectors it costs nothing while nobody asks.",
    ),
    Rule(
        "step1.moderate_expertise",
        STEP_1,
        "With moderate expertise: retrieval, parameter-efficient tuning, and orchestration for work in several steps; "
        "no full fine-tuning and no model of one's own.",
        (*limit(Status.NOT_NOW, "full_tuning", "distillation"), *limit(Status.RULED_OUT, *OWN_MODELS)),
        ({"expertise": has("moderate")},),
    ),
    Rule(
        "step1.strong_expertise",
        STEP_1,
        "With strong expertise everything is open, and steps 2 and 3 decide.",
        advise("prompting"),
        ({"expertise": has("strong")},),
    ),
    Rule(
        "step1.little_compute",
        STEP_1,
        "With little compute: no full fine-tuning and no custom model.",
        limit(Status.RULED_OUT, "full_tuning", "custom_model"),
        ({"compute": has("little")},),
    ),
    Rule(
        "step1.deadline",
        STEP_1,
        "Under two weeks: prompt engineering at once; what takes weeks comes after the deadline.",
        (
            *advise("prompting"),
            *limit(Status.LATER, *HEAVY, "distillation", "hybrid_search", "multi_step_retrieval", "adaptive_retrieval"),
        ),
        ({"deadline_weeks": below(2)},),
    ),
    Rule(
        "step1.deadline_knowledge",
        STEP_1,
        "Under two weeks, basic retrieval where knowledge matters.",
        advise("basic_retrieval"),
        ({"deadline_weeks": below(2), "knowledge_matters": has(True)},),
    ),
    Rule(
        "step1.deadline_no_knowledge",
        STEP_1,
        "Under two weeks, retrieval comes after the deadline where knowledge does not matter.",
        limit(Status.LATER, "retrieval"),
        ({"deadline_weeks": below(2), "knowledge_matters": has(False)},),
    ),
    Rule(
        "owner.data_may_not_train",
        OWN,
        "The data may not train a model.",
        limit(Status.RULED_OUT, "fine_tuning", "custom_model"),
        ({"data_may_train": has(False)},),
    ),
    Rule(
        "owner.region",
        OWN,
        "Amazon Nova is customised in us-east-1 only (Amazon Bedrock User Guide).",
        limit(Status.NOT_NOW, "fine_tuning", "distillation"),
        ({"region": lacks("us-east-1")},),
    ),
    *(
        Rule(
            f"owner.{limited}.{approach}",
            OWN,
            f"{words} is above the limit that was set.",
            limit(Status.RULED_OUT, approach),
            ({limited: has(approach)},),
        )
        for limited, words, approaches in (
            (
                "too_dear",
                "The cost a month at this volume",
                ("retrieval", "fine_tuning", "custom_model", "orchestration"),
            ),
            ("too_slow", "The measured wait", ("retrieval", "fine_tuning")),
        )
        for approach in approaches
    ),
    Rule(
        "owner.prompting_enough",
        "Considerations",
        "Start simple: prompting was tried and is enough, so nothing more is added before it falls short.",
        limit(Status.LATER, "retrieval", "fine_tuning", "custom_model", "orchestration"),
        ({"prompting": has("enough")},),
        yields=True,
    ),
)
"""Limits bind whatever speaks for an option; `advise` among them names what is left."""
