"""The catalogues of the pages are whole: every text in every language, with the values that it shows."""

import re

import pytest
from babel.messages.pofile import read_po

from portal.kit.texts import path_of, text, texts
from shared.texts.languages import ENGLISH, LANGUAGES
from tools.texts import messages, missing

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
VALUE = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    assert missing(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translation_shows_the_values_of_its_text(language: str) -> None:
    with path_of(language).open("rb") as file:
        entries = [entry for entry in read_po(file, locale=language) if entry.id]
    for entry in entries:
        wanted = set(VALUE.findall(entry.id if isinstance(entry.id, str) else entry.id[1]))
        given = [entry.string] if isinstance(entry.string, str) else entry.string
        for one in filter(None, given):
            # a form for one thing may say it without the number
            assert set(VALUE.findall(one)) in (wanted, wanted - {"num"}), (language, entry.id, one)


def test_texts_of_code_and_templates_are_found() -> None:
    found = messages()
    assert "Enter a number" in found
    assert "Check and send" in found
    assert ("%(num)s call", "%(num)s calls") in found


def test_plural_follows_the_language() -> None:
    shown = [re.sub(r"\d", "", texts("el", "%(num)s call", "%(num)s calls", number) % {"num": number}) for number in (1, 2, 5)]
    assert shown[0] != shown[1] == shown[2]


def test_text_without_translation_is_english() -> None:
    assert text("pl", "Not in any catalogue") == "Not in any catalogue"
