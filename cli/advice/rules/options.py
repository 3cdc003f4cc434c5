"""The approaches and methods of the taxonomy, from the least complex to the most, with what each of them takes."""

from enum import IntEnum
from typing import NamedTuple


class Status(IntEnum):
    """The advice on an option; the greater, the sooner it is to be done."""

    RULED_OUT = 0
    NOT_NOW = 1
    LATER = 2
    RECOMMENDED = 3

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


class Method(NamedTuple):
    """One way of an approach: its complexity of six levels, and the data that it needs."""

    id: str
    name: str
    complexity: str
    data: str


class Approach(NamedTuple):
    """One approach: what it is, when it fits, its price, and the resources that it takes."""

    id: str
    name: str
    what: str
    fits: str
    price: str
    time: str
    expertise: str
    compute: str
    data: str
    methods: tuple[Method, ...]


APPROACHES = (
    Approach(
        "prompting",
        "Prompt engineering",
        "other instructions, the same weights",
        "fast iteration, few resources, models that are only an API",
        "weak in consistency, token use and deep domain knowledge",
        "hours to days",
        "low to medium",
        "minimal",
        "none to few examples",
        (
            Method("zero_shot", "Zero-shot", "low", "none"),
            Method("few_shot", "Few-shot", "low", "few examples"),
            Method("chain_of_thought", "Chain of thought", "medium", "none to few"),
            Method("system_instructions", "System instructions", "low", "none"),
            Method("format_specification", "Format specification", "low", "none"),
        ),
    ),
    Approach(
        "retrieval",
        "Retrieval (RAG)",
        "outside knowledge at inference",
        "facts that change, accuracy, corpora larger than a context, sources to show, private data kept from training",
        "more tokens with every request, and a store to keep in step",
        "days to weeks",
        "medium",
        "medium",
        "a corpus",
        (
            Method("basic_retrieval", "Basic retrieval", "medium", "corpus"),
            Method("hybrid_search", "Hybrid search", "medium", "corpus"),
            Method("multi_step_retrieval", "Multi-step retrieval", "high", "corpus"),
            Method("adaptive_retrieval", "Adaptive retrieval", "high", "corpus"),
        ),
    ),
    Approach(
        "fine_tuning",
        "Fine-tuning",
        "the model's parameters adapted",
        "prompting falls short, consistent behaviour over similar inputs, domain terms",
        "good examples and time are needed; saves the vector store's bill against retrieval",
        "days to weeks by LoRA, weeks in full",
        "medium to high by LoRA, high in full",
        "medium to high by LoRA, very high in full",
        "hundreds to thousands of examples by LoRA, thousands in full",
        (
            Method("qlora", "QLoRA", "medium", "100s to 1,000s of examples"),
            Method("lora", "LoRA", "medium-high", "100s to 1,000s of examples"),
            Method("peft", "Other parameter-efficient tuning", "high", "100s to 1,000s of examples"),
            Method("full_tuning", "Full fine-tuning", "very high", "1,000s of examples"),
        ),
    ),
    Approach(
        "custom_model",
        "Custom model",
        "a model of one's own",
        "full control, massive data of one's own, ownership of the model",
        "months of experts and compute",
        "months",
        "very high",
        "extreme",
        "tens of thousands of examples and more",
        (
            Method("distillation", "Distillation", "medium", "a large set and a teacher"),
            Method("transfer_learning", "Transfer learning", "very high", "10,000+ examples"),
            Method("own_architecture", "Own architecture", "very high", "varies"),
            Method("from_scratch", "Training from scratch", "extreme", "millions of examples"),
        ),
    ),
    Approach(
        "orchestration",
        "Orchestration",
        "several models and tools",
        "one model cannot do it, many steps, outside tools",
        "more calls with every request, and more that can fail",
        "weeks",
        "high",
        "varies",
        "varies",
        (
            Method("tool_integration", "Tool integration", "medium", "tool documentation"),
            Method("multi_model_pipelines", "Multi-model pipelines", "high", "integration data"),
            Method("agent_frameworks", "Agent frameworks", "high", "varies"),
            Method("planning", "Planning", "high", "few to many examples"),
        ),
    ),
)
OF_METHOD = {method.id: approach.id for approach in APPROACHES for method in approach.methods}
METHODS = {method.id: method for approach in APPROACHES for method in approach.methods}
NAMES = {**{one.id: one.name for one in APPROACHES}, **{one.id: one.name for one in METHODS.values()}}
