"""The model behind the API, and the way on which its answers go out."""

from arbiter.aws.clients import Client
from arbiter.aws.converse import ConverseModel
from arbiter.edge.front import Deliver
from arbiter.settings.answering import EdgeSettings


def model_and_delivery(settings: EdgeSettings, client: Client) -> tuple[ConverseModel, Deliver | None]:
    """The model and, in the function that streams, the delivery of answers while they are written."""
    if not settings.streams:
        return ConverseModel(client, settings.guardrail), None
    from arbiter.aws.streaming.converse import StreamingConverseModel  # By a setting alone, as the events.
    from arbiter.edge.streaming.delivery import Events

    return StreamingConverseModel(client, settings.guardrail), Events
