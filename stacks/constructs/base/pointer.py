"""The pointer to the tuned model: two parameters, `candidate` and `in_service`."""

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.constructs.base.pinning import pin

NO_MODEL = "none"


class TunedModelPointer(Construct):
    """Which tuned model is nominated, and which answers: that text holds the one that answered before, too.

    The pipelines write the values. CloudFormation writes `NO_MODEL` again whenever anything about a parameter changes
    in the template, tags included: leave these resources as they are.
    """

    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.candidate = self._parameter("Candidate", "Tuned model nominated by the training pipeline", removal_policy)
        self.in_service = self._parameter("InService", "Tuned model that answers", removal_policy)
        for name, parameter in (
            ("CandidateParameter", self.candidate),
            ("InServiceParameter", self.in_service),
        ):
            CfnOutput(scope, name, value=parameter.parameter_name)

    def grant_read_in_service(self, role: iam.IRole) -> None:
        """Let `role` see which model answers."""
        self._allow(role, "ssm:GetParameter", self.in_service)

    def grant_read(self, role: iam.IRole) -> None:
        """Let `role` see which models are nominated, answer, and answered before."""
        self._allow(role, "ssm:GetParameter", self.candidate, self.in_service)

    def grant_nominate(self, role: iam.IRole) -> None:
        """Let `role` name a candidate, and nothing else."""
        self._allow(role, "ssm:PutParameter", self.candidate)

    def grant_publish(self, role: iam.IRole) -> None:
        """Let `role` put the candidate into service and take it out again."""
        self.grant_read(role)
        self._allow(role, "ssm:PutParameter", self.in_service)

    def _parameter(self, name: str, description: str, removal_policy: RemovalPolicy) -> ssm.StringParameter:
        parameter = ssm.StringParameter(self, name, string_value=NO_MODEL, description=description)
        parameter.apply_removal_policy(removal_policy)
        pin(parameter, f"TunedModel{name}")
        return parameter

    @staticmethod
    def _allow(role: iam.IRole, action: str, *parameters: ssm.StringParameter) -> None:
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=[action], resources=[p.parameter_arn for p in parameters])
        )
