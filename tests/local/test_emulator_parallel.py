"""Branches of a state machine run side by side under its role, and end together."""

import json
from typing import Any

import pytest

from tests.local.account import Account
from tests.local.machines import machine, run

pytestmark = pytest.mark.local

CALL = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "End": True}


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    listed = [{"StartAt": next(iter(branch)), "States": branch} for branch in branches]
    return {"Both": {"Type": "Parallel", "Branches": listed, "End": True, **fields}}


def told(number: int) -> dict[str, Any]:
    """A branch that sees what is passed to it, and what was assigned before it."""
    output = f"{{% $states.input.word & '{number}' & $known %}}"
    changed = {"Type": "Pass", "Assign": {"known": str(number)}, "Next": f"Say{number}"}
    return {f"Change{number}": changed, f"Say{number}": {"Type": "Pass", "Output": output, "End": True}}


def test_branches_in_jsonata_have_an_input_an_output_and_variables_of_their_own(account: Account) -> None:
    states = {
        "Know": {"Type": "Pass", "Assign": {"known": "0"}, "Next": "Both"},
        **parallel(
            told(1), told(2),
            Arguments={"word": "{% $uppercase($states.input.word) %}"},
            Output="{% {'given': $states.input.word, 'said': $states.result, 'known': $known} %}",
        ),
    }  # fmt: skip
    done = run(account, machine(account, states), {"word": "ahoy"})

    assert done["status"] == "SUCCEEDED", done.get("cause")
    assert json.loads(done["output"]) == {"given": "ahoy", "said": ["AHOY11", "AHOY22"], "known": "0"}


def test_a_branch_that_fails_ends_the_others_and_can_be_caught(account: Account) -> None:
    broken = {"Break": {"Type": "Fail", "Error": "Torn", "Cause": "the rope"}}
    long = {"Sleep": {"Type": "Wait", "Seconds": 600, "Next": "Call"}, "Call": CALL}
    caught = {"ErrorEquals": ["Torn"], "Output": "{% $states.errorOutput.Cause %}", "Next": "Caught"}
    states = {**parallel(broken, long, Catch=[caught]), "Caught": {"Type": "Pass", "End": True}}
    done = run(account, machine(account, states))

    assert (done["status"], done.get("output")) == ("SUCCEEDED", '"the rope"')
