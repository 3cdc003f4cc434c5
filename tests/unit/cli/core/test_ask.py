"""`arbiter ask` ends with an answer or a sentence."""

import json
from typing import Any

from tests.unit.cli.core.invoked import INVALID, RESPONSE, answer, run
from tests.unit.cli.fakes import StubbedDeployment


def test_a_document_is_listed_once_however_many_of_its_passages_were_read(deployment: StubbedDeployment) -> None:
    read = [("a.md", 0.5), ("b.md", 0.4), ("a.md", 0.7), ("a.md", None)]
    citations = [{"text": "…", "uri": f"s3://documents/{name}", "score": score} for name, score in read]
    answer(deployment, {**RESPONSE, "citations": citations})
    lines = [line.split("  ") for line in run("ask", "How heavy?").stdout.splitlines() if ".md" in line]
    assert [[cell.strip() for cell in line if cell.strip()] for line in lines] == [
        ["1, 3, 4", "a.md", "0.70"],
        ["2", "b.md", "0.40"],
    ]


def test_an_answer_is_shown_with_its_sources(deployment: StubbedDeployment) -> None:
    answer(deployment, RESPONSE)
    result = run("ask", "How heavy?")
    assert result.exit_code == 0
    assert "It weighs [2.9] kilograms." in result.stdout
    assert "guides/tent.md" in result.stdout
    assert "Degraded: no tuned model" in result.stdout
    assert "rag · amazon.nova-micro-v1:0 · 1,200 + 9 tokens · 50 ms · $0.000040" in result.stdout


def test_page_and_section_stand_beside_a_document_and_sentences_below(deployment: StubbedDeployment) -> None:
    passages = [("a.pdf", 3, None, ["It weighs 2.9 kg."]), ("b.md", None, "Weights", []), ("b.md", None, None, [])]
    citations = [
        {"text": "…", "uri": f"s3://documents/{name}", "score": 0.7, "page": page, "section": section,
         "sentences": [{"text": text, "shared_words": 0.83} for text in sentences]}
        for name, page, section, sentences in passages
    ]  # fmt: skip
    trace = [
        {"step": "split", "questions": ["How heavy?", "How long?"], "milliseconds": 1.0, "cost_usd": 0.00001},
        {"step": "search", "questions": ["How heavy?"], "milliseconds": 2.0, "cost_usd": None, "passages": 0},
        {"step": "judge", "questions": [], "milliseconds": 2.0, "cost_usd": 0.1, "sufficient": True},
    ]
    answer(deployment, {**RESPONSE, "citations": citations, "trace": trace})
    lines = [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in run("ask", "How?").stdout.splitlines()
    ]
    for line in (
        ["1", "a.pdf", "page 3", "0.70"],
        ["2, 3", "b.md", "Weights", "0.70"],
        ["1", "It weighs 2.9 kg.", "83%"],
        ["split", "How heavy?; How long?", "1 ms", "$0.000010"],
        ["search", "How heavy?", "0", "2 ms"],
        ["judge", "enough was found", "2 ms", "$0.100000"],
    ):
        assert line in lines


def test_what_was_searched_for_and_what_the_prompting_took_is_told(deployment: StubbedDeployment) -> None:
    usage = {"input_tokens": 117, "output_tokens": 11}
    rewritten = {"question": "How heavy is the [Skarn 3]?", "usage": usage, "cost_usd": 0.000006}
    shown = {"technique": "few_shot", "version": "98b273604022", "examples": 1, "example_tokens": 1548}
    answer(deployment, {**RESPONSE, "rewritten": rewritten, "prompting": shown})
    told = run("ask", "And how heavy?").stdout
    assert "searched for: How heavy is the [Skarn 3]? · 117 + 11 tokens · $0.000006\n" in told
    assert "few_shot: 1 example, about 1,548 of the input tokens (version 98b273604022)\n" in told

    answer(deployment, {**RESPONSE, "prompting": {"technique": "chain_of_thought", "reasoning_tokens": 214}})
    reasoned = "chain_of_thought: about 214 of the output tokens are reasoning\n"
    assert reasoned in run("ask", "How heavy?").stdout


def test_why_auto_chose_stands_in_one_line(deployment: StubbedDeployment) -> None:
    decision = {
        "grounded": {"value": True, "score": 0.831, "threshold": 0.5, "because": "it asks for a fact"},
        "specialised": {"value": False, "score": 0.15, "threshold": 0.5, "because": "nothing speaks for it"},
        "policy": "default",
        "ruled_out": {"combined": "takes about 900 ms, and limits.max_latency_ms is 800"},
    }
    answer(deployment, {**RESPONSE, "decision": decision})
    assert (
        "auto chose documents: documents 0.83, needed 0.50 (it asks for a fact); tuned model 0.15, needed 0.50 "
        "(nothing speaks for it); combined takes about 900 ms, and limits.max_latency_ms is 800 · thresholds: default\n"
    ) in run("ask", "How heavy?").stdout


