"""The evaluation that starts by itself: the same cases again and again, to see when something got worse."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from stacks.constructs.base import trust

CASES = "evaluations/standing/cases.jsonl"
RUN = "at-<aws.scheduler.execution-id>"
"""EventBridge Scheduler puts another id into it each time: 16 letters and digits in its guide (*Adding context
attributes*), and a UUID would fit into the 40 characters of a name too."""


class StandingEvaluation(Construct):
    """Starts the evaluation pipeline on a schedule, as a role that can do nothing else."""

    def __init__(self, scope: Construct, construct_id: str, *, machine_arn: str, expression: str) -> None:
        super().__init__(scope, construct_id)
        # Its guide, *Confused deputy prevention*: the source is the group of the schedule, not the schedule.
        source = trust.service(self, "scheduler", resources="schedule-group/default")
        role = iam.Role(self, "Role", assumed_by=source)
        role.add_to_policy(iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine_arn]))
        order = {"run": RUN, "cases_key": CASES, "started_by": "schedule"}
        schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            description=f"Evaluates {CASES}",
            schedule_expression=expression,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=machine_arn, role_arn=role.role_arn, input=Stack.of(self).to_json_string(order)
            ),
        )
        # The schedule may fire as soon as it exists, and the policy is a resource of its own.
        schedule.node.add_dependency(role)
