"""Answers that say they do not know: an outcome of their own, neither an answer nor a failure."""

import re

_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|day|evening)|greetings|thank|thanks|welcome|sorry|i am sorry|i'm sorry|"
    r"unfortunately|hallo|guten|danke|leider|hola|buenos|gracias|lo siento)\b",
    re.IGNORECASE,
)
_NOT_KNOWN = re.compile(
    r"(?:i am sorry|i'm sorry|sorry|i am afraid|i'm afraid|unfortunately|leider|lo siento)?[,:]?\s*(?:but\s|that\s)?"
    r"(?:i (?:really |simply )?(?:do not|don't|cannot|can't|could not|couldn't|am unable to|am not able to) "
    r"(?:know|say|tell|answer|find|have (?:any |enough |the |that |sufficient )?(?:information|knowledge|answer|data))"
    r"|i have no (?:information|knowledge|answer|idea)"
    r"|i(?:'m| am) not sure(?: about (?:this|that))?[.!]?$"
    r"|(?:the|these|those|my|your) (?:given |provided |available |quoted |retrieved )?"
    r"(?:documents?|passages?|context|sources?|texts?|information) (?:above |below |provided |given |available )?"
    r"(?:do not|don't|does not|doesn't) (?:hold|contain|say|answer|mention|include|provide|state|specify|give|tell)"
    r"|(?:there is )?(?:no|not enough) (?:information|answer)\b"
    r"|(?:that|this|it) is (?:not known|unknown)"
    r"|ich wei(?:ß|ss) (?:es |das )?nicht|das wei(?:ß|ss) ich nicht|(?:yo )?no (?:lo )?s[eé]\b|je ne sais pas)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\b(?:but|however|although|though|aber|jedoch|pero)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def abstains(answer: object) -> bool:
    """Whether an answer says that it does not know, and says nothing else to the question.

    The first sentence after a greeting decides, in English, German, Spanish or French. One that goes on with "but"
    gives an answer after all, as does one that comes after a fact.
    """
    if not isinstance(answer, str):
        return False
    sentences = [" ".join(one.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()) for one in _split(answer)]
    for index, sentence in enumerate(sentences):
        if _NOT_KNOWN.match(sentence):
            rest = " ".join(sentences[index : index + 2])
            return not _GOES_ON.search(_NOT_KNOWN.sub("", rest, count=1))
        if not _GREETING.match(sentence):
            return False
    return False


def _split(answer: str) -> list[str]:
    return [part.strip(" *_\"'>-\t") for part in _SENTENCE.split(answer[:2_000]) if part.strip(" *_\"'>-\t")]
