"""The settings of the edge: whether there is an API, who may call it, and how often."""

from typing import Literal

from pydantic import Field

from stacks.settings.block import Block


class Edge(Block):
    """The API in front of the answering path; without one, the function and its URL are all there is."""

    serve: Literal["none", "api"] = Field(default="none", description='"none" or "api"')
    auth: Literal["api_key", "iam"] = Field(
        default="api_key", description='"api_key" (keys with budgets, `arbiter keys`) or "iam" (AWS signatures)'
    )
    requests_per_second: float = Field(
        default=10.0, ge=0.1, le=10_000, description="a number from 0.1 to 10000 (requests to the API, all callers)"
    )
    burst: int = Field(default=20, ge=1, le=5_000, description="a whole number from 1 to 5000 (requests at once)")
    waf: bool = Field(default=False, description="true or false (a firewall that blocks addresses; bills by the month)")
    requests_per_address: int = Field(
        default=300, ge=10, le=2_000_000, description="a whole number from 10 to 2000000 (in five minutes; needs waf)"
    )
    logging_role: Literal["own", "account"] = Field(
        default="own",
        description='"own" (sets the role by which API Gateway logs in account and region) or "account" (it is set)',
    )

    @property
    def deployed(self) -> bool:
        """Whether there is an API."""
        return self.serve == "api"
