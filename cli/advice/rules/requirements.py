"""Step 2 and the fits of each approach: what the requirement that matters most asks for."""

from cli.advice.rules.rule import Rule, advise, at_least, below, choose, has, lacks, note
from cli.advice.rules.words import OFTEN

STEP_2, FITS = "Step 2: the requirement that matters most", "Approaches and methods: when each fits"
AT_SCALE, VERY_HIGH = 100_000, 1_000_000
"""Requests a month from which cost is a matter of scale, and of very high volume: the taxonomy names no figures."""

RULES = (
    Rule(
        "step2.facts",
        STEP_2,
        "For right and current facts: retrieval as the base, prompts for form and style.",
        (*advise("retrieval"), *choose("system_instructions")),
        ({"requirements": has("facts")},),
        today="AWS states by now that supervised fine-tuning teaches behaviour and form, not facts.",
    ),
    Rule(
        "step2.style",
        STEP_2,
        "For style, tone and format that must not vary: fine-tuning from 100 good examples on.",
        advise("fine_tuning"),
        ({"requirements": has("style"), "examples": at_least(100)},),
    ),
    Rule(
        "step2.style_few_examples",
        STEP_2,
        "For style with fewer than 100 examples: prompting with system instructions, until there are that many.",
        (*choose("system_instructions", "format_specification"), *advise("fine_tuning", later=True)),
        ({"requirements": has("style"), "examples": below(100)},),
    ),
    Rule(
        "step2.style_prompts",
        STEP_2,
        "Style and format are specified in the prompt too, tuned or not.",
        choose("format_specification"),
        ({"requirements": has("style")},),
    ),
    Rule(
        "step2.domain_examples",
        STEP_2,
        "For the terms and knowledge of a domain: LoRA from 500 examples of the domain on.",
        advise("fine_tuning"),
        ({"requirements": has("domain"), "examples": at_least(500)},),
        today="The terms can be taught by tuning; the facts of the domain belong into documents.",
    ),
    Rule(
        "step2.domain_documents",
        STEP_2,
        "For a domain with many documents and few examples: retrieval.",
        advise("retrieval"),
        ({"requirements": has("domain"), "corpus": has("large"), "examples": below(500)},),
    ),
    Rule(
        "step2.domain_neither",
        STEP_2,
        "For a domain with neither many documents nor 500 examples: few-shot with examples of the domain.",
        choose("few_shot"),
        ({"requirements": has("domain"), "corpus": lacks("large"), "examples": below(500)},),
    ),
    Rule(
        "step2.reasoning",
        STEP_2,
        "For hard reasoning in steps: chain of thought first; orchestration if that is not enough.",
        (*choose("chain_of_thought"), *advise("orchestration", later=True)),
        ({"requirements": has("reasoning")},),
    ),
    Rule(
        "step2.reasoning_falls_short",
        STEP_2,
        "Chain of thought was not enough: orchestration with specialised parts.",
        advise("orchestration"),
        ({"requirements": has("reasoning"), "prompting": has("falls_short")},),
    ),
    Rule(
        "step2.cost",
        STEP_2,
        "For cost at scale: a small tuned model rather than a large one with long prompts.",
        advise("fine_tuning"),
        ({"requirements": has("cost"), "requests_a_month": at_least(AT_SCALE)},),
        today="A tuned Nova is billed per token on demand, so the volume at which it pays is a matter of prices.",
    ),
    Rule(
        "step2.cost_volume",
        STEP_2,
        "For cost at very high volume: distillation.",
        advise("distillation"),
        ({"requirements": has("cost"), "requests_a_month": at_least(VERY_HIGH)},),
        today="Batch inference at half the price is a rival where nobody waits for the answer.",
    ),
    Rule(
        "fits.changing_facts",
        FITS,
        "Retrieval fits facts that change.",
        advise("retrieval"),
        ({"knowledge_changes": has(*OFTEN)},),
    ),
    Rule(
        "fits.sources",
        FITS,
        "Retrieval fits where sources are to be shown.",
        advise("retrieval"),
        ({"cite_sources": has(True)},),
    ),
    Rule(
        "fits.private_data",
        FITS,
        "Retrieval keeps private data out of training.",
        advise("retrieval"),
        ({"data_may_train": has(False), "corpus": has("small", "large")},),
    ),
    Rule(
        "fits.prompting_falls_short",
        FITS,
        "Fine-tuning fits where prompting falls short, there are good examples, and inputs are alike.",
        advise("fine_tuning"),
        (
            {"prompting": has("falls_short"), "requirements": has("style", "domain", "cost", "latency")},
            {"prompting": has("falls_short"), "requirements": lacks("facts", "reasoning")},
        ),
    ),
    Rule(
        "fits.no_model",
        FITS,
        "A custom model fits full control, massive data of one's own, and ownership of the model, "
        "where no model there is meets the need.",
        advise("custom_model"),
        ({"no_model_meets_it": has(True)},),
    ),
    Rule(
        "fits.steps",
        FITS,
        "Orchestration fits work in many steps, or with outside tools.",
        advise("orchestration"),
        ({"work": has("many_steps", "outside_tools")},),
    ),
    Rule(
        "fits.prompting_price",
        FITS,
        "Prompting alone is weak in consistency, token use and deep domain knowledge.",
        note("prompting"),
        ({"requirements": has("style", "domain", "cost")},),
    ),
    Rule(
        "fits.no_vector_store",
        FITS,
        "Fine-tuning saves the vector store's bill against retrieval.",
        note("fine_tuning"),
        today="S3 Vectors has no idle cost: what is saved is the passages' tokens, not a store's rent.",
    ),
)
