"""An OpenID Connect issuer by https on this machine, under a certificate authority that is made for it."""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.unit.arbiter.edge.tokens.issuing import rsa_jwk, token

_AUTHORITY = "Authority of a test"
TENANT, KEYS = "/tenant", "/keys"
DISCOVERY = f"{TENANT}/.well-known/openid-configuration"


@dataclass
class Issuer:
    """What the issuer publishes, and how often it was asked for it."""

    url: str
    authority: Path
    """The certificates to trust, for `SSL_CERT_FILE`."""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [rsa_jwk("one")])
    reachable: bool = True
    asked: Counter[str] = field(default_factory=Counter)

    def publish(self, path: str) -> Any:
        """The document at a path; `None` where there is none."""
        self.asked[path] += 1
        base = self.url.removesuffix(TENANT)
        documents = {DISCOVERY: {"issuer": self.url, "jwks_uri": base + KEYS}, KEYS: {"keys": self.keys}}
        return documents.get(path) if self.reachable else None

    def claims(self, **more: Any) -> dict[str, Any]:
        """Those of a token that is let in; a claim that is given as `...` is left out."""
        at = int(datetime.now(UTC).timestamp())
        told = {"iss": self.url, "aud": "arbiter", "sub": "ada", "iat": at, "exp": at + 600, "team": "support", **more}
        return {name: value for name, value in told.items() if value is not ...}

    def token(self, **more: Any) -> str:
        """A token that it signs."""
        return token(self.claims(**more))


@contextmanager
def issuing(folder: Path) -> Iterator[Issuer]:
    """An issuer, until the context ends."""
    served, authority = _certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.publish(self.path)
            self.send_response(503 if document is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    issuer = Issuer(f"https://localhost:{server.server_port}{TENANT}", authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield issuer
    server.shutdown()
    server.server_close()


def _certificates(folder: Path) -> tuple[Path, Path]:
    """Key and certificate of `localhost` in one file, and the certificate of the authority that signed it."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    usages = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "crl_sign", "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    # Whole, for Python 3.13 takes no certificates that leave out what RFC 5280 wants.
    of_authority = [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.KeyUsage(key_cert_sign=True, **usages), True),
    ]
    served, trusted = folder / "served.pem", folder / "authority.pem"
    private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    localhost = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    served.write_bytes(private + _signed("localhost", own, authority, [(localhost, False)]))
    trusted.write_bytes(_signed(_AUTHORITY, authority, authority, of_authority))
    return served, trusted


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    authority: ec.EllipticCurvePrivateKey,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> bytes:
    now, by = datetime.now(UTC), x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, _AUTHORITY))
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    for extension, critical in (*extensions, (by, False), (own, False)):
        made = made.add_extension(extension, critical)
    return made.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM)
