"""The languages of the programme, and the choice of one for a request."""

import re
from collections.abc import Mapping

ENGLISH = "en"
LANGUAGES = (ENGLISH, "el", "hr", "pl", "da", "nl")
"""ISO 639-1 codes. English is the language of the messages in the code and needs no catalogue."""

_MAX_RANGES = 20
_RANGE = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*|\*")
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def negotiate(accept_language: str) -> str:
    """The best of `LANGUAGES` for an `Accept-Language` header (RFC 9110, 12.5.4); English when it names none of them.

    The language alone counts, not the region: 'el-CY' is 'el'. Of two with the same weight the first wins. Unreadable parts
    are ignored, as are all after the twentieth.
    """
    best, best_weight = ENGLISH, 0.0
    for part in accept_language.split(",")[:_MAX_RANGES]:
        name, _, parameter = part.partition(";")
        language, weight = _language(name.strip()), _weight(parameter.strip())
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the language, else in English, else in any; empty when there is none."""
    return texts.get(language) or texts.get(ENGLISH) or next(iter(texts.values()), "")


def _language(name: str) -> str:
    match = _RANGE.fullmatch(name)
    return (match.group(1) or ENGLISH).lower() if match else ""


def _weight(parameter: str) -> float:
    """From 0 (not wanted) to 1, which is the default."""
    name, _, value = parameter.partition("=")
    if not parameter:
        return 1.0
    return float(value) if name.strip().lower() == "q" and _WEIGHT.fullmatch(value.strip()) else 0.0
