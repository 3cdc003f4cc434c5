"""Callers whose signature API Gateway has checked, and who may do what IAM let them come here for."""

from datetime import datetime

from arbiter.edge.callers import Caller
from arbiter.edge.errors import NotAuthenticated
from arbiter.edge.http import Call

_ASSUMED = "assumed-role/"


class SignedCallers:
    """Callers by the ARN that signed."""

    def of(self, call: Call, now: datetime) -> Caller:
        """The caller.

        Raises:
            NotAuthenticated: API Gateway names nobody.
        """
        if not call.principal:
            raise NotAuthenticated("Sign the request with AWS credentials that may call execute-api:Invoke.")
        name = call.principal.rsplit(":", 1)[-1]
        return Caller(name, identity=_of_role(call.principal) if name.startswith(_ASSUMED) else call.principal)


def _of_role(principal: str) -> str:
    """A role's ARN without its session, whose name whoever assumes the role chooses anew each time."""
    return principal.rpartition("/")[0]
