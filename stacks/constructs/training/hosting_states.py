"""The states that host a trained model: in a slot on demand, or on throughput that is paid by the hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from stacks.constructs.base.asl import BEDROCK_ERRORS, State
from stacks.constructs.training.states import QUOTA, SDK, choice, step, tag_list

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
            "DescribeDeployment": _look(
                "getCustomModelDeployment", "CustomModelDeploymentIdentifier", then="IsDeployed"
            ),
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
        return _ask(
            "createCustomModelDeployment",
            {
                "ModelDeploymentName": "{% $place.name %}",
                "ModelArn": "{% $custom_model %}",
                "ClientRequestToken": "{% $job.client_token %}",
                "Tags": tag_list(self.tags),
            },
            host="CustomModelDeploymentArn",
            then="AwaitDeployment",
        )

    def _update(self) -> State:
        return _ask(
            "updateCustomModelDeployment",
            {"CustomModelDeploymentIdentifier": "{% $place.arn %}", "ModelArn": "{% $custom_model %}"},
            host="CustomModelDeploymentArn",
            then="AwaitDeployment",
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
            "DescribeThroughput": _look("getProvisionedModelThroughput", "ProvisionedModelId", then="IsInService"),
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
        return _ask("createProvisionedModelThroughput", arguments, host="ProvisionedModelArn", then="AwaitThroughput")

    def _is_in_service(self) -> State:
        waiting = f"$states.input.Status = 'Creating' and $polls < {_polls(self)}"
        return choice(
            {"{% $states.input.Status = 'InService' %}": "Nominate", f"{{% {waiting} %}}": "AwaitThroughput"},
            # Failed, too late, or a status that did not exist when this was written.
            fails_as="DeploymentFailed",
            cause=f"{{% {_REASON} %}}",
        )


def _ask(call: str, arguments: Mapping[str, Any], *, host: str, then: str) -> State:
    """A call after which Bedrock begins to host the model; `host` is where its result names the ARN."""
    return step(
        f"{SDK}{call}",
        arguments,
        seconds=60,
        retries=BEDROCK_ERRORS,
        fails_as="DeploymentFailed",
        named=QUOTA,
        then=then,
        Assign={"host": f"{{% $states.result.{host} %}}", "polls": 0},
    )


def _look(call: str, identifier: str, *, then: str) -> State:
    """One look at how far it is."""
    return step(
        f"{SDK}{call}",
        {identifier: "{% $host %}"},
        seconds=60,
        retries=BEDROCK_ERRORS,
        fails_as="DeploymentFailed",
        then=then,
        Assign={"polls": "{% $polls + 1 %}"},
    )


def _polls(hosting: OnDemandHosting | ProvisionedHosting) -> int:
    return HOSTING_HOURS * HOUR // hosting.poll_seconds
