"""A granted cost limit holds for every tokenizer whose tokens are at least a byte long."""

from hypothesis import given
from hypothesis import strategies as st

from arbiter.costs.prices import Price, affordable_tokens
from arbiter.costs.tokens import Usage
from arbiter.errors import CostLimitExceeded

PER_TOKEN = st.floats(1e-9, 1e-3)


@given(
    limit=st.floats(1e-7, 10),
    price=st.builds(
        Price, PER_TOKEN, PER_TOKEN | st.just(0.0), PER_TOKEN, PER_TOKEN, st.floats(1e-9, 1e-5) | st.just(0.0)
    ),
    texts=st.lists(st.text(max_size=200), min_size=1, max_size=5),
    wanted=st.integers(1, 5000),
)
def test_no_answer_costs_more_than_its_limit(limit: float, price: Price, texts: list[str], wanted: int) -> None:
    try:
        granted = affordable_tokens(limit, price, texts, wanted)
    except CostLimitExceeded:
        return
    worst_input = sum(len(text.encode()) for text in texts)

    assert 1 <= granted <= wanted
    assert price.cost(Usage(worst_input, granted)) <= price.most(worst_input, granted) <= limit * (1 + 1e-9)
