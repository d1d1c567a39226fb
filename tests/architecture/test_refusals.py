"""Refusals are data: literal code and message, every value a fact, one code with one message, all translated alike."""

from collections import defaultdict
from string import Formatter

import pytest

from shared.texts.catalogues import WORD, entries
from shared.texts.languages import ENGLISH, LANGUAGES
from tools.errors import Refusal, catalogue, documents, refusals

TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]


def faults(found: list[Refusal]) -> list[str]:
    """What is wrong with each refusal, and with codes that several share."""
    wrong = [f"{refusal.place}: {fault}" for refusal in found for fault in _faults(refusal)]
    uses = defaultdict(set)
    for refusal in found:
        uses[refusal.code].add((refusal.message, refusal.status))
    return wrong + [f"{code} has {sorted(map(str, variants))}" for code, variants in uses.items() if code and len(variants) > 1]


def _faults(refusal: Refusal) -> list[str]:
    if refusal.code is None:
        return ["the code is no literal"]
    if refusal.message is None:
        return [f"the message of {refusal.code} is no literal"]
    if None in refusal.facts:
        return [f"the facts of {refusal.code} are not named"]
    missing = set(refusal.placeholders) - set(refusal.facts)
    return [f"{refusal.code}: no fact {name}" for name in sorted(missing)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_refusal_is_data() -> None:
    assert faults(catalogue()) == []


def test_catalogue_is_up_to_date() -> None:
    """Otherwise: `python -m tools.errors`."""
    assert [str(path) for path, text in documents().items() if not path.exists() or path.read_text() != text] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_with_its_values(language: str) -> None:
    texts, words = entries(language), entries(language, WORD)
    assert [word for word, text in words.items() if not text] == []
    assert [message for message, text in texts.items() if not text] == []
    assert [message for message, text in texts.items() if placeholders(message) != placeholders(text)] == []


@pytest.mark.parametrize(
    "bad",
    [
        "raise Refused(code, 'No.')",
        "raise Refused(f'{name}-missing', 'No.')",
        "raise Conflict('used-up', f'At most {most}.')",
        "raise Conflict('used-up', 'At most {most}.')",
        "raise Conflict('used-up', 'At most {most}.', **facts)",
        "raise errors.Refused('no', text)",
        "raise Refused('no', 'No.')\nraise Refused('no', 'Never.')",
        "raise Refused('no', 'No.')\nraise Conflict('no', 'No.')",
    ],
)
def test_bad_refusal_is_found(bad: str) -> None:
    family = "class Refused(Exception): ...\nclass Conflict(Refused):\n    status = 409\n"
    assert faults(refusals({"sample.py": family + bad}))


def test_good_refusal_is_accepted() -> None:
    good = "raise Refused('too-many', 'At most {most}.', field='claims', most=3, zone='Europe/Athens')"
    assert refusals({"sample.py": good}) == [Refusal("too-many", 422, "At most {most}.", ("most", "zone"), "sample.py:1")]
    assert faults(refusals({"sample.py": good})) == []
