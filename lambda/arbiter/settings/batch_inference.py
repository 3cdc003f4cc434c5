"""The settings of the function between a pipeline and its batch inference jobs."""

from dataclasses import dataclass

from arbiter.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class BatchRecordsSettings(FunctionSettings):
    """The function that merges what is asked and shares out what came back."""

    results_bucket: str
    prefix: str
    """Below it lie the runs of the pipeline."""
    minimum: int
    """Requests below which they are asked on demand."""
