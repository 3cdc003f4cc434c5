"""Distributions of this environment as a Lambda layer: pure Python, the same bytes everywhere, no network."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import jsii
from aws_cdk import AssetHashType, BundlingOptions, BundlingOutput, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

# What the detectors of secrets and personal data need to be imported; the runtime itself brings urllib3. Left out are
# regions, carriers and time zones of telephone numbers, nine tenths of that distribution, and python-stdnum's registers
# of banks, books and places, but for the forms of IBANs.
DETECTORS: Mapping[str, Sequence[str]] = {
    "detect-secrets": ("detect_secrets/",),
    "requests": ("requests/",),
    "certifi": ("certifi/",),
    "charset-normalizer": ("charset_normalizer/",),
    "idna": ("idna/",),
    "python-stdnum": ("stdnum/*.py", "stdnum/*/*.py", "stdnum/iban.dat"),
    "phonenumbers": ("phonenumbers/*.py", "phonenumbers/data/", "phonenumbers/shortdata/"),
}
_NOT_PACKED = (".so", ".pyd", ".pyc", ".pyi")


def files_of(packages: Mapping[str, Sequence[str]]) -> dict[str, Path]:
    """The files of a layer: their path in it, and where they are installed, in order.

    Compiled speed-ups are left out, for they fit one interpreter and one processor; what is left must do without.
    """
    versions = {
        str(file): Path(str(metadata.distribution(name).locate_file(file)))
        for name, wanted in packages.items()
        for file in metadata.files(name) or ()
        if _belongs(str(file), wanted) and not str(file).endswith(_NOT_PACKED)
    }
    return dict(sorted(versions.items()))


def _belongs(file: str, wanted: Sequence[str]) -> bool:
    return any(
        file.startswith(path) if path.endswith("/") else Path(file).match(path) and file.count("/") == path.count("/")
        for path in wanted
    )


def digest_of(files: Mapping[str, Path]) -> str:
    """A digest of paths and contents: the same for the same versions, wherever they are installed."""
    digest = hashlib.sha256()
    for path, installed in files.items():
        content = installed.read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@dataclass(frozen=True)
class Archive:
    """The distributions of a layer, and their digest."""

    content: bytes
    digest: str


@cache
def detectors() -> Archive:
    """The layer of the detectors: packed once a process, however often it synthesises."""
    files = files_of(DETECTORS)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for path, installed in files.items():
            # Without a date an entry is of 1980, wherever and whenever it is written.
            entry = ZipInfo(f"python/{path}")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, installed.read_bytes(), ZIP_DEFLATED)
    return Archive(packed.getvalue(), digest_of(files))


@jsii.implements(ILocalBundling)
class _Packed:
    """Writes the archive where the CDK wants it: no container is started."""

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: Any) -> bool:
        Path(output_dir, "layer.zip").write_bytes(detectors().content)
        return True


class DetectorPackages(Construct):
    """A layer with the libraries that find secrets and personal data."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.layer = lambda_.LayerVersion(
            self,
            "Layer",
            description=", ".join(f"{name} {metadata.version(name)}" for name in DETECTORS)[:256],
            code=lambda_.Code.from_asset(
                str(Path(__file__).parent),
                asset_hash=detectors().digest,
                asset_hash_type=AssetHashType.CUSTOM,
                # The image is named because it must be; the archive is written without it.
                bundling=BundlingOptions(
                    image=DockerImage.from_registry("scratch"),
                    local=_Packed(),
                    output_type=BundlingOutput.ARCHIVED,
                ),
            ),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        )
