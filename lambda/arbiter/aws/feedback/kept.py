"""The texts of rated answers in S3, where a lifecycle rule deletes them."""

from collections.abc import Callable

from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.feedback import Feedback, FeedbackUnavailable, body_of, key_of
from arbiter.settings.answering import RouterSettings

SECONDS = 5.0
_STORE = Callee(
    name="The bucket that keeps the texts of feedback",
    missing=FeedbackUnavailable,
    failed=FeedbackUnavailable,
    unreadable=FeedbackUnavailable,
    field=None,
)


def keeping(settings: RouterSettings, client: Client) -> Callable[[Feedback], None] | None:
    """A function that keeps the texts of what is rated, or says why not; `None` where they may not be kept."""
    bucket = settings.feedback_bucket
    if bucket is None:
        return None

    def keep(given: Feedback) -> None:
        key, body = key_of(given.request_id), body_of(given)
        client.call("put_object", _STORE, SECONDS, Bucket=bucket, Key=key, Body=body, ContentType="application/json")

    return keep
