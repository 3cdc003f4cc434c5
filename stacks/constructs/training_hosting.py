"""The states that host a trained model: in a slot on demand, or on throughput that is paid by the hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stacks.constructs.asl import BEDROCK_ERRORS, State
from stacks.constructs.training_states import QUOTA, SDK, choice, step, tag_list

HOUR = 3600
HOSTING_HOURS = 2
COMMITMENTS = {"one_month": "OneMonth", "six_months": "SixMonths"}

# Where an update in place ends is not documented in detail: ready is what serves the model and changes no more.
_UPDATE = "$states.input.UpdateDetails"
_SERVES = "$states.input.ModelArn = $custom_model"
_UPDATED = f"{_UPDATE}.UpdateStatus = 'UpdateCompleted' and {_UPDATE}.ModelArn = $custom_model"
_UPDATING = f"{_UPDATE}.UpdateStatus = 'Updating'"
_UPDATE_FAILED = f"({_UPDATE}.UpdateStatus = 'UpdateFailed' and {_UPDATE}.ModelArn = $custom_model)"
# Bedrock has a field for the reason of a failed creation, and none for that of a failed update.
_REASON = (
    "$states.input.FailureMessage ? $states.input.FailureMessage"
    f" : {_UPDATE_FAILED} ? 'Bedrock could not put the model into the deployment ' & $place.name & ', without a reason'"
    " : $string($states.input)"
)


@dataclass(frozen=True, kw_only=True)
class OnDemandHosting:
    """Deployments on demand: one of three slots is created, updated in place, or kept."""

    tags: Mapping[str, str]
    poll_seconds: int

    def states(self) -> dict[str, State]:
        """From `Host` to `Nominate`."""
        return {
            "Host": self._host(),
            "Deploy": self._deploy(),
            "UpdateDeployment": self._update(),
            "Keep": {"Type": "Pass", "Assign": {"host": "{% $place.arn %}"}, "Next": "Nominate"},
            "AwaitDeployment": {"Type": "Wait", "Seconds": self.poll_seconds, "Next": "DescribeDeployment"},
            "DescribeDeployment": self._describe(),
            "IsDeployed": self._is_deployed(),
        }

    def _host(self) -> State:
        actions = {"create": "Deploy", "update": "UpdateDeployment", "keep": "Keep"}
        return choice(
            {f"{{% $place.action = '{action}' %}}": state for action, state in actions.items()},
            fails_as="PlacementFailed",
            cause="{% 'no such action: ' & $string($place) %}",
        )

    def _deploy(self) -> State:
        return step(
            f"{SDK}createCustomModelDeployment",
            {
                "ModelDeploymentName": "{% $place.name %}",
                "ModelArn": "{% $custom_model %}",
                "ClientRequestToken": "{% $job.client_token %}",
                "Tags": tag_list(self.tags),
            },
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="DeploymentFailed",
            named=QUOTA,
            then="AwaitDeployment",
            Assign={"host": "{% $states.result.CustomModelDeploymentArn %}", "polls": 0},
        )

    def _update(self) -> State:
        return step(
            f"{SDK}updateCustomModelDeployment",
            {"CustomModelDeploymentIdentifier": "{% $place.arn %}", "ModelArn": "{% $custom_model %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="DeploymentFailed",
            named=QUOTA,
            then="AwaitDeployment",
            Assign={"host": "{% $states.result.CustomModelDeploymentArn %}", "polls": 0},
        )

    def _describe(self) -> State:
        return step(
            f"{SDK}getCustomModelDeployment",
            {"CustomModelDeploymentIdentifier": "{% $host %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="DeploymentFailed",
            then="IsDeployed",
            Assign={"polls": "{% $polls + 1 %}"},
        )

    def _is_deployed(self) -> State:
        status = "$states.input.Status"
        ready = f"{status} = 'Active' and $not({_UPDATING}) and $not({_UPDATE_FAILED}) and ({_SERVES} or {_UPDATED})"
        # An update that was asked for a moment ago may not show yet: the slot is then Active with its former model.
        waiting = f"{status} in ['Creating', 'Active'] and $not({_UPDATE_FAILED}) and $polls < {_polls(self)}"
        return choice(
            {f"{{% {ready} %}}": "Nominate", f"{{% {waiting} %}}": "AwaitDeployment"},
            # Failed, too late, taken by another run, or a status that did not exist when this was written.
            fails_as="DeploymentFailed",
            cause=f"{{% {_REASON} %}}",
        )


@dataclass(frozen=True, kw_only=True)
class ProvisionedHosting:
    """Throughput of its own, with the time at which it is deleted in its tags."""

    tags: Mapping[str, str]
    poll_seconds: int
    model_units: int
    commitment: Literal["none", "one_month", "six_months"]

    def states(self) -> dict[str, State]:
        """From `Host` to `Nominate`."""
        return {
            "Host": self._provision(),
            "AwaitThroughput": {"Type": "Wait", "Seconds": self.poll_seconds, "Next": "DescribeThroughput"},
            "DescribeThroughput": self._describe(),
            "IsInService": self._is_in_service(),
        }

    def _provision(self) -> State:
        arguments: dict[str, Any] = {
            "ProvisionedModelName": "{% $place.name %}",
            "ModelId": "{% $custom_model %}",
            "ModelUnits": self.model_units,
            "ClientRequestToken": "{% $job.client_token %}",
            "Tags": tag_list(
                {**self.tags, "arbiter:run": "{% $job.run %}", "arbiter:expires-at": "{% $place.expires_at %}"}
            ),
        }
        if self.commitment != "none":
            arguments["CommitmentDuration"] = COMMITMENTS[self.commitment]
        return step(
            f"{SDK}createProvisionedModelThroughput",
            arguments,
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="DeploymentFailed",
            named=QUOTA,
            then="AwaitThroughput",
            Assign={"host": "{% $states.result.ProvisionedModelArn %}", "polls": 0},
        )

    def _describe(self) -> State:
        return step(
            f"{SDK}getProvisionedModelThroughput",
            {"ProvisionedModelId": "{% $host %}"},
            seconds=60,
            retries=BEDROCK_ERRORS,
            fails_as="DeploymentFailed",
            then="IsInService",
            Assign={"polls": "{% $polls + 1 %}"},
        )

    def _is_in_service(self) -> State:
        waiting = f"$states.input.Status = 'Creating' and $polls < {_polls(self)}"
        return choice(
            {"{% $states.input.Status = 'InService' %}": "Nominate", f"{{% {waiting} %}}": "AwaitThroughput"},
            # Failed, too late, or a status that did not exist when this was written.
            fails_as="DeploymentFailed",
            cause=f"{{% {_REASON} %}}",
        )


def _polls(hosting: OnDemandHosting | ProvisionedHosting) -> int:
    return HOSTING_HOURS * HOUR // hosting.poll_seconds
