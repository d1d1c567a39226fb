"""The texts of the pages in six languages. English is the text in the code; a text without a translation stays English."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from shared.texts.languages import ENGLISH

LOCALES = Path(__file__).resolve().parents[1] / "locale"
NAMES = {"en": "English", "el": "Ελληνικά", "hr": "Hrvatski", "pl": "Polski", "da": "Dansk", "nl": "Nederlands"}
"""Each language in itself, in the order of the choice."""


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES/portal.po"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language, read once."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with path_of(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def text(language: str, message: str) -> str:
    return str(translations(language).ugettext(message))


def texts(language: str, one: str, many: str, number: int) -> str:
    """The form of the language for `number`."""
    return str(translations(language).ungettext(one, many, number))
