"""The settings of the edge: whether there is an API, who may call it, and how often."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from stacks.settings.block import Block

Claim = Annotated[str, Field(min_length=1, max_length=200)]
Metadata = Annotated[str, Field(min_length=1, max_length=100)]
Audience = Annotated[str, Field(min_length=1, max_length=500)]


class Jwt(Block):
    """The tokens of one OpenID Connect issuer that are let in, and what for."""

    issuer: str = Field(
        pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$",
        max_length=500,
        description="the issuer's address by https, written as in its tokens (iss)",
    )
    audience: list[Audience] = Field(
        min_length=1, max_length=10, description="1 to 10 texts, one of which a token must be meant for (aud)"
    )
    filters: dict[Claim, Metadata] = Field(
        default_factory=dict, max_length=4, description="at most 4: a claim, and the metadata that must have its value"
    )
    modes: list[Literal["auto", "base", "rag", "fine_tuned", "combined"]] | None = Field(
        default=None, min_length=1, description="modes that may be asked for, or null for all"
    )
    budget_usd: float | None = Field(
        default=None, gt=0, le=1_000_000, description="US dollars of a subject and day, or null for no budget"
    )
    budget_tokens: int | None = Field(
        default=None, ge=1, le=10**12, description="tokens of a subject and day, or null for no budget"
    )

    @field_validator("filters")
    @classmethod
    def _each_its_own(cls, filters: dict[str, str]) -> dict[str, str]:
        """Two claims for the same metadata could not both be what it must be."""
        if twice := sorted({key for key in filters.values() if list(filters.values()).count(key) > 1}):
            raise ValueError(f"several claims are bound to {', '.join(twice)}; bind each metadata to one claim")
        return filters

    @property
    def budgeted(self) -> bool:
        """Whether spending is counted."""
        return self.budget_usd is not None or self.budget_tokens is not None

    @property
    def for_function(self) -> dict[str, Any]:
        """The settings as the function takes them."""
        given = self.model_dump(exclude_none=True)
        return {"audiences": given.pop("audience"), **given}


class Edge(Block):
    """The API in front of the answering path; without one, the function and its URL are all there is."""

    serve: Literal["none", "api"] = Field(default="none", description='"none" or "api"')
    auth: Literal["api_key", "jwt", "iam"] = Field(
        default="api_key",
        description='"api_key" (keys with budgets), "jwt" (tokens of an issuer) or "iam" (AWS signatures)',
    )
    jwt: Jwt | None = Field(default=None, description='a block of settings, with auth "jwt"; else null')
    stream: bool = Field(
        default=False,
        description='true or false (questions take "stream": a function behind the Lambda Web Adapter)',
    )
    agents: bool = Field(
        default=False, description="true or false (a gateway that offers the router to AI agents as a tool)"
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

    @property
    def counted(self) -> bool:
        """Whether keys or spending are kept in the table."""
        return self.auth == "api_key" or (self.auth == "jwt" and self.jwt is not None and self.jwt.budgeted)
