"""The price of one evaluation by a deployment's settings."""

from arbiter.costs.amount import Amount, Charge, total
from arbiter.costs.prices import Prices
from arbiter.evaluation.planning.estimate import Asked, Spending, estimate
from arbiter.evaluation.run.arms import Arm
from cli.prices.basis import sizes
from cli.prices.configuration import Pricing
from stacks.settings.search_prices import search_prices

CASES = 100
"""Questions of the evaluation that is priced."""
CASE = {"question": "x" * 90, "reference": "x" * 250}


def evaluation(pricing: Pricing) -> Charge:
    """The most that one evaluation of a hundred questions takes, by the estimate that its ceiling decides on."""
    settings = pricing.settings
    tuned = [pricing.tuned] if settings.fine_tuning.enabled else []
    judged = [settings.models.base, *settings.evaluation.judges, *tuned]
    table = pricing.book.per_token(judged, region=settings.region)
    models = settings.models
    table |= search_prices(pricing.book, settings)
    screened = settings.guardrail.policies if settings.guardrail else ()
    table |= pricing.book.per_screening(screened, region=settings.region)
    arms = [Arm(mode.value, mode) for mode in pricing.modes]
    spending = Spending(models.base, pricing.tuned, {}, settings.evaluation.judges, Prices(table), None)
    asked = Asked(repeat=1, pairwise=False, native=settings.evaluation.native_jobs)
    most = estimate([CASE] * CASES, arms, sizes=sizes(settings), spending=spending, asked=asked)
    figures = [(figure, model) for model in judged for figure in ("input_per_1k", "output_per_1k")]
    managed = (pricing.priced("managed_searches_per_1k"),)
    vectors = (pricing.priced("input_per_1k", models.embedding), pricing.priced("vector_queries_per_1m"))
    searched = managed if settings.knowledge_base.managed else vectors
    screening = (pricing.priced(f"guardrail_{policy}") for policy in screened)
    prices = total((*(pricing.priced(*one) for one in figures), *searched, *screening))
    amount = Amount(most.known_usd, prices.source, prices.as_of, prices.lower_bound, most.unknown_prices)
    return Charge(f"evaluation of {CASES} questions in {len(pricing.modes)} modes, at most", amount, "evaluation")
