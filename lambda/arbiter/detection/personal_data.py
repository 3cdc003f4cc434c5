"""Personal data found by form and check digit: python-stdnum knows the numbers, phonenumbers the telephones."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.us import itin, ssn

from arbiter.training.sensitive_data import SensitiveData

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
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7} ?[A-Z0-9]{1,4}\b"),
        iban.is_valid,
    ),
    _Number("a US social security number", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), ssn.is_valid),
    _Number("a US taxpayer number", re.compile(r"(?<![\w-])9\d{2}-\d{2}-\d{4}(?![\w-])"), itin.is_valid),
    _Number("a Brazilian CPF", re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])"), cpf.is_valid),
    _Number("a British NHS number", re.compile(r"(?<!\d )(?<![\w-])\d{3} \d{3} \d{4}(?![\w-])"), nhs.is_valid),
    _Number("an Indian Aadhaar number", re.compile(r"(?<![\w-])[2-9]\d{3} \d{4} \d{4}(?![ \w-])"), aadhaar.is_valid),
    _Number("a French social security number", re.compile(r"\b[12] \d\d \d\d \d\d \d{3} \d{3} \d\d\b"), nir.is_valid),
    _Number("an Italian tax code", _TAX_CODE, codicefiscale.is_valid),
    _Number("a Spanish DNI", re.compile(r"\b\d{8}-?[A-HJ-NP-TV-Z]\b"), dni.is_valid),
)
_DIGITS = re.compile(r"\d\d[\d .()/-]{3,}\d")
# RFC 2606 keeps the names example.* and *.example for documentation.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?!(?:[\w-]{1,63}\.)*example\b)(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
# 555-01xx is kept for fiction.
_FICTIONAL = re.compile(r"555\D?01\d\d$")


def personal_data_in(text: str) -> Iterator[SensitiveData]:
    """The personal data of a text, each kind once."""
    if "@" in text and (email := _EMAIL.search(text)):
        yield _found("an e-mail address", email.start())
    if not (_DIGITS.search(text) or _TAX_CODE.search(text)):
        return
    taken = []
    for number in _NUMBERS:
        match = next((m for m in number.form.finditer(text) if number.is_valid(m[0])), None)
        if match:
            taken.append(match.span())
            yield _found(number.name, match.start())
    if (place := _telephone(text, taken)) is not None:
        yield _found("a telephone number", place)


def _telephone(text: str, taken: list[tuple[int, int]]) -> int | None:
    """Where the first telephone number begins that is written as one, and is not part of another number."""
    for match in PhoneNumberMatcher(text, REGION, leniency=Leniency.STRICT_GROUPING, max_tries=200):
        inside = any(begin < match.end and match.start < end for begin, end in taken)
        # Without any sign between them ten digits are more often an id than a telephone.
        if not (inside or match.raw_string.isdigit() or _FICTIONAL.search(match.raw_string)):
            return int(match.start)
    return None


def _found(name: str, place: int) -> SensitiveData:
    return SensitiveData("personal_data", name, place + 1)
