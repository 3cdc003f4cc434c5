"""The function that checks a training file and writes it as Bedrock reads it."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from tempfile import TemporaryFile
from typing import IO, Any

from arbiter.aws.objects import ObjectMissingError, Objects
from arbiter.log import entry
from arbiter.prompts import SYSTEM
from arbiter.settings import PrepareTrainingSettings
from arbiter.training.check import Report, Rules, check
from arbiter.training.run import JobNames, output_prefix, prepared_key, problems_of

# The converted file is held in the function's 512 MB of temporary storage until all of it is known to be good.
MAX_FILE_BYTES = 400_000_000


class TrainingDataRejected(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A training set that Bedrock would refuse; the message lists every finding with its line."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Prepare one run: `{"run": …, "training_key": …}`."""
    return _preparation().prepare(event.get("run"), event.get("training_key"))


@cache
def _preparation() -> "Preparation":
    settings = PrepareTrainingSettings.from_environment(os.environ)
    rules = Rules.of(
        settings.base_model,
        minimum=settings.minimum_samples,
        system_prompt=settings.system_prompt or SYSTEM,
    )
    return Preparation(Objects.connect(settings.training_bucket), rules)


@dataclass(frozen=True)
class Preparation:
    """Checks and converts the training file of a run, and names what the run will make."""

    objects: Objects
    rules: Rules

    def prepare(self, run: Any, key: Any) -> dict[str, Any]:
        """Write the prepared file, or refuse the raw one.

        Raises:
            TrainingDataRejected: with every finding.
        """
        if problems := problems_of(str(run), str(key)):
            raise TrainingDataRejected("; ".join(problems))
        with TemporaryFile() as prepared:
            report = self._check(key, prepared)
            prepared.seek(0)
            self.objects.write(prepared_key(run), prepared, content_type="application/jsonl")
        print(entry("training file prepared", run=run, samples=report.samples, doubts=report.doubt_count))
        return {
            "run": run,
            "training_uri": self.objects.uri(prepared_key(run)),
            "samples": report.samples,
            "digest": report.digest,
            "output_uri": self.objects.uri(output_prefix(run)),
            **asdict(JobNames.of(run, report.digest)),
        }

    def _check(self, key: str, prepared: IO[bytes]) -> Report:
        try:
            size = self.objects.size(key)
            if size > MAX_FILE_BYTES:
                limit = f"at most {MAX_FILE_BYTES:,} are allowed"
                raise TrainingDataRejected(f"the training file has {size:,} bytes; {limit}")
            report = check(self.objects.stream(key), self.rules, prepared.write)
        except ObjectMissingError as error:
            raise TrainingDataRejected(f"{error} Upload the training file first.") from error
        if not report.accepted:
            print(entry("training file refused", level="WARNING", key=key, problems=report.problem_count))
            raise TrainingDataRejected(report.refusal())
        return report
