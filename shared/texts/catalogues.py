"""The gettext catalogues, one PO file a language, read on first use."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent / "locale"


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES/triptych.po"


@cache
def translations(language: str) -> dict[str, str]:
    """English message to its translation; untranslated messages are absent. Empty for a language without a catalogue."""
    path = path_of(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
