"""The base models that Bedrock customizes: their ids, and what a training job of each accepts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

GEOGRAPHIES = ("us", "us-gov", "eu", "apac", "jp", "au", "ca", "global")
"""What the ids of cross-region inference profiles begin with."""

MINIMUM_SAMPLES = 8
MAXIMUM_SAMPLES = 20_000
# Distillation guide: Bedrock refuses a distillation with fewer prompts.
MINIMUM_PROMPTS = 100


@dataclass(frozen=True)
class Range:
    """The values that one hyperparameter takes."""

    lowest: float
    highest: float
    integer: bool = True

    def problem_of(self, value: object) -> str | None:
        """The reason that forbids a value, which Bedrock takes as text."""
        number = _number(value)
        if number is not None and self.lowest <= number <= self.highest and (number.is_integer() or not self.integer):
            return None
        kind = "a whole number" if self.integer else "a number"
        return f"{value!r} is not allowed; write {kind} from {_plain(self.lowest)} to {_plain(self.highest)}"


# Bedrock and Nova user guides. The first allows 100 steps of warm-up, the second 20: both accept what is left.
HYPERPARAMETERS: Mapping[str, Range] = {
    "epochCount": Range(1, 5),
    "learningRate": Range(1e-6, 1e-4, integer=False),
    "learningRateWarmupSteps": Range(0, 20),
}


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """A model that CreateModelCustomizationJob takes, and the id it is called by untuned."""

    customization_id: str
    invocation_id: str
    minimum_samples: int = MINIMUM_SAMPLES
    maximum_samples: int = MAXIMUM_SAMPLES
    hyperparameters: Mapping[str, Range] = field(default_factory=lambda: HYPERPARAMETERS)
    validates: bool = True
    """Whether a job takes validation data; without it they are kept out of the job, not trained on."""
    teachers: tuple[str, ...] = ()
    """Models that may teach this one in a distillation, without the prefix of an inference profile."""


# Nova Premier taught Pro, Lite and Micro; it has ended (14 September 2026). The Nova guide names no other pair.
_PRO = ("amazon.nova-pro-v1:0",)

BASE_MODELS = (
    BaseModel(customization_id="amazon.nova-micro-v1:0:128k", invocation_id="amazon.nova-micro-v1:0", teachers=_PRO),
    BaseModel(customization_id="amazon.nova-lite-v1:0:300k", invocation_id="amazon.nova-lite-v1:0", teachers=_PRO),
    BaseModel(customization_id="amazon.nova-pro-v1:0:300k", invocation_id="amazon.nova-pro-v1:0"),
    BaseModel(
        customization_id="amazon.nova-2-lite-v1:0:256k",
        invocation_id="amazon.nova-2-lite-v1:0",
        # AWS documents 8 samples; AWS's own validator for this model enforces 200.
        minimum_samples=200,
        # Nova 2 guide: supervised fine-tuning takes no validation set.
        validates=False,
    ),
)


def find(customization_id: str) -> BaseModel | None:
    """Look a base model up; `None` for one that this table does not hold."""
    return next((model for model in BASE_MODELS if model.customization_id == customization_id), None)


def facts_of(customization_id: str) -> BaseModel:
    """The limits of a base model, or those common to all when it is unknown."""
    # Without its context size the id of an unknown model is the one it is called by, as far as anyone knows.
    return find(customization_id) or BaseModel(customization_id=customization_id, invocation_id=customization_id)


def foundation(model: str) -> str:
    """The id of the foundation model behind an answering model, an inference profile or a model that was tuned."""
    return facts_of(_without_profile(model)).invocation_id


def minimum_of(customization_type: str) -> int:
    """How few samples any base model is trained on in this way."""
    return MINIMUM_PROMPTS if customization_type == "DISTILLATION" else MINIMUM_SAMPLES


def as_sent(chosen: Mapping[str, str]) -> dict[str, str]:
    """Allowed hyperparameters in one way of writing each, so that the same values are known to be the same."""
    return {name: _plain(float(value)) for name, value in chosen.items()}


def problems_of_hyperparameters(base_model: str, chosen: Mapping[str, object]) -> list[str]:
    """Everything that makes Bedrock refuse these hyperparameters for this model."""
    return list(_hyperparameter_problems(facts_of(base_model), chosen))


def _hyperparameter_problems(model: BaseModel, chosen: Mapping[str, object]) -> Iterator[str]:
    for name, value in chosen.items():
        if name == "batchSize" and name not in model.hyperparameters:
            yield "batchSize is fixed and not sent; leave it out"
        elif name not in model.hyperparameters:
            allowed = ", ".join(model.hyperparameters)
            yield f"{name} is not a hyperparameter of {model.customization_id}; allowed: {allowed}"
        elif problem := model.hyperparameters[name].problem_of(value):
            yield f"{name}: {problem}"


def problems_of_teacher(base_model: str, teacher: str | None) -> list[str]:
    """Everything that forbids a distillation of this model from this teacher."""
    model = find(base_model)
    if model and not model.teachers:
        students = ", ".join(known.customization_id for known in BASE_MODELS if known.teachers)
        return [f"{base_model} has no teacher on Bedrock; students are {students}"]
    teachers = dict.fromkeys(one for known in ([model] if model else BASE_MODELS) for one in known.teachers)
    allowed = f"allowed: {', '.join(teachers)}"
    if teacher is None:
        return [f"a distillation needs a teacher model; {allowed}"]
    if model is None or _without_profile(teacher) in teachers:
        return []
    return [f"{teacher} does not teach {base_model}; {allowed}"]


def _without_profile(model: str) -> str:
    prefix, _, rest = model.partition(".")
    return rest if prefix in GEOGRAPHIES else model


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _plain(number: float) -> str:
    return f"{number:.10f}".rstrip("0").rstrip(".")
