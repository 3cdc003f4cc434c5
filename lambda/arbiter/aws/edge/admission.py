"""Admission of callers, by the setting `edge.auth`."""

import time

from arbiter.aws.edge.table import EdgeTable
from arbiter.edge.front import Callers
from arbiter.edge.keys import KeyCallers
from arbiter.edge.signed import SignedCallers
from arbiter.settings.answering import EdgeSettings


def callers(settings: EdgeSettings, table: EdgeTable) -> Callers:
    """The callers of a function behind the API."""
    if settings.auth == "iam":
        return SignedCallers()
    if settings.auth == "jwt":
        from arbiter.aws.edge.published import published  # Only where tokens are taken.
        from arbiter.edge.tokens.callers import Admission, TokenCallers
        from arbiter.edge.tokens.issuer import Issuer

        # By the time of day: a clock that stands still while the function is frozen would keep keys for longer.
        return TokenCallers(Issuer(settings.tokens["issuer"], published, time.time), Admission.of(settings.tokens))
    return KeyCallers(table)
