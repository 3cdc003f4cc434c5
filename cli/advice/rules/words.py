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
METHODS = {
    "zero_shot": "the task is described, no example is shown",
    "few_shot": "a few good examples stand in the prompt",
    "chain_of_thought": "the model is told to work in steps before it answers",
    "system_instructions": "standing orders on role, tone and limits go before every question",
    "format_specification": "the prompt fixes the form of the answer",
    "basic_retrieval": "the passages nearest in meaning to the question go with it",
    "hybrid_search": "passages are found by meaning and by exact words",
    "multi_step_retrieval": "the model searches again with what it has found",
    "adaptive_retrieval": "each request decides whether to search",
    "qlora": "LoRA on a model of reduced precision, which takes the least memory",
    "lora": "a small addition to the model is trained, and its own weights stay",
    "peft": "another small part of the model is trained",
    "full_tuning": "all weights of the model are trained",
    "distillation": "a small model learns from the answers of a large one",
    "transfer_learning": "a model that is there is trained on for a new domain",
    "own_architecture": "a model is designed for the task",
    "from_scratch": "a model is trained from nothing",
    "tool_integration": "the model calls other systems for data and actions",
    "multi_model_pipelines": "specialised models work one after the other",
    "agent_frameworks": "the model chooses steps and tools while it works",
    "planning": "the model lays out its steps first, then takes them",
}
"""What is done in each method, for who has never heard its name."""
OF_KNOWLEDGE = frozenset(USE_CASES) - {"personal_voice", "narrow_accuracy", "static_set"}
"""Uses that the taxonomy gives documents; the others it gives a tuned model alone."""
OFTEN = ("monthly", "weekly", "daily")
"""How often knowledge changes where it is called changing."""
