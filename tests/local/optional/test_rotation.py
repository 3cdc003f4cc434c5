"""Keys of an issuer that change: looked at last, for they are fetched half a minute apart."""

import pytest

from arbiter.edge.tokens.issuer import PAUSE_SECONDS
from tests.local.api import Api
from tests.local.asking import until
from tests.local.deployed import Deployed
from tests.local.issuer import KEYS, Issuer
from tests.unit.arbiter.edge.tokens.issuing import rs256, rsa_jwk, token

pytestmark = pytest.mark.local


def test_keys_that_the_issuer_changes_are_fetched_and_the_old_ones_end(aside: Deployed, issuer: Issuer) -> None:
    api = Api(aside)

    def status(given: str) -> int:
        return api.call("GET", "/v1/models", key=given).status

    until(lambda: status(issuer.token()) == 200, "the issuer's key", seconds=PAUSE_SECONDS + 10)
    issuer.keys, before = [rsa_jwk("two")], issuer.asked[KEYS]
    new = token(issuer.claims(), kid="two", sign=rs256("two"))
    until(lambda: status(new) == 200, "the issuer's new key", seconds=PAUSE_SECONDS + 10)

    assert status(issuer.token()) == 401
    assert issuer.asked[KEYS] == before + 1
