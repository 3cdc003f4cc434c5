"""A deployed Arbiter: found by its stack outputs, reached through clients for its account or the local AWS."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from cli.core.errors import CliError
from cli.core.project import configured, repository
from local import launcher

if TYPE_CHECKING:
    import boto3

# Longer than a function may take; never sent a second time, for the first call may still be at work, or be paid for.
FUNCTION_SECONDS = 910
ONCE = {"total_max_attempts": 1, "mode": "standard"}
_OUTPUTS = {
    "Storage": "DocumentsBucketName TrainingBucketName ResultsBucketName CandidateParameter InServiceParameter",
    "KnowledgeBase": (
        "KnowledgeBaseId DataSourceId VectorIndexArn SyncQueueUrl SyncDeadLetterQueueUrl CheckDocumentsFunctionArn"
    ),
    "Inference": (
        "RouterAliasArn RouterFunctionName RouterLogGroup ShadowLogGroup RouterUrl ExistingKnowledgeBaseId "
        "ManagedSearch GatewayUrl"
    ),
    "Edge": "ApiUrl ApiAuth FrontLogGroup StreamLogGroup KeyTableName TokenBudget",
    "Evaluation": "EvaluationStateMachineArn PublishFunctionArn CalibrateFunctionArn PlanFunctionArn",
    "FineTuning": "TrainingStateMachineArn RetireFunctionArn ExpireHostingFunctionArn",
    "Generation": "GenerationStateMachineArn PlanGenerationFunctionArn",
    "Operations": "DashboardName",
}
STACK_OF = {name: stack for stack, names in _OUTPUTS.items() for name in names.split()}
"""An output -> its stack."""


class Deployment:
    """One environment's deployment: its outputs, and clients to use it."""

    def __init__(self, environment: str, session: "boto3.Session", endpoint: str | None = None) -> None:
        self.environment = environment
        self._session = session
        self._endpoint = endpoint
        self._outputs: dict[str, Mapping[str, str]] = {}
        self._clients: dict[str, Any] = {}
        self._making_clients = Lock()

    @classmethod
    def find(cls, environment: str | None = None, root: Path | None = None) -> "Deployment":
        """The deployment of an environment: by default the local one while a local AWS runs, else `dev`.

        Raises:
            CliError: the local AWS does not run.
        """
        root = root or repository()
        running = launcher.status(root) if environment in (None, "local") else None
        if running:
            from local import sessions

            return cls("local", sessions.session(), running.endpoint)
        if environment == "local":
            raise CliError(
                "The local AWS does not run. Start it: `arbiter local up`, or with the examples in it: `make local`."
            )
        from cli.core.account.session import own_session

        environment = environment or "dev"
        session = own_session(configured(root, environment, "region"))
        return cls(environment, session)

    def in_region(self, region: str) -> "Deployment":
        """The same environment, looked for in another region."""
        if region == self.region:
            return self
        import boto3

        return Deployment(self.environment, boto3.Session(region_name=region), self._endpoint)

    @property
    def deploy_command(self) -> str:
        """The command that deploys this environment."""
        known = {"local": "make local", "dev": "make deploy"}
        return known.get(self.environment, f"make deploy ENV={self.environment}")

    @property
    def region(self) -> str:
        return str(self._session.region_name)

    def output(self, name: str) -> str:
        """One output of one of the stacks.

        Raises:
            CliError: the stack is not deployed, or not to its end.
        """
        if STACK_OF[name] == "KnowledgeBase" and (theirs := self.optional("ExistingKnowledgeBaseId")):
            # The stack may still be there, from before.
            raise CliError(
                f"Arbiter-{self.environment} answers from the knowledge base {theirs}, which "
                "others made (knowledge_base.existing): its documents are somebody else's, so Arbiter neither sends "
                "nor lists nor indexes any. `arbiter ask` asks it, `arbiter doctor` says what it can do.",
                code="documents_of_others",
            )
        try:
            return self._stack_outputs(STACK_OF[name])[name]
        except KeyError:
            raise CliError(
                f"The stack Arbiter-{self.environment}-{STACK_OF[name]} has no output {name}. "
                f"Deploy this version: `{self.deploy_command}`.",
                code="not_deployed",
            ) from None

    def optional(self, name: str) -> str | None:
        """One output that not every deployment has; `None` also where its stack is not deployed."""
        try:
            return self._stack_outputs(STACK_OF[name]).get(name)
        except CliError:
            return None

    def _stack_outputs(self, name: str) -> Mapping[str, str]:
        stack = f"Arbiter-{self.environment}-{name}"
        if stack not in self._outputs:
            self._outputs[stack] = self._read(stack)
        return self._outputs[stack]

    def client(self, service: str, **options: Any) -> Any:
        """A client for one AWS service, made once; `options` are those of botocore's `Config`."""
        # Clients may be shared by threads; the session that makes them may not.
        with self._making_clients:
            key = f"{service} {options}"
            if key not in self._clients:
                self._clients[key] = self._made(service, options)
            return self._clients[key]

    def _made(self, service: str, options: dict[str, Any]) -> Any:
        from cli.core.account.session import client_of

        if self._endpoint:
            # A proxy meant for the internet must not stand between two processes of this machine.
            options = {"proxies": {}, "s3": {"addressing_style": "path"}, **options}
        return client_of(self._session, service, self._endpoint, options)

    @property
    def credentials(self) -> Any:
        """The person's own credentials, to sign what no client sends."""
        return self._session.get_credentials()

    def api(self) -> str:
        """The address of the API, from where this command runs: the local AWS serves its own under a path."""
        url = self.output("ApiUrl").rstrip("/")
        if self._endpoint is None:
            return url
        host, _, stage = url.removeprefix("https://").partition("/")
        return f"{self._endpoint}/_aws/execute-api/{host.partition('.')[0]}/{stage}"

    @cached_property
    def functions(self) -> Any:
        """A client of Lambda that waits as long as a function may take, and calls it once."""
        return self.client("lambda", read_timeout=FUNCTION_SECONDS, retries=ONCE)

    @cached_property
    def _cloudformation(self) -> Any:
        return self.client("cloudformation", connect_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})

    def _read(self, stack: str) -> Mapping[str, str]:
        from botocore.exceptions import ClientError

        try:
            described = self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise CliError(
                f"There is no stack {stack} in {self.region}. Deploy Arbiter: `{self.deploy_command}`; "
                "for another environment use --env, for another account or region AWS_PROFILE and AWS_REGION.",
                code="not_deployed",
            ) from error
        outputs = {item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", ())}
        if not outputs:
            raise CliError(
                f"The stack {stack} is not deployed: it is in state {described['StackStatus']}. "
                f"See its events in CloudFormation, then run `{self.deploy_command}`.",
                code="not_deployed",
            )
        return outputs
