"""The choice among the methods of an approach: the least complex one that the answers allow."""

from cli.advice.rules.options import Status
from cli.advice.rules.rule import Rule, at_least, below, choose, has, lacks, limit, note

SOURCE = "Approaches and methods"
MILLIONS = 1_000_000
BEDROCK = (
    "No choice on Bedrock, which tunes Nova in its own way; elsewhere it is, and the model is imported or named by ARN."
)
_HYBRID = {"requirements": has("domain"), "expertise": lacks("little"), "deadline_weeks": at_least(2)}

RULES = (
    Rule(
        "methods.zero_shot",
        SOURCE,
        "Zero-shot: low complexity, no data. It is the start, and stays the baseline.",
        choose("zero_shot"),
        (
            {"examples": below(1)},
            {"examples": below(10), "requirements": lacks("domain")},
            {"examples": below(10), "corpus": has("large")},
        ),
    ),
    Rule(
        "methods.few_shot",
        SOURCE,
        "Few-shot: low complexity, a few examples; ten good ones and more show the model what words do not.",
        choose("few_shot"),
        ({"examples": at_least(10)},),
    ),
    Rule(
        "methods.few_shot_without_examples",
        SOURCE,
        "Few-shot needs an example: without one there is nothing to show the model.",
        limit(Status.LATER, "few_shot"),
        ({"examples": below(1)},),
    ),
    Rule(
        "methods.chain_of_thought",
        SOURCE,
        "Chain of thought: medium complexity, none to few examples; for work that is done in steps.",
        choose("chain_of_thought"),
        ({"requirements": has("reasoning")},),
    ),
    Rule(
        "methods.system_instructions",
        SOURCE,
        "System instructions: low complexity, no data.",
        choose("system_instructions"),
    ),
    Rule(
        "methods.format_specification",
        SOURCE,
        "Format specification: low complexity, no data; where programs or house rules read the answer.",
        choose("format_specification"),
        ({"requirements": has("style")}, {"work": has("outside_tools")}),
    ),
    Rule(
        "methods.basic_retrieval",
        SOURCE,
        "Basic retrieval: medium complexity, a corpus.",
        choose("basic_retrieval"),
        ({"requirements": lacks("domain")}, {"expertise": has("little")}, {"deadline_weeks": below(2)}),
    ),
    Rule(
        "methods.hybrid_search",
        SOURCE,
        "Hybrid search: medium complexity, a corpus; it finds exact terms that search by meaning alone may miss.",
        choose("hybrid_search"),
        (_HYBRID,),
        today="It depends on the store: OpenSearch has it, and S3 Vectors by now.",
    ),
    Rule(
        "methods.multi_step_retrieval",
        SOURCE,
        "Multi-step retrieval: high complexity, a corpus; where one search does not find all that reasoning needs.",
        choose("multi_step_retrieval", later=True),
        ({"requirements": has("reasoning")}, {"work": has("many_steps")}),
    ),
    Rule(
        "methods.adaptive_retrieval",
        SOURCE,
        "Adaptive retrieval: high complexity, a corpus; where only some requests need documents.",
        choose("adaptive_retrieval", later=True),
        ({"use_cases": has("broad_application")},),
        today="`auto` of Arbiter's router decides for each request whether to retrieve.",
    ),
    Rule(
        "methods.qlora",
        SOURCE,
        "QLoRA: medium complexity, hundreds to thousands of examples, the least compute.",
        choose("qlora"),
        ({"compute": has("little")},),
        today=BEDROCK,
    ),
    Rule(
        "methods.qlora_experiment",
        SOURCE,
        "Below a hundred examples QLoRA stays the method to try first.",
        choose("qlora"),
        ({"examples": below(100)},),
    ),
    Rule(
        "methods.lora",
        SOURCE,
        "LoRA: medium to high complexity, hundreds to thousands of examples.",
        choose("lora"),
        ({"compute": lacks("little"), "examples": at_least(100)},),
        today=BEDROCK,
    ),
    Rule(
        "methods.peft",
        SOURCE,
        "Other parameter-efficient tuning: high complexity, on the same data as LoRA and QLoRA, which are simpler.",
        limit(Status.NOT_NOW, "peft"),
    ),
    Rule(
        "methods.full_tuning",
        SOURCE,
        "Full fine-tuning: very high complexity, thousands of examples; after LoRA was measured and falls short.",
        limit(Status.LATER, "full_tuning"),
        today=BEDROCK,
    ),
    Rule(
        "methods.distillation",
        SOURCE,
        "Distillation: medium complexity, a large set and a teacher.",
        note("distillation"),
    ),
    Rule(
        "methods.transfer_learning",
        SOURCE,
        "Transfer learning: very high complexity, 10,000 examples and more.",
        choose("transfer_learning"),
        ({"examples": at_least(10_000)},),
    ),
    Rule(
        "methods.own_architecture",
        SOURCE,
        "An architecture of one's own: very high complexity, data as the task needs; "
        "where training an existing one was measured and falls short.",
        choose("own_architecture", later=True),
        ({"examples": at_least(10_000)},),
    ),
    Rule(
        "methods.from_scratch",
        SOURCE,
        "Training from scratch: extreme complexity, millions of examples.",
        choose("from_scratch", later=True),
        ({"examples": at_least(MILLIONS)},),
    ),
    Rule(
        "methods.from_scratch_data",
        SOURCE,
        "Training from scratch without millions of examples is not possible.",
        limit(Status.NOT_NOW, "from_scratch"),
        ({"examples": below(MILLIONS)},),
    ),
    Rule(
        "methods.tool_integration",
        SOURCE,
        "Tool integration: medium complexity, documentation of the tools.",
        choose("tool_integration"),
        ({"work": has("outside_tools")},),
    ),
    Rule(
        "methods.multi_model_pipelines",
        SOURCE,
        "Pipelines of several models: high complexity, integration data; specialised parts one after the other.",
        choose("multi_model_pipelines"),
        ({"work": lacks("outside_tools")},),
    ),
    Rule(
        "methods.agent_frameworks",
        SOURCE,
        "Agent frameworks: high complexity, data as the task needs; where steps and tools are chosen while it works.",
        choose("agent_frameworks", later=True),
        ({"work": has("outside_tools")},),
    ),
    Rule(
        "methods.planning",
        SOURCE,
        "Planning: high complexity, few to many examples; where the steps themselves are to be found.",
        choose("planning", later=True),
        ({"work": has("many_steps")}, {"requirements": has("reasoning")}),
    ),
)
