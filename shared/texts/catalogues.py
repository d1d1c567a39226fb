"""The gettext catalogues, one PO file a language, read on first use."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent / "locale"


WORD = "word"
"""The gettext context of a state, kind or permission that a message shows as a value."""


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES/triptych.po"


def entries(language: str, context: str | None = None) -> dict[str, str]:
    """English text to its translation, which is '' while there is none. Empty for a language without a catalogue.

    `context` WORD has the words of the closed vocabularies ('claim-window-ended'), None the messages.
    """
    path = path_of(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.context == context}


@cache
def translations(language: str, context: str | None = None) -> dict[str, str]:
    """The entries that are translated, read once."""
    return {text: translation for text, translation in entries(language, context).items() if translation}
