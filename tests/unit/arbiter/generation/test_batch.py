"""Batch records ask what Converse would be asked, and their replies are read or say why not."""

import json

from arbiter.generation.batch import read_reply, request_record
from arbiter.generation.prompts import absence_prompt
from arbiter.pricing import Usage

OUTPUT = {
    "output": {"message": {"role": "assistant", "content": [{"text": " It does. "}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
}


def test_a_record_is_a_line_with_a_request_of_converse() -> None:
    prompt = absence_prompt(["Two\nlines."], "Who?")
    line = request_record("rec-1", prompt, 300)
    record = json.loads(line)

    assert line.count(b"\n") == 1
    assert record["recordId"] == "rec-1"
    assert record["modelInput"]["messages"] == [{"role": "user", "content": [{"text": prompt.turns[0].text}]}]
    assert record["modelInput"]["inferenceConfig"]["maxTokens"] == 300


def test_a_reply_is_read() -> None:
    reply = read_reply({"recordId": "rec-1", "modelInput": {}, "modelOutput": OUTPUT})

    assert reply.completion is not None
    assert (reply.completion.text, reply.completion.usage) == ("It does.", Usage(7, 3))


def test_a_record_that_failed_says_why() -> None:
    failed = read_reply({"recordId": "rec-1", "error": {"errorCode": 400, "errorMessage": "too long"}})
    assert (failed.completion, failed.failure) == (None, "too long")


def test_an_output_that_is_no_reply_is_a_failure() -> None:
    for output in (None, {}, {**OUTPUT, "usage": None}, {**OUTPUT, "output": {"message": {"content": [1]}}}):
        assert read_reply({"recordId": "rec-1", "modelOutput": output}).completion is None
