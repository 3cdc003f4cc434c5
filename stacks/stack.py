"""The base of all stacks of one environment."""

from dataclasses import dataclass

from aws_cdk import App, Environment, Stack

from stacks.settings.environment import Settings


@dataclass(frozen=True, kw_only=True)
class Target:
    """The environment that is deployed: where it stands, its name and its settings."""

    app: App
    environment: str
    settings: Settings


class ArbiterStack(Stack):
    """One of the stacks of a target. The region is always explicit; without an account it is the credentials' own."""

    def __init__(self, target: Target, name: str, *, description: str, protected: bool = False) -> None:
        super().__init__(
            target.app,
            f"Arbiter-{target.environment}-{name}",
            env=Environment(account=target.settings.account, region=target.settings.region),
            description=f"Arbiter ({target.environment}): {description}",
            termination_protection=protected,
        )
        self.target = target
        self.settings = target.settings
