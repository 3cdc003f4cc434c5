"""The issuer of tokens, as the doctor looks at it."""

from typing import Any

import pytest

from cli.doctor.checks.edge import issuer
from cli.doctor.findings.finding import Severity
from tests.unit.arbiter.edge.tokens.issuing import JWKS, URL, Issuing, rsa_jwk
from tests.unit.cli.doctor.test_deployed import situated
from tests.unit.cli.fakes import StubbedDeployment

JWT = {"edge": {"serve": "api", "auth": "jwt", "jwt": {"issuer": URL, "audience": ["arbiter"]}}}


@pytest.mark.parametrize(
    ("published", "seen"),
    [
        ({}, "2 keys for RS256 or ES256 at " + JWKS),
        ({"reachable": False}, "down"),
        ({"described": {"issuer": "https://other.example.com", "jwks_uri": JWKS}}, "is not the document of " + URL),
        ({"keys": [rsa_jwk("one", use="enc")]}, "holds no key for RS256 or ES256"),
    ],
)
def test_an_issuer_must_publish_keys_that_are_its_own(
    published: dict[str, Any], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "published", Issuing(**published).fetch)
    (check,) = issuer.checks(situated(StubbedDeployment(), **JWT))
    looked = check.look()

    assert seen in looked.seen + "".join(finding.problem for finding in looked.findings)
    assert [finding.severity for finding in looked.findings] == ([Severity.BLOCKS] if published else [])


def test_without_tokens_no_issuer_is_looked_for() -> None:
    assert not list(issuer.checks(situated(StubbedDeployment(), edge={"serve": "api"})))
