"""The settings of the guardrail: what is stopped or masked in questions and answers."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from stacks.settings.block import Block
from stacks.settings.problems import nearest

Strength = Literal["low", "medium", "high"]
STRENGTH = '"low", "medium" or "high", or null for none'
CONTENT = ("HATE", "INSULTS", "SEXUAL", "VIOLENCE", "MISCONDUCT")
# fmt: off
PERSONAL_DATA = frozenset({
    "ADDRESS", "AGE", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "CA_HEALTH_NUMBER", "CA_SOCIAL_INSURANCE_NUMBER",
    "CREDIT_DEBIT_CARD_CVV", "CREDIT_DEBIT_CARD_EXPIRY", "CREDIT_DEBIT_CARD_NUMBER", "DRIVER_ID", "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "IP_ADDRESS", "LICENSE_PLATE", "MAC_ADDRESS", "NAME", "PASSWORD", "PHONE",
    "PIN", "SWIFT_CODE", "UK_NATIONAL_HEALTH_SERVICE_NUMBER", "UK_NATIONAL_INSURANCE_NUMBER",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER", "URL", "USERNAME", "US_BANK_ACCOUNT_NUMBER", "US_BANK_ROUTING_NUMBER",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", "US_PASSPORT_NUMBER", "US_SOCIAL_SECURITY_NUMBER",
    "VEHICLE_IDENTIFICATION_NUMBER",
})
# fmt: on
"""Kinds of personal data (Bedrock's `GuardrailPiiEntityType`, in botocore's model)."""
Words = Annotated[str, Field(min_length=1, max_length=100)]


class DeniedTopic(Block):
    """A subject that is spoken of neither in questions nor in answers."""

    name: str = Field(pattern=r"^[0-9a-zA-Z\-_ !?.]{1,100}$", description="1 to 100 of letters, digits and -_ !?.")
    definition: str = Field(min_length=1, max_length=200, description="a sentence of at most 200 characters")
    examples: list[Words] = Field(
        default_factory=list, max_length=5, description="at most 5 texts of at most 100 characters"
    )


class Guardrail(Block):
    """A guardrail of Bedrock on every call of a model on the way to an answer."""

    content: Strength | None = Field(default=None, description=STRENGTH)
    prompt_attack: Strength | None = Field(default=None, description=STRENGTH)
    denied_topics: list[DeniedTopic] = Field(default_factory=list, max_length=30, description="at most 30 topics")
    words: list[Words] = Field(
        default_factory=list, max_length=10_000, description="at most 10,000 texts of at most 100 characters"
    )
    profanity: bool = Field(default=False, description="true or false")
    sensitive_information: dict[str, Literal["block", "mask"]] = Field(
        default_factory=dict, max_length=31, description='Bedrock\'s names of kinds, as EMAIL, with "block" or "mask"'
    )
    grounding: float | None = Field(default=None, ge=0, le=0.99, description="a number from 0 to 0.99, or null")
    relevance: float | None = Field(default=None, ge=0, le=0.99, description="a number from 0 to 0.99, or null")
    blocked_question: str = Field(
        default="This question cannot be answered here.", min_length=1, max_length=500, description="a text"
    )
    blocked_answer: str = Field(
        default="The answer to this question cannot be given here.", min_length=1, max_length=500, description="a text"
    )

    @field_validator("sensitive_information")
    @classmethod
    def _known_kinds(cls, kinds: dict[str, str]) -> dict[str, str]:
        """The kinds that Bedrock has: it would refuse another when the guardrail is deployed."""
        unknown = [f'"{kind}"{nearest(kind, PERSONAL_DATA) or ";"}' for kind in kinds if kind not in PERSONAL_DATA]
        if unknown:
            raise ValueError(
                f"unknown kinds of data: {' '.join(unknown)} known here: {', '.join(sorted(PERSONAL_DATA))}"
            )
        return kinds

    @model_validator(mode="after")
    def _does_something(self) -> "Guardrail":
        if not self.model_fields_set - {"blocked_question", "blocked_answer"} or not self.policies | self.free:
            raise ValueError("a guardrail without a policy does nothing; set one, or leave the block out")
        return self

    @property
    def policies(self) -> set[str]:
        """The figures of the price book that its policies are billed by."""
        asked = {
            "content_per_1k": self.content or self.prompt_attack,
            "topics_per_1k": self.denied_topics,
            "sensitive_per_1k": self.sensitive_information,
            "grounding_per_1k": self.grounding is not None or self.relevance is not None,
        }
        return {figure for figure, wanted in asked.items() if wanted}

    @property
    def free(self) -> set[str]:
        """Its policies that are not billed."""
        return {name for name, wanted in (("words", self.words), ("profanity", self.profanity)) if wanted}

    def configuration(self) -> dict[str, Any]:
        """The policies as Bedrock's resource takes them, as keyword arguments of its construct; none is empty."""
        filters = [_filter(kind, self.content, self.content) for kind in CONTENT if self.content]
        if self.prompt_attack:
            # Bedrock looks for attacks in what is asked only.
            filters.append(_filter("PROMPT_ATTACK", self.prompt_attack, None))
        configured = {
            "content_policy_config": {"filtersConfig": filters},
            "topic_policy_config": {"topicsConfig": [_topic(topic) for topic in self.denied_topics]},
            "sensitive_information_policy_config": {
                "piiEntitiesConfig": [
                    {"type": kind, "action": "BLOCK" if action == "block" else "ANONYMIZE"}
                    for kind, action in self.sensitive_information.items()
                ]
            },
            "contextual_grounding_policy_config": {
                "filtersConfig": [
                    {"type": kind, "threshold": threshold}
                    for kind, threshold in (("GROUNDING", self.grounding), ("RELEVANCE", self.relevance))
                    if threshold is not None
                ]
            },
        }
        policies: dict[str, Any] = {name: policy for name, policy in configured.items() if any(policy.values())}
        words = {"wordsConfig": [{"text": word} for word in self.words]} if self.words else {}
        managed = {"managedWordListsConfig": [{"type": "PROFANITY"}]} if self.profanity else {}
        return {**policies, **({"word_policy_config": {**words, **managed}} if words or managed else {})}


def _filter(kind: str, asked: str | None, answered: str | None) -> dict[str, str]:
    return {"type": kind, "inputStrength": (asked or "none").upper(), "outputStrength": (answered or "none").upper()}


def _topic(topic: DeniedTopic) -> dict[str, Any]:
    examples = {"examples": topic.examples} if topic.examples else {}
    return {"name": topic.name, "definition": topic.definition, "type": "DENY", **examples}
