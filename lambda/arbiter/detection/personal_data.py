"""Personal data found by form and check digit: python-stdnum knows the numbers, phonenumbers the telephones."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.se import personnummer
from stdnum.us import itin, ssn

from arbiter.training_data.text.sensitive_data import SensitiveData

# Where a number gives no country: the documents of this project are American English.
REGION = "US"


class _Number(NamedTuple):
    """A number with a form to look for and a rule that tells it from other numbers of that form."""

    name: str
    form: re.Pattern[str]
    is_valid: Callable[[str], bool]


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return len(set(digits)) > 1 and luhn.is_valid(digits)


def _is_iban(text: str) -> bool:
    """Whether a text begins with an IBAN: a word behind it looks like one more group."""
    words = text.split(" ")
    return any(iban.is_valid(" ".join(words[:count])) for count in range(len(words), 0, -1))


_TAX_CODE = re.compile(r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b")
_NUMBERS = (
    # Issuers' first digits are 2 to 6; grouped as on a card, or not at all.
    _Number(
        "a payment card number",
        re.compile(
            r"(?<![\w.-])(?:[3-6]\d{3}|2[2-7]\d{2})(?:([ -]?)\d{4}\1\d{4}\1\d{4}|[ -]?\d{6}[ -]?\d{5})(?![\w-])"
        ),
        _is_card,
    ),
    _Number(
        "a bank account number (IBAN)",
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", re.IGNORECASE),
        _is_iban,
    ),
    _Number("a US social security number", re.compile(r"\d(?<![\w-]\d)\d\d-\d\d-\d{4}(?![\w-])"), ssn.is_valid),
    _Number("a US taxpayer number", re.compile(r"9(?<![\w-]9)\d\d-\d\d-\d{4}(?![\w-])"), itin.is_valid),
    _Number("a Brazilian CPF", re.compile(r"\d(?<![\w.-]\d)\d\d\.\d{3}\.\d{3}-\d\d(?![\w-])"), cpf.is_valid),
    _Number("a British NHS number", re.compile(r"\d(?<!\d \d)(?<![\w-]\d)\d\d \d{3} \d{4}(?![\w-])"), nhs.is_valid),
    _Number("an Indian Aadhaar number", re.compile(r"[2-9](?<![\w-]\d)\d{3} \d{4} \d{4}(?![ \w-])"), aadhaar.is_valid),
    _Number("a French social security number", re.compile(r"\b[12] \d\d \d\d \d\d \d{3} \d{3} \d\d\b"), nir.is_valid),
    _Number("an Italian tax code", _TAX_CODE, codicefiscale.is_valid),
    _Number(
        "a Swiss social security number", re.compile(r"756(?<![\w.-]756)\.\d{4}\.\d{4}\.\d\d(?![\w-])"), ahv.is_valid
    ),
    _Number("a Swedish personal number", re.compile(r"\d(?<![\w.-]\d)\d{5}[-+]\d{4}(?![\w.-])"), personnummer.is_valid),
    _Number("a Spanish DNI", re.compile(r"\d(?<!\w\d)\d{7}-?[A-HJ-NP-TV-Z]\b"), dni.is_valid),
)
# The letters of an IBAN, or a bracket, before the digits that are next to one another; its other groups behind them.
_BEFORE, _BEHIND = 16, 40
_DIGITS = re.compile(r"\d\d[\d .()/-]{3,}\d")
# RFC 2606 keeps the names example.* and *.example for documentation.
# What precedes a host in a command, and the sizes of a picture (icon@2x.png), are of the same form.
_EMAIL = re.compile(
    r"(?<![\w.+-])(?!(?:git|ec2-user|ubuntu|root|hadoop)@)[\w.+-]{1,64}@(?!(?:[\w-]{1,63}\.)*example\b)(?!\dx\.)"
    r"(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
)
# A number of another country begins with a plus, one of North America is written in its three groups: without a
# separator between them ten digits are more often an id. phonenumbers knows the rest, and is slow with what is none.
_TELEPHONE = re.compile(
    r"(?<![\w+])(?:\+|011[ .-]) ?\d[\d .()/-]{5,20}\d(?!\w)"
    r"|(?<![\w.+-])(?<!\d )(?:1[ .-])?(?:\([2-9]\d\d\)[ .-]?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?!\w|[ -]\d)"
)
_TRIES, _TRIES_INSIDE = 200, 5
# 555-01xx is kept for fiction.
_FICTIONAL = re.compile(r"555\D?01\d\d$")


def personal_data_in(text: str) -> Iterator[SensitiveData]:
    """The personal data of a text, each kind once."""
    if "@" in text and (email := _EMAIL.search(text)):
        yield _personal("an e-mail address", email.start())
    spans = _spans_of_numbers(text)
    taken = []
    for number in _NUMBERS if spans else ():
        matches = (match for begin, end in spans for match in number.form.finditer(text, begin, end))
        if match := next((match for match in matches if number.is_valid(match[0])), None):
            taken.append(match.span())
            yield _personal(number.name, match.start())
    if (position := _telephone(text, spans, taken)) is not None:
        yield _personal("a telephone number", position)


def _spans_of_numbers(text: str) -> list[tuple[int, int]]:
    """The spans of numbers, with the characters that may belong to them: the rest is not worth a dozen searches."""
    spans: list[tuple[int, int]] = []
    for match in (*_DIGITS.finditer(text), *_TAX_CODE.finditer(text)):
        begin, end = max(0, match.start() - _BEFORE), min(len(text), match.end() + _BEHIND)
        if spans and spans[-1][0] <= begin <= spans[-1][1]:
            begin, end = spans[-1][0], max(end, spans.pop()[1])
        spans.append((begin, end))
    return spans


def _telephone(text: str, spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> int | None:
    """Where the first telephone number begins that is written as one, and is not part of another number."""
    matches = (likely for begin, end in spans for likely in _TELEPHONE.finditer(text, begin, end))
    for likely in islice(matches, _TRIES):
        # The character before it and the one behind it may tell that it is none.
        begin = max(0, likely.start() - 1)
        window = text[begin : likely.end() + 1]
        for match in PhoneNumberMatcher(window, REGION, leniency=Leniency.STRICT_GROUPING, max_tries=_TRIES_INSIDE):
            inside = any(first < begin + match.end and begin + match.start < last for first, last in taken)
            if not (inside or _FICTIONAL.search(match.raw_string)):
                return begin + int(match.start)
    return None


def _personal(name: str, position: int) -> SensitiveData:
    return SensitiveData("personal_data", name, position + 1)
