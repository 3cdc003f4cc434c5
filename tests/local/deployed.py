"""All stacks on a local AWS of their own, deployed from the real templates."""

from collections.abc import Callable
from dataclasses import dataclass

from cli.deployment import Deployment
from local.assembly import Patch
from local.launcher import LocalAws


@dataclass(frozen=True)
class Deployed:
    """A deployment, and the local AWS that it stands on."""

    deployment: Deployment
    aws: LocalAws


Deploy = Callable[[Patch | None], Deployed]
