"""The considerations that the record answers, and the facts that the taxonomy does not know."""

from cli.advice.rules.rule import Rule, has, note

CONSIDERATIONS, LATER = "Considerations that the record must answer", "What the taxonomy does not know"
EVERY = ("prompting", "retrieval", "fine_tuning", "custom_model", "orchestration")

CONSIDERED = (
    Rule(
        "considered.start_simple",
        CONSIDERATIONS,
        "Start simple and keep the baseline: base answers stay an arm of every evaluation.",
        note("prompting"),
    ),
    Rule(
        "considered.data_quality",
        CONSIDERATIONS,
        "Data quality decides retrieval and tuning: `arbiter train check` counts what is good, and every upload is "
        "proven indexed.",
        note("retrieval", "fine_tuning"),
    ),
    Rule(
        "considered.specialist",
        CONSIDERATIONS,
        "A specialist may be worse elsewhere: tag some questions of other kinds, and look at those first.",
        note("fine_tuning", "custom_model"),
    ),
    Rule(
        "considered.hybrids",
        CONSIDERATIONS,
        "Hybrids are the norm: approaches are layers, not rivals, and are judged together.",
        note("retrieval", "fine_tuning", "orchestration"),
    ),
    Rule(
        "considered.maintenance",
        CONSIDERATIONS,
        "Every layer needs maintenance and monitoring: alarms, sync and retraining are part of its price.",
        note(*EVERY),
    ),
    Rule(
        "considered.base_models_change",
        CONSIDERATIONS,
        "Base models change, so swapping one must be cheap: it is one line of cdk.json, and a tuned model is trained "
        "anew on the same file.",
        note("fine_tuning", "custom_model"),
    ),
    Rule(
        "considered.measure_each",
        CONSIDERATIONS,
        "Measure what each layer adds before the next: the same questions, one arm more.",
        note(*EVERY),
    ),
)
FACTS = (
    Rule(
        "later.behaviour",
        LATER,
        "AWS now states that supervised fine-tuning teaches behaviour and form, not facts.",
        note("fine_tuning"),
    ),
    Rule(
        "later.latency",
        LATER,
        "A deployment on demand adds 20 to 55 % to the time to the first token; the case study's gain came from "
        "shorter answers on provisioned throughput.",
        note("fine_tuning"),
    ),
    Rule(
        "later.on_demand",
        LATER,
        "Tuned Nova models are hosted on demand, paid per token: no rent by the hour.",
        note("fine_tuning"),
    ),
    Rule(
        "later.s3_vectors",
        LATER,
        "S3 Vectors costs nothing while idle, and has hybrid search by now.",
        note("retrieval"),
    ),
    Rule(
        "later.managed_knowledge_base",
        LATER,
        "Managed knowledge bases take the pipeline of retrieval off the team.",
        note("retrieval"),
    ),
    Rule(
        "later.reinforcement",
        LATER,
        "Reinforcement fine-tuning (Nova 2 Lite) is a rival where answers can be scored but not written down.",
        note("fine_tuning"),
    ),
    Rule(
        "later.prompt_optimisation",
        LATER,
        "Prompt optimisation jobs are a rival to tuning: prompts are rewritten and measured before any weight changes.",
        note("prompting"),
    ),
    Rule(
        "later.batch",
        LATER,
        "Batch inference costs half, where nobody waits for the answer.",
        note("prompting"),
    ),
    Rule(
        "later.import",
        LATER,
        "Full fine-tuning, LoRA or QLoRA are not a choice on Bedrock: Nova is tuned by what Bedrock runs; others are "
        "done elsewhere and imported, or named by ARN.",
        note("fine_tuning"),
    ),
    Rule(
        "later.others",
        LATER,
        "A coding agent's skill plans SageMaker customization, and web calculators take typed-in numbers: none decides "
        "from paired measurements and the real price book.",
        note("prompting"),
        ({"prompting": has("not_tried", "enough", "falls_short")},),
    ),
)
RULES = (*CONSIDERED, *FACTS)
