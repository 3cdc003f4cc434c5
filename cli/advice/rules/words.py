"""The values that the rules tell apart, each with its meaning for the person who chooses it."""

INDUSTRIES = {
    "healthcare": "healthcare",
    "finance": "finance",
    "retail": "retail",
    "manufacturing": "manufacturing",
    "legal": "legal",
    "other": "another one",
}
USE_CASES = {
    "customer_support": "answers to customers' questions",
    "legal_analysis": "analysis of cases, contracts, regulation",
    "product_recommendation": "recommendation of products",
    "question_answering": "questions and answers on a subject",
    "changing_data": "data that change: support FAQ, catalogues",
    "domain_insight": "insight into a domain: law, medicine",
    "broad_application": "one application for many subjects",
    "multimodal_retrieval": "search in pictures and other media",
    "strict_compliance": "answers that must keep to rules and prove it",
    "personal_voice": "a voice or character of your own",
    "narrow_accuracy": "one narrow task done very well: code, special summaries",
    "static_set": "a set that does not change: a glossary",
}
REQUIREMENTS = {
    "facts": "right and current facts",
    "style": "style, tone and format that must not vary",
    "domain": "terms and knowledge of a domain",
    "reasoning": "hard reasoning in steps",
    "cost": "low cost at scale",
    "latency": "the shortest wait",
}
EXPERTISE = {
    "little": "nobody has built with language models",
    "moderate": "some have run models in production",
    "strong": "a team that trains models",
}
COMPUTE = {
    "little": "calls to models, and a small budget",
    "moderate": "training jobs of some hours now and then",
    "large": "a budget for many accelerators over weeks",
}
CHANGES = {
    "never": "never",
    "yearly": "about once a year",
    "monthly": "about once a month",
    "weekly": "about once a week",
    "daily": "every day or more often",
}
CORPUS = {"none": "none", "small": "fits into one long prompt", "large": "does not fit into a prompt"}
WORK = {"many_steps": "several steps that build on each other", "outside_tools": "data or actions of other systems"}
PROMPTING = {
    "not_tried": "not yet",
    "enough": "yes, and it is enough",
    "falls_short": "yes, and it is not enough",
}
OF_KNOWLEDGE = frozenset(USE_CASES) - {"personal_voice", "narrow_accuracy", "static_set"}
"""Uses that the taxonomy gives documents; the others it gives a tuned model alone."""
OFTEN = ("monthly", "weekly", "daily")
"""How often knowledge changes where it is called changing."""
