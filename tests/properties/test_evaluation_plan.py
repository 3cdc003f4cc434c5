"""The batches of a run hold every case once, and none is cut in two."""

import json

from hypothesis import given
from hypothesis import strategies as st

from arbiter.evaluation.run.batches import MOST_BATCHES, batches, read_batch
from arbiter.evaluation.run.cases import Cases, read_cases
from arbiter.training_data.text.rules import is_blank

texts = st.text(min_size=1, max_size=40).filter(lambda text: not is_blank(text) and "\0" not in text)


@given(st.lists(texts, min_size=1, max_size=60))
def test_every_case_is_in_one_batch_and_whole(questions: list[str]) -> None:
    cases = tuple({"id": f"c{number}", "question": question} for number, question in enumerate(questions))
    content = Cases(cases, ()).dump()
    found = []
    for batch in batches(content):
        found += read_batch(content[batch["offset"] : batch["offset"] + batch["bytes"]])
    assert found == list(cases)
    assert read_cases([content]).cases == cases


@given(st.integers(min_value=1, max_value=200_000))
def test_the_state_data_stay_small_however_many_cases_there_are(count: int) -> None:
    line = json.dumps({"id": "c", "question": "q"}).encode() + b"\n"
    made = batches(line * count)
    assert len(made) <= MOST_BATCHES
    assert made[-1]["offset"] + made[-1]["bytes"] == len(line) * count
