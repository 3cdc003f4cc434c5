"""Formats of strings in a JSON schema, by which answers can be checked (JSON Schema 2020-12, Validation, 7.3).

Those that OpenAI's structured outputs know, and `uri`: what Pydantic asks for where a class has a date, an id or an
address. A time may lack its offset, as Pydantic takes it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_LONGEST_HOSTNAME = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?")
_DURATION = re.compile(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


def _parses(text: str, parse: Callable[[str], object]) -> bool:
    try:
        parse(text)
    except (AddressValueError, ValueError):
        return False
    return True


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None and _parses(text, date.fromisoformat)


def _is_time(text: str) -> bool:
    clock = text.upper()
    return _TIME.fullmatch(clock) is not None and _parses(clock, time.fromisoformat)


def _is_date_time(text: str) -> bool:
    day, _, clock = text.upper().replace(" ", "T").partition("T")
    return _is_date(day) and _is_time(clock)


def _is_hostname(text: str) -> bool:
    return len(text) <= _LONGEST_HOSTNAME and all(map(_LABEL.fullmatch, text.split(".")))


def _is_email(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return re.fullmatch(r"[^@\s]+", local) is not None and "." in domain and _is_hostname(domain)


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "time": _is_time,
    "date-time": _is_date_time,
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "email": _is_email,
    "hostname": _is_hostname,
    "ipv4": lambda text: _parses(text, IPv4Address),
    "ipv6": lambda text: _parses(text, IPv6Address),
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
}
"""Tells of a text whether it has the format."""
