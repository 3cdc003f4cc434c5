"""Whatever is sent to the API by its own document, nothing fails, nothing is told and nothing is bought in vain."""

from tests.properties.edge_requests import serve


def test_made_up_calls_are_answered_or_refused_in_a_sentence() -> None:
    ended = serve(400, seed=7)

    assert ended[200] > 100
    assert ended[400] > 20
    assert ended["stream"] > 20
