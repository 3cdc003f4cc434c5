"""AWS clients: one session, each client made when first needed, each call with a time of its own."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Self, TypeVar

import botocore
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session

from arbiter.aws.calls.bounded import within
from arbiter.aws.errors import Callee, translate

CONNECT_SECONDS = 1.0
READ_SECONDS = 25.0
"""For a botocore too old to know a read timeout by call: below the 29 seconds that the function has by default."""
BOTOCORE = str(botocore.__version__)

T = TypeVar("T")

_read_seconds: ContextVar[float] = ContextVar("read_seconds", default=READ_SECONDS)


class _Models(Loader):
    """botocore's models, without looking through the folders of some 440 services, twice, for the one that is named."""

    def list_available_services(self, type_name: str) -> list[str]:
        """The services that functions call through a shared session; a missing model fails when it is read."""
        return ["bedrock-agent-runtime", "bedrock-runtime", "dynamodb", "lambda", "s3", "s3vectors", "ssm"]


def new_session() -> Session:
    """A session, to be shared by all clients: loading the models and finding credentials is paid once."""
    session = Session()
    session.register_component("data_loader", _Models())
    return session


class Client:
    """One AWS service."""

    def __init__(self, session: Session, service: str) -> None:
        self._session, self._service = session, service
        self._client: Any = None

    @property
    def botocore(self) -> Any:
        """The client itself, made by the first to ask for it."""
        if self._client is None:
            self._client = self._session.create_client(self._service, config=_config(self._session.user_agent()))
            self._client.meta.events.register("before-call", _limit_time)
        return self._client

    def ready(self) -> Self:
        """This client, made now: several threads that are the first to ask would make one each."""
        _ = self.botocore
        return self

    def call(self, operation: str, callee: Callee, timeout: float, **parameters: Any) -> dict[str, Any]:
        """Call an operation once, within so many seconds.

        Raises:
            ArbiterError: the failure in Arbiter's words.
        """
        call = getattr(self.botocore, operation)
        response: object = self._limited(callee, timeout, lambda: call(**parameters))
        if not isinstance(response, dict):
            raise callee.unreadable(f"{callee.name} answered with JSON that is no object.")
        return response

    def read(self, callee: Callee, timeout: float, **parameters: Any) -> bytes:
        """The content of an object in S3, once and to its end within so many seconds.

        Raises:
            ArbiterError: the failure in Arbiter's words.
        """
        get = self.botocore.get_object
        return self._limited(callee, timeout, lambda: bytes(get(**parameters)["Body"].read()))

    @staticmethod
    def _limited(callee: Callee, timeout: float, call: Callable[[], T]) -> T:
        token = _read_seconds.set(timeout)
        try:
            return within(timeout, call)
        except Exception as error:
            raise translate(error, callee) from error
        finally:
            _read_seconds.reset(token)


def _config(user_agent: str) -> Config:
    """Without botocore's retries: Arbiter's loop knows the deadline, and two loops multiply.

    With a user agent that is made once: botocore would put one together twice a call, a twelfth of its time.

    Without its parameter validation either, a twentieth of a call: requests were validated when they came in, and
    the tests hold what the adapters make of them against botocore's model.
    """
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        parameter_validation=False,
        user_agent=f"{user_agent} arbiter",
    )


def _limit_time(context: dict[str, Any], **_: Any) -> None:
    context["read_timeout"] = _read_seconds.get()
