"""Text analyzers of S3 Vectors' full-text search: the terms of a text, by language.

AWS names the languages and not its analyzers. These split at the word boundaries of Unicode's annex 29, drop the
commonest words and strip the commonest endings, as Lucene's light stemmers do; without a language the words stand as
they are, in lower case; Chinese, Japanese and Korean are cut into pairs of characters.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

Analyzer = Callable[[str], list[str]]

_WORD = re.compile(r"\w+(?:(?<=[^\W\d_])[.'\u2019](?=[^\W\d_])\w+|(?<=\d)[.,](?=\d)\w+)*")
_CHARACTERS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_SHORTEST_STEM = 3
_PAIRED = ("zh", "ja", "ko")


class _Language(NamedTuple):
    commonest: frozenset[str]
    endings: tuple[tuple[str, str], ...]
    """Endings with what stands in their place; the first that fits is taken."""


def _language(commonest: str, endings: str) -> _Language:
    pairs = (ending.partition("=") for ending in endings.split())
    return _Language(frozenset(commonest.split()), tuple((ending, instead) for ending, _, instead in pairs))


_LANGUAGES = {
    "en": _language(
        "a an and are as at be but by can did do does for from had has have how i if in into is it its may my no not "
        "of on or our should so such than that the their then there these they this those to was we were what when "
        "where which who why will with would you your",
        "'s sses=ss ies=y ations=at ation=at ness ing ed es=e ss=ss s",
    ),
    "de": _language(
        "aber als am an auch auf aus bei bin bis das dass dem den der des die doch du durch ein eine einem einen einer "
        "eines er es für hat ich ihr im in ist ja kann mit nach nicht noch nur oder sie sich sind so über um und uns "
        "von vor war was wenn wer wie wird wir wo zu zum zur",
        "ungen=ung innen ern em en er es e s n",
    ),
    "fr": _language(
        "à au aux avec ce ces cet cette dans de des du elle en est et il ils je la le les leur lui mais ne nous on ou "
        "où par pas pour qu que quel quelle qui sa se ses son sont sur un une vous y",
        "issements=iss issement=iss ations=ation eaux=eau aux=al euses=eux euse=eux ées=é ée=é es s e x",
    ),
    "es": _language(
        "a al como con cual de del donde el ella en es esta este la las lo los más no o para pero por que qué se sin "
        "su sus un una y cómo cuál cuándo dónde",
        "aciones=acion ación=acion ces=z iones=ion es as os a o e s",
    ),
    "pt": _language(
        "a ao aos as com como da das de do dos e é ela ele em está mais mas na nas no nos não o os ou para pela pelo "
        "por qual quando que se sem seu sua um uma",
        "ações=ação ões=ão ais=al éis=el es as os a o e s",
    ),
    "it": _language(
        "a ai al alla alle anche che chi come con cosa da dal dalla dei del della delle di dove e è gli i il in la le "
        "lo ma nei nel nella non o per più quale quando si sono su sul sulla un una uno",
        "azioni=azion azione=azion mente i e a o",
    ),
    "nl": _language(
        "aan als bij dan dat de der des die dit door een en er hebben heeft het hij hoe ik in is je kan maar met naar "
        "niet nog of om onder ook op over te tot uit van voor waar wanneer was wat we wie wij worden wordt ze zijn",
        "heden=heid ingen=ing en s e",
    ),
}
LANGUAGES = (*_LANGUAGES, *_PAIRED)


def analyzer(language: str | None) -> Analyzer:
    """The terms of texts in a language; `None` is the standard analyzer."""
    if language in _PAIRED:
        return _pairs
    rules = _LANGUAGES.get(language or "")
    if rules is None:
        return _words
    stem = lru_cache(maxsize=1 << 16)(partial(_stem, endings=rules.endings))
    return lambda text: [stem(word) for word in _words(text) if word not in rules.commonest]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _stem(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    if any(character.isdigit() for character in word):
        return word
    for ending, instead in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)] + instead
    return word


def _pairs(text: str) -> list[str]:
    terms: list[str] = []
    for run in _CHARACTERS.findall(text.lower()):
        cut = run[0] >= "\u3040" and len(run) > 1
        terms += [run[at : at + 2] for at in range(len(run) - 1)] if cut else [run]
    return terms
