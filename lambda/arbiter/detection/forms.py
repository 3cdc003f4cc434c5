"""Secrets by their issuers' forms, as gitleaks keeps them: those for which detect-secrets has no plugin."""

import re
from collections.abc import Iterator
from typing import Protocol


class Finder(Protocol):
    """A plugin of detect-secrets."""

    def analyze_string(self, string: str) -> Iterator[str]: ...


class Form:
    """Finds what has one form; the last group is the secret, or all of it."""

    def __init__(self, form: str) -> None:
        self._form = re.compile(form)

    def analyze_string(self, string: str) -> Iterator[str]:
        return (match[match.lastindex or 0] for match in self._form.finditer(string))


class Within:
    """A finder that looks into the places of a form alone: it would try each letter of a long word against the rest."""

    def __init__(self, form: str, finder: Finder) -> None:
        self._form = re.compile(form)
        self._finder = finder

    def analyze_string(self, string: str) -> Iterator[str]:
        for match in self._form.finditer(string):
            yield from self._finder.analyze_string(match[0])


class WithShortWords:
    """A finder that sees the two ends of a long word, for the same reason."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def analyze_string(self, string: str) -> Iterator[str]:
        return self._finder.analyze_string(_LONG_WORD.sub(lambda match: match[0][:64] + match[0][-32:], string))


class Near:
    """A finder that sees the lines that hold a word, and a little around them: it would take long over all the rest.

    Lines that stand close together are seen at once, so that nothing is looked at twice.
    """

    def __init__(self, word: str, finder: Finder) -> None:
        self._word = re.compile(word, re.IGNORECASE)
        self._finder = finder

    def analyze_string(self, string: str) -> Iterator[str]:
        for begin, end in self._spans(string):
            yield from self._finder.analyze_string(string[begin:end])

    def _spans(self, string: str) -> Iterator[tuple[int, int]]:
        first, last = 0, -1
        for match in self._word.finditer(string):
            if match.start() < last - _AROUND:
                continue  # On a line that is seen already.
            begin, line_end = string.rfind("\n", 0, match.start()) + 1 - _AROUND, string.find("\n", match.end())
            if begin > last >= 0:
                yield first, last
            if last < 0 or begin > last:
                first = max(0, begin)
            last = (len(string) if line_end < 0 else line_end) + _AROUND
        if last >= 0:
            yield first, last


_AROUND = 200
_LONG_WORD = re.compile(r"\w{97,}")
KEYWORD = r"pass|pwd|secret|contrase|(?:api|auth|service|account|db|database|priv|private|client)_?key"
"""Part of every word that detect-secrets' KeywordDetector looks for a value behind (DENYLIST)."""
_ASSIGNED = r"""["'`*]{0,3}\s{0,3}(?:[:=,;|\t]|is\b)\s{0,3}["'`*]{0,3}"""
"""As in a configuration, in the next cell of a table, or in a sentence."""
AWS_SECRET_KEY = Form(rf"(?i:secret[_ -]?(?:access[_ -]?)?key){_ASSIGNED}([A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])")
AWS_SESSION_TOKEN = Form(rf"(?i:session[_ -]?token){_ASSIGNED}([A-Za-z0-9/+]{{100,}}=*)")
PRIVATE_KEY = Form(r"-----BEGIN[ A-Z0-9]{0,40} PRIVATE KEY(?: BLOCK)?-----")
PUTTY_KEY = Form(r"PuTTY-User-Key-File-\d")
GITHUB_FINE_GRAINED = Form(r"github_pat_\w{82}")
SLACK_APP = Form(r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+")
GOOGLE = Form(r"\bAIza[\w-]{35}")
ANTHROPIC = Form(r"\bsk-ant-[a-z]+\d\d-[\w-]{80,}")
HUGGING_FACE = Form(r"\bhf_[A-Za-z0-9]{34}\b")
NPM = Form(r"\bnpm_[A-Za-z0-9]{36}\b")
# The plugin for it looks from each "//" for the rest of the line: its time grows with the square of the length.
NPM_CONFIGURATION = Form(r"/:_authToken=\s{0,8}(npm_\S+|[A-Fa-f0-9-]{36})")
VAULT = Form(r"\bhv[sb]\.[\w-]{90,}")
DIGITALOCEAN = Form(r"\bdo[opr]_v1_[a-f0-9]{64}\b")
DATABRICKS = Form(r"\bdapi[a-f0-9]{32}\b")
SHOPIFY = Form(r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b")
ATLASSIAN = Form(r"\bATATT3[\w=-]{180,}")
LINEAR = Form(r"\blin_api_[A-Za-z0-9]{40}\b")
AGE = Form(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")
BEARER = Form(r"\b[Bb]earer (?=[\w.~+/-]*\d)(?=[\w.~+/-]*[a-zA-Z])([\w.~+/-]{24,512}=*)")
# Without quotes anything may follow the `=`: ten characters or more with both digits and letters are no word.
UNQUOTED_PASSWORD = Form(
    r"(?i:password|passwd|pwd|client_?secret|api_?key)\s{0,3}[:=]\s{0,3}"
    r"(?=[^\s\d]{0,64}\d)(?=[^\sA-Za-z]{0,64}[A-Za-z])([^\s\"'<>{}()\[\]$,;:/]{10,128})(?=\s|$)"
)