def test_what_a_guardrail_did_is_told_without_the_text(deployment: StubbedDeployment) -> None:
    stopped = {"stage": "input", "policy": "topic", "name": "shares", "action": "blocked"}
    answer(deployment, {**RESPONSE, "guardrail": [stopped, {**stopped, "policy": "word", "name": None}]})
    told = run("ask", "How heavy?").stdout
    assert "The guardrail blocked the input: topic: shares\n" in told
    assert "The guardrail blocked the input: word\n" in told


def test_json_is_the_response_and_nothing_else(deployment: StubbedDeployment) -> None:
    answer(deployment, RESPONSE)
    assert json.loads(run("ask", "How heavy?", "--json").stdout) == RESPONSE


def test_options_become_fields_of_the_request(deployment: StubbedDeployment) -> None:
    sent: dict[str, Any] = {}
    answer(deployment, RESPONSE)
    deployment.client("lambda").meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: sent.update(json.loads(params["Payload"]))
    )
    options = ["--mode", "rag", "--degrade", "--results", "0", "--system", "Be brief.", "--max-output-tokens", "9"]
    options += ["--strategy", "multi_step", "--sentences"]
    limits = ["--max-latency-ms", "900", "--max-cost-usd", "0.001", "--prefer", "cost"]
    run("ask", "-", *options, *limits, input="How heavy?\n")
    assert sent == {
        "question": "How heavy?\n",
        "mode": "rag",
        "degrade": True,
        "retrieval": {"results": 0, "strategy": "multi_step", "sentences": True},
        "system": "Be brief.",
        "limits": {"max_output_tokens": 9, "max_latency_ms": 900, "max_cost_usd": 0.001},
        "prefer": "cost",
    }


def test_every_problem_of_a_request_is_shown(deployment: StubbedDeployment) -> None:
    answer(deployment, INVALID)
    result = run("ask", "How heavy?", "--results", "0")
    assert result.exit_code == 1
    assert result.stdout == ""
    for text in ("The request is not valid.", "retrieval.results", "is 0", "1 to 100"):
        assert text in result.stderr


def test_an_error_as_json_is_one_document(deployment: StubbedDeployment) -> None:
    answer(deployment, INVALID)
    result = run("ask", "How heavy?", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == INVALID


def test_a_function_that_crashed_is_said_with_its_log(deployment: StubbedDeployment) -> None:
    answer(deployment, {"errorMessage": "Task timed out after 30 seconds"}, FunctionError="Unhandled")
    result = run("ask", "How heavy?")
    assert result.exit_code == 1
    assert "The router function failed: Task timed out after 30 seconds. Its log: /aws/lambda/router." in result.stderr


def test_all_modes_are_compared_and_failures_are_part_of_it(deployment: StubbedDeployment) -> None:
    for payload in (RESPONSE, RESPONSE, INVALID, INVALID, RESPONSE):
        answer(deployment, payload)
    result = run("ask", "How heavy?", "--all-modes")
    assert result.exit_code == 0
    assert "invalid_request: The request is not valid." in result.stdout.replace("\n", " ")
    assert "auto → rag" in result.stdout


def test_a_denied_action_names_action_and_role(deployment: StubbedDeployment) -> None:
    role = "arn:aws:sts::1:assumed-role/Reader/jo"
    message = f"User: {role} is not authorized to perform: lambda:InvokeFunction on resource: arn:router"
    deployment.stub("lambda").add_client_error("invoke", "AccessDeniedException", message, 403)
    result = run("ask", "How heavy?", "--json")
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["action"], error["role"]) == ("access_denied", "lambda:InvokeFunction", role)
    assert f"{role} may not lambda:InvokeFunction on arn:router" in error["message"]


def test_a_question_in_another_encoding_is_refused(deployment: StubbedDeployment) -> None:
    result = run("ask", "-", "--json", input=b"caf\xe9")
    assert result.exit_code == 1
    assert "not UTF-8 text (character 4)" in json.loads(result.stdout)["error"]["message"]


def test_an_answer_does_not_steer_the_terminal(deployment: StubbedDeployment) -> None:
    answer(deployment, {**RESPONSE, "answer": "two\nlines\x1b]0;title\x07 \x1b[31mred\x9b2J"})
    assert "two\nlines]0;title [31mred2J" in run("ask", "How heavy?").stdout
