"""A model that thinks spends tokens on its thought before it answers."""

from typing import Any

from local.emulator.bedrock.responses import response
from local.emulator.language.model import Answer

ANSWER = Answer("A rope lasts four years.", [])


def body(**settings: int) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [{"text": "How long?"}]}], "inferenceConfig": settings}


def test_a_thought_comes_first_and_is_paid_for() -> None:
    plain, thought = response(body(), ANSWER, thinks=False), response(body(), ANSWER, thinks=True)

    assert [list(block) for block in plain["output"]["message"]["content"]] == [["text"]]
    assert [list(block) for block in thought["output"]["message"]["content"]] == [["reasoningContent"], ["text"]]
    assert thought["usage"]["outputTokens"] > plain["usage"]["outputTokens"]
    assert thought["usage"]["totalTokens"] == sum(thought["usage"][side] for side in ("inputTokens", "outputTokens"))


def test_a_thought_may_leave_no_tokens_for_the_answer() -> None:
    cut = response(body(maxTokens=5), ANSWER, thinks=True)

    assert [list(block) for block in cut["output"]["message"]["content"]] == [["reasoningContent"]]
    assert cut["stopReason"] == "max_tokens"
