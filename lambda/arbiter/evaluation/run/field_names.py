"""Names that other tools give the fields of a question: compared without case, spaces and punctuation."""

QUESTIONS = (
    "question", "user_input", "instruction", "prompt", "query", "input", "inputs", "request", "messages",
    "conversations", "contents", "vars", "q", "inputtext", "model_input", "text",
)  # fmt: skip
REFERENCES = (
    "reference", "ground_truth", "ground_truths", "referenceresponse", "reference_answer", "expected_output",
    "expected_answer", "expected_response", "expected_facts", "expectations",
    "expected", "expected1", "ideal", "ground_truth_answer", "ground_truth_answers", "target_output",
    "target_answer", "best_answer",
    "correct_answer", "correct_answers", "generation_gt", "answers", "references", "outputs", "answer", "completion",
    "output", "outputtext", "a",
)  # fmt: skip
"""Other tools' names of an answer that is known to be right, the surest first."""
OTHERS = {"category": "tags", "tag": "tags", "source": "document"}
OWN = ("id", "question", "reference", "tags", "document", "history")
LEFT_OUT = frozenset({
    "response", "retrieved_contexts", "reference_contexts", "contexts", "context", "rubrics", "actual_output", "title",
    "retrieval_context", "metadata", "assert", "description", "options", "threshold", "modelresponses", "persona_name",
    "query_style", "query_length", "synthesizer_name", "multi_responses", "model_output", "question_type", "",
    "index", "unnamed0",
    "__prefix", "__suffix", "__metric", "__threshold", "__metadata", "__config", "__description", "__provider_output",
})  # fmt: skip
"""Fields of other tools that an evaluation has no use for: answers of a model, passages, settings of a test, and the
numbers that pandas gives to rows."""
STATING = ("factuality", "equals", "similar", "answer-relevance", "icontains", "contains", "model-graded-closedqa")
"""Assertions of promptfoo whose value is the answer, or part of it."""
WRAPPERS = ("item", "doc", "example")
"""Fields whose object is the record itself."""

HOLDERS = frozenset((
    *("tests", "testcases", "data", "dataset", "samples", "questions", "cases", "records", "items", "rows", "examples"),
    *("entries", "queries", "instances", "goldens", "evalcases", "paragraphs", "qas", "results", "train", "validation"),
    *("test", "split"),
))  # fmt: skip
"""Fields of one object that hold the records of the whole file; any other list may be a conversation."""


def plain(name: str) -> str:
    """A name without case, spaces and punctuation."""
    return "".join(character for character in name.lower() if character.isalnum())


QUESTION_RANKS = {plain(name): rank for rank, name in enumerate(QUESTIONS)}
REFERENCE_RANKS = {plain(name): rank for rank, name in enumerate(REFERENCES)}
UNUSED = frozenset(map(plain, LEFT_OUT))
