"""The owner's prompts in S3: one object that never changes under its key, read once when it is first needed."""

from arbiter.answering.prompting.files import Prompts, load_prompts
from arbiter.answering.prompting.prompter import Prompter
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import AccessDenied, PromptsUnavailable
from arbiter.settings.answering import RouterSettings


def prompter(settings: RouterSettings, client: Client, *, unseen: bool = False) -> Prompter:
    """The chooser of a deployment's prompts; with `unseen` no example asks the question itself."""
    return Prompter(
        StoredPrompts(client, settings.prompts_bucket, settings.prompts_key), settings.example_tokens, unseen=unseen
    )


class StoredPrompts:
    """The prompts of one deployment; none where it has no object of them."""

    def __init__(self, client: Client, bucket: str | None, key: str | None) -> None:
        self._client, self._bucket, self._key = client, bucket, key
        self._prompts: Prompts | None = None if key else Prompts()

    def current(self, timeout: float) -> Prompts:
        """The prompts, within so many seconds.

        Raises:
            PromptsUnavailable, Throttled, DeadlineExceeded: the object cannot be read.
        """
        if self._prompts is None:
            where = f"s3://{self._bucket}/{self._key}"
            callee = Callee(
                f"the prompts {where}", PromptsUnavailable, PromptsUnavailable, PromptsUnavailable, field=None
            )
            try:
                content = self._client.read(callee, timeout, Bucket=self._bucket, Key=self._key)
                self._prompts = load_prompts(content)
            except AccessDenied as error:
                raise PromptsUnavailable(
                    f"The role may not read {where}: it lacks s3:GetObject, or kms:Decrypt where the bucket of the "
                    "CDK's bootstrap has a key of its own. Deploy again."
                ) from error
            except ValueError as error:
                raise PromptsUnavailable(f"The prompts {where} are damaged: {error}. Deploy again.") from error
        return self._prompts
