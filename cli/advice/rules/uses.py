"""Industries, use cases by technique, and the three worked layerings."""

from cli.advice.rules.requirements import AT_SCALE
from cli.advice.rules.rule import Rule, advise, at_least, choose, has, note

INDUSTRIES, USES, WORKED = "Industries", "Use cases by technique, from the Nova case study", "Three worked layerings"


def _retrieval(use: str, says: str) -> Rule:
    return Rule(f"uses.retrieval.{use}", USES, f"Retrieval: {says}.", advise("retrieval"), ({"use_cases": has(use)},))


def _tuning(use: str, says: str) -> Rule:
    return Rule(f"uses.tuning.{use}", USES, f"Fine-tuning: {says}.", advise("fine_tuning"), ({"use_cases": has(use)},))


def _layers(use: str, says: str) -> Rule:
    """Prompts first, then documents, then tuning; orchestration last, and later unless the work asks for it."""
    effects = (
        *choose("system_instructions", "format_specification"),
        *advise("retrieval", "fine_tuning"),
        *advise("orchestration", later=True),
    )
    return Rule(f"worked.{use}", WORKED, says, effects, ({"use_cases": has(use)},))


def _industry(industry: str, says: str, *now: str, later: tuple[str, ...] = ()) -> Rule:
    effects = (*advise(*now), *advise(*later, later=True))
    return Rule(
        f"industry.{industry}", INDUSTRIES, f"{industry.capitalize()}: {says}.", effects, ({"industry": has(industry)},)
    )


RULES = (
    _industry(
        "healthcare",
        "retrieval for current knowledge and compliance, careful tuning for terms",
        "retrieval",
        later=("fine_tuning",),
    ),
    _industry(
        "finance", "retrieval for regulation, orchestration for compliance flows", "retrieval", later=("orchestration",)
    ),
    _industry("retail", "prompting for conversations, tuning for recommendation", "prompting", later=("fine_tuning",)),
    _industry(
        "manufacturing",
        "retrieval for technical documents, orchestration for processes",
        "retrieval",
        later=("orchestration",),
    ),
    _industry("legal", "retrieval for case law, tuning for a jurisdiction's language", "retrieval", "fine_tuning"),
    Rule(
        "industry.retail_recommendation",
        INDUSTRIES,
        "Retail: fine-tuning for recommendation.",
        advise("fine_tuning"),
        ({"industry": has("retail"), "use_cases": has("product_recommendation")},),
    ),
    Rule(
        "industry.flows",
        INDUSTRIES,
        "Finance and manufacturing: orchestration where compliance or a process is a flow of steps.",
        advise("orchestration"),
        (
            {"industry": has("finance", "manufacturing"), "work": has("many_steps")},
            {"industry": has("finance"), "use_cases": has("strict_compliance")},
        ),
    ),
    _layers(
        "customer_support",
        "Customer support: role and format prompts, then documentation, policies and FAQ by retrieval, then tuning on "
        "past conversations (tone, common cases), then orchestration with tickets, CRM and hand-over to people.",
    ),
    _layers(
        "legal_analysis",
        "Legal analysis: legal instructions, then retrieval over case law and regulation, then tuning on reviewed "
        "analyses, then orchestration with document processing and verification.",
    ),
    _layers(
        "product_recommendation",
        "Product recommendation: format prompts, then retrieval over catalogue and reviews, then tuning on successful "
        "recommendations, then orchestration with inventory and personalisation.",
    ),
    _retrieval("changing_data", "dynamic data (support FAQ, catalogues)"),
    _retrieval("domain_insight", "insight into a domain (legal, medical)"),
    _retrieval("broad_application", "broad applications"),
    _retrieval("multimodal_retrieval", "multimodal retrieval"),
    _retrieval("strict_compliance", "strict compliance"),
    _tuning("personal_voice", "a personalised voice"),
    _tuning("narrow_accuracy", "narrow high accuracy (code, special summaries)"),
    _tuning("static_set", "static sets (glossaries)"),
    Rule(
        "uses.tuning.latency",
        USES,
        "Fine-tuning: the lowest latency.",
        advise("fine_tuning"),
        ({"requirements": has("latency")},),
        today="A deployment on demand adds 20 to 55 % to the time to the first token; the case study's gain came from "
        "shorter answers on provisioned throughput.",
    ),
    Rule(
        "uses.tuning.volume",
        USES,
        "Fine-tuning: high volume at low cost.",
        advise("fine_tuning"),
        ({"requests_a_month": at_least(AT_SCALE), "requirements": has("cost")},),
    ),
    Rule(
        "uses.both",
        USES,
        "Both together are recommended for question answering.",
        advise("retrieval", "fine_tuning"),
        ({"use_cases": has("question_answering")},),
    ),
    Rule(
        "uses.figures.quality",
        USES,
        "Published, 10 questions, two judges: quality +30 % for either of retrieval and tuning, +83 % for both on Nova "
        "Lite; with both, Micro nearly reaches the larger model.",
        note("retrieval", "fine_tuning"),
    ),
    Rule(
        "uses.figures.latency",
        USES,
        "Published: latency about 50 % lower tuned, about 30 % lower with retrieval.",
        note("retrieval", "fine_tuning"),
        today="On demand, a tuned model answers its first token 20 to 55 % later; measure it.",
    ),
    Rule(
        "uses.figures.tokens",
        USES,
        "Published: total tokens more than 60 % lower tuned, more than doubled by retrieval.",
        note("retrieval", "fine_tuning"),
    ),
)
