"""The destruction of one environment, which can be taken up again at any point: it goes by what is there."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from arbiter.aws.versions import NotEmptyError
from arbiter.costs.amount import Amount, total
from arbiter.tuned_models.service.pointer import NONE
from cli.core.deployment import Deployment
from cli.core.progress import Progress, silent
from cli.destroy.bedrock import ENDED, EXECUTION
from cli.destroy.kinds import BUCKET, PARAMETER
from cli.destroy.parts import Part
from cli.destroy.stacks import WAVES, Resource, Stack
from cli.destroy.survey import Survey, Surveyor, in_waves

STORAGE = "Storage"
PASSES = 3
"""Passes over what is still there: what was being made when it was looked at is there afterwards."""
AT_ONCE = 4
TRIED = (BotoCoreError, ClientError, NotEmptyError)


@dataclass(frozen=True, kw_only=True)
class DestroyResult:
    """The end of a destruction, as a last look shows it."""

    environment: str
    deleted: Sequence[Part]
    kept: Sequence[Part]
    left: Sequence[Part]
    """Still there, each with the reason as far as one is known."""
    problems: Sequence[str]
    """What could not be looked at, so that nothing is proven about it."""

    @property
    def clean(self) -> bool:
        return not self.left and not self.problems

    @property
    def month(self) -> Amount:
        """The price a month of what is left or kept."""
        return total(part.month for part in (*self.left, *self.kept))

    def dump(self) -> dict[str, Any]:
        """The result as JSON."""
        lists = {"deleted": self.deleted, "kept": self.kept, "left": self.left}
        return {
            "environment": self.environment,
            "clean": self.clean,
            **{name: [part.dump() for part in parts] for name, parts in lists.items()},
            "problems": list(self.problems),
            "usd_per_month": self.month.known,
            "lower_bound": self.month.lower_bound,
        }


class Destruction:
    """Deletes everything of one environment but the data that is kept."""

    def __init__(self, deployment: Deployment, surveyor: Surveyor, progress: Progress = silent) -> None:
        self._deployment, self._surveyor, self._progress = deployment, surveyor, progress
        self._reasons: dict[str, str] = {}

    def run(self, first: Survey) -> DestroyResult:
        """Delete what a first look found, look again, and go on with what came up meanwhile."""
        survey = first
        for number in range(PASSES):
            if not survey.to_delete:
                break
            self._reasons = {}
            self._pass(survey)
            self._progress("Looking at what is left" if number == 0 else f"Looking again ({number + 1})")
            survey = self._surveyor.look()
            if all(self._reason(part) for part in survey.to_delete):
                break
        left = [replace(part, note=self._reason(part) or part.note) for part in survey.to_delete]
        still = {part.id for part in (*survey.to_delete, *survey.kept)}
        return DestroyResult(
            environment=self._deployment.environment,
            deleted=[part for part in first.to_delete if part.id not in still],
            kept=survey.kept,
            left=left,
            problems=survey.problems,
        )

    def _reason(self, part: Part) -> str | None:
        """Why a part is left, by itself or by all of its kind."""
        return self._reasons.get(part.id) or self._reasons.get(part.kind)

    def _pass(self, survey: Survey) -> None:
        self._progress("Stopping executions and jobs")
        self._try(EXECUTION, lambda: self._surveyor.executions.stop(survey.machines))
        self._try("jobs", lambda: self._reasons.update(self._surveyor.bedrock.stop_jobs()))
        self._progress("Deleting models and what hosts them")
        self._try("pointers", lambda: self._forget_models(survey))
        self._try("models", lambda: self._reasons.update(self._surveyor.bedrock.delete_models()))
        self._try(ENDED, self._surveyor.bedrock.delete_ended_evaluations)
        self._delete_stacks(survey)
        self._delete_all(survey.leftovers, "Deleting what the stacks left")

    def _forget_models(self, survey: Survey) -> None:
        """Where the pointers are kept, they must not name models that are gone."""
        if not any(self._surveyor.keeps(stack) for stack in survey.stacks):
            return
        client = self._deployment.client("ssm")
        for one in survey.held:
            if one.type == PARAMETER:
                with suppress(client.exceptions.ParameterNotFound):
                    if client.get_parameter(Name=one.id)["Parameter"]["Value"] != NONE:
                        client.put_parameter(Name=one.id, Value=NONE, Overwrite=True)

    def _delete_stacks(self, survey: Survey) -> None:
        stacks = [one for one in survey.stacks if not self._surveyor.keeps(one)]
        done, stage = 0, "Deleting the stacks"
        for wave in in_waves(stacks, WAVES):
            self._progress(stage, done, len(stacks))
            for storage in (one for one in wave if one.part == STORAGE):
                # Nothing writes any more. CloudFormation would empty them one after another, or leave them behind.
                self._try(storage.id, partial(self._delete_buckets, storage))
            self._surveyor.workers.each(self._delete_stack, wave, at_once=len(wave))
            done += len(wave)
            self._progress(stage, done, len(stacks))

    def _delete_stack(self, stack: Stack) -> None:
        self._try(stack.id, lambda: self._note(stack.id, self._surveyor.stacks.delete(stack, self._cure)))

    def _delete_buckets(self, storage: Stack) -> None:
        """The buckets of a stack, the one of the others' access logs last."""
        buckets = [one for one in self._surveyor.stacks.resources(storage) if one.type == BUCKET]
        logs = [one for one in buckets if one.logical_id.startswith("AccessLogs")]
        self._delete_all([one for one in buckets if one not in logs], "Emptying the buckets")
        self._delete_all(logs, "Emptying the buckets")

    def _delete_all(self, resources: Sequence[Resource], stage: str) -> None:
        if resources:
            self._progress(stage)
            self._surveyor.workers.each(self._cure, resources, at_once=AT_ONCE)

    def _cure(self, resource: Resource) -> None:
        self._try(resource.id, lambda: self._surveyor.resources.delete(resource))

    def _try(self, what: str, act: Callable[[], object]) -> None:
        """Do something for a part, or a kind; why it failed is told with what is left, and keeps nothing else there."""
        try:
            act()
        except TRIED as error:
            self._note(what, str(error))

    def _note(self, what: str, reason: str | None) -> None:
        if reason:
            self._reasons[what] = reason
