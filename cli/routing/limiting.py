"""The limits of a request in `arbiter route`: which modes hold them, by measured figures or estimates."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.asked.history import Turn
from arbiter.answering.auto import within
from arbiter.answering.decision import Decision, Profiles, decide
from arbiter.answering.expected import expected_of
from arbiter.answering.request import Limits, Preference, Request
from arbiter.errors import CostLimitExceeded, DeadlineExceeded
from arbiter.routing.artefact import MEASURED_KEY
from arbiter.settings.answering import RouterSettings
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.project import environments, repository
from stacks.settings.search_prices import search_prices


class Limited(NamedTuple):
    """The limits, and what decides whether a mode holds them."""

    limits: Limits
    settings: RouterSettings
    """Models, prices and sizes of an environment."""
    measured: Mapping[str, Any]
    """The time and length of an answer by mode, as the last run measured them; empty without a deployment."""

    def decision(
        self, question: str, earlier: Sequence[str], profiles: Profiles, prefer: Preference, *, grounded: bool
    ) -> Decision:
        """The decision for a question, of which is known whether it needs the documents, within the limits.

        Raises:
            CliError: no mode holds them; names the cheapest.
        """
        history = tuple(turn for text in earlier for turn in (Turn("user", text), Turn("assistant", "")))
        request = Request(question, history=history, prefer=prefer, limits=self.limits)
        decision = decide(request, profiles)
        decision = decision._replace(grounded=decision.grounded._replace(value=grounded), look=None)
        try:
            return within(decision, request, expected_of(request, self.settings, self.measured))
        except (CostLimitExceeded, DeadlineExceeded) as error:
            raise CliError(str(error), code=error.code) from None


def limited_of(limits: Limits, env: str | None, deployment: Deployment | None) -> Limited | None:
    """The limits with the settings of an environment of `cdk.json`; `None` where none is given."""
    if limits == Limits():
        return None
    measured = _measured(deployment) if deployment else {}
    return Limited(limits, _settings(deployment.environment if deployment else env), measured)


def _settings(env: str | None) -> RouterSettings:
    from cli.prices.report import pricing_of  # Only limits need prices.

    root = repository()
    named = environments(root)
    # The local AWS is deployed by the settings of the first one.
    pricing = pricing_of(root, env if env and env in named else next(iter(named), ""))
    settings, region = pricing.settings, pricing.settings.region
    models, tuned = settings.models, f"custom:{settings.fine_tuning.base_model}"
    return RouterSettings(
        environment="",
        base_model=models.base,
        knowledge_base_id="",
        tuned_model_parameter="",
        results=settings.retrieval.results,
        passage_tokens=settings.chunking.passage_tokens,
        prices={
            **pricing.book.per_token([models.base, tuned], region=region),
            **search_prices(pricing.book, settings),
        },
    )


def _measured(deployment: Deployment) -> Mapping[str, Any]:
    from arbiter.aws.routing.profiles import modes_of

    client = deployment.client("s3")
    try:
        return modes_of(
            client.get_object(Bucket=deployment.output("ResultsBucketName"), Key=MEASURED_KEY)["Body"].read()
        )
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return {}
