"""Step 3: what the data there are allow; an example is an input with the output that is wanted."""

from cli.advice.rules.options import Status
from cli.advice.rules.rule import Rule, advise, at_least, below, between, choose, has, lacks, limit, note

STEP_3 = "Step 3: the data there is"
FEW, SOME, MANY, MASSIVE = 10, 100, 1_000, 10_000
NEEDS_MASSIVE = ("transfer_learning", "own_architecture", "from_scratch")

RULES = (
    Rule(
        "step3.under_10",
        STEP_3,
        "With 0 to 10 examples: prompting only; nothing can be tuned on them.",
        limit(Status.LATER, "fine_tuning"),
        ({"examples": below(FEW)},),
        yields=True,
    ),
    Rule(
        "step3.10_to_100",
        STEP_3,
        "With 10 to 100 good examples: few-shot and templates.",
        choose("few_shot", "format_specification"),
        ({"examples": between(FEW, SOME)},),
    ),
    Rule(
        "step3.10_to_100_experiment",
        STEP_3,
        "With 10 to 100 good examples, QLoRA on a small model is an experiment, no more.",
        (*advise("fine_tuning", later=True), *choose("qlora", later=True), *limit(Status.LATER, "fine_tuning")),
        ({"examples": between(FEW, SOME)},),
        yields=True,
    ),
    Rule(
        "step3.100_to_1000",
        STEP_3,
        "With 100 to 1,000 examples: LoRA or QLoRA.",
        advise("fine_tuning", later=True),
        ({"examples": at_least(SOME)},),
    ),
    Rule(
        "step3.100_to_1000_knowledge",
        STEP_3,
        "With 100 to 1,000 examples, retrieval beside the tuned model for knowledge.",
        advise("retrieval"),
        ({"examples": at_least(SOME), "knowledge_matters": has(True)},),
    ),
    Rule(
        "step3.over_1000_full",
        STEP_3,
        "With 1,000 examples and more, full fine-tuning is possible where compute allows.",
        (*choose("full_tuning", later=True), *advise("fine_tuning", later=True)),
        ({"examples": at_least(MANY), "compute": has("large"), "expertise": has("strong")},),
    ),
    Rule(
        "step3.over_1000_distillation",
        STEP_3,
        "With 1,000 examples and more, consider distillation.",
        advise("distillation", later=True),
        ({"examples": at_least(MANY)},),
    ),
    Rule(
        "step3.distillation_data",
        "Approaches and methods",
        "Distillation needs a large set, and a teacher.",
        limit(Status.LATER, "distillation"),
        ({"examples": below(MANY)},),
        yields=True,
    ),
    Rule(
        "step3.large_corpus",
        STEP_3,
        "With a large corpus and few examples: retrieval first, and prompts to steer it.",
        (*advise("retrieval"), *choose("system_instructions")),
        ({"corpus": has("large"), "examples": below(SOME)},),
    ),
    Rule(
        "step3.custom_model",
        STEP_3,
        "A need that no model meets: a custom model only with 10,000 examples and more, expertise, compute and months.",
        limit(Status.NOT_NOW, *NEEDS_MASSIVE),
        ({"examples": below(MASSIVE)}, {"compute": lacks("large")}, {"no_model_meets_it": has(False)}),
    ),
    Rule(
        "data.quality",
        "Considerations",
        "The quality of the data decides retrieval and fine-tuning: count what is good, not what there is.",
        note("retrieval", "fine_tuning"),
    ),
)
