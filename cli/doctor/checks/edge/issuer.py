"""The issuer of the API's tokens: whether its discovery document and its keys can be fetched, and are its own."""

from collections.abc import Iterator
from functools import partial

from arbiter.aws.edge.published import published
from arbiter.edge.errors import IssuerUnavailable
from arbiter.edge.tokens.issuer import discovery_address, jwks_address, read_keys_at
from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation


def checks(situation: Situation) -> Iterator[Check]:
    """The issuer of the settings, where tokens are let in."""
    edge = situation.settings.edge
    if edge.deployed and edge.auth == "jwt" and edge.jwt:
        yield Check("issuer of tokens", partial(_look, situation, edge.jwt.issuer))


def _look(situation: Situation, issuer: str) -> Looked:
    try:
        address = jwks_address(issuer, published(discovery_address(issuer)))
        keys = read_keys_at(address, published)
    except IssuerUnavailable as error:
        unavailable = Finding(
            code="issuer_unavailable",
            subject=f"issuer {issuer}",
            severity=Severity.BLOCKS,
            problem=f"{str(error).rstrip('.')}, as seen from this machine",
            consequence="the API lets nobody in: no token can be verified",
            remedy=f"cdk.json, environments.{situation.environment}.edge.jwt.issuer: the address as its tokens have it "
            f"(iss); then {situation.deploy_command}",
        )
        return Looked("cannot be used", (unavailable,))
    return Looked(f"{len(keys)} key{'' if len(keys) == 1 else 's'} for RS256 or ES256 at {address}")
