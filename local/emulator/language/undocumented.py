"""Replies that need no documents: a greeting returned, and sums worked out."""

import ast
import operator
import re
from collections.abc import Callable

WHO = "Hello. I am the stand-in model of the local AWS: I answer from documents that I am given and from training."

_GREETING = re.compile(r"\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))(?:\s+(?:there|all|everyone))?\W*", re.I)
_ASKING = re.compile(r"^\W*(?:what(?: is|'s)|how much is|calculate|compute)\s+|[\s?.!=]+$", re.I)
_WORDS = (
    (re.compile(r"(\d)\s*(?:%|percent)\s+of\s+", re.I), r"\1 / 100 * "),
    (re.compile(r"\b(?:times|multiplied by)\b|\u00d7|(?<=\d)\s*x\s*(?=\d)", re.I), "*"),
    (re.compile(r"\bdivided by\b|\u00f7", re.I), "/"),
    (re.compile(r"\bplus\b", re.I), "+"),
    (re.compile(r"\bminus\b", re.I), "-"),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
)
_SUM = re.compile(r"[\d.\s()]*\d[\d.\s()]*[-+*/][-+*/\d.\s()]*", re.ASCII)
_LONGEST_SUM = 80
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def reply(question: str) -> str | None:
    """The reply to a greeting or a sum; `None` to anything else."""
    if _GREETING.fullmatch(question):
        return WHO
    terms = _ASKING.sub("", question)
    for pattern, replacement in _WORDS:
        terms = pattern.sub(replacement, terms)
    if len(terms) > _LONGEST_SUM or not _SUM.fullmatch(terms):
        return None
    try:
        return f"{_value(ast.parse(terms.strip(), mode='eval').body):,.10g}"
    except (SyntaxError, ValueError, ArithmeticError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.dump(node))
