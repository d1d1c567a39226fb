"""`python -m tools.texts [--check]`: the catalogues of the portal's pages, from its templates and code into the PO files.

New texts are added, texts that are gone are dropped, translations are kept. With `--check` nothing is written; the exit status is 1 when
something would be.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from portal.kit.texts import path_of
from shared.texts.languages import ENGLISH, LANGUAGES
from tools.po import NAMES, po_text
from tools.written import ROOT, write_or_check

PORTAL = ROOT / "portal"
NOTE = """\
{name} texts of the pages. Texts are added and dropped by `python -m tools.texts`; edit msgstr only.
Written with care, but by no native speaker: docs/translations.md lists what has to be confirmed."""
KEYWORDS = {"_": None, "text": (2,), "gettext": None, "ngettext": (1, 2), "texts": (2, 3)}
Message = str | tuple[str, str]


def messages() -> list[Message]:
    """Every text of templates and code, each once, sorted; a pair for one that has a plural."""
    return sorted(set(_found()), key=lambda message: message if isinstance(message, str) else message[0])


def _found() -> Iterator[Message]:
    for path in sorted(PORTAL.rglob("*.html")) + sorted(PORTAL.rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        options = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.i18n"}
        for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            yield message if isinstance(message, str) else (message[0], message[1])


def catalogue(language: str) -> str:
    """The content of a language's PO file: every text, with its translation if there is one."""
    path = path_of(language)
    known = Catalog()
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    fresh = Catalog(locale=language)
    for message in messages():
        fresh.add(message, _translation(known, message, fresh.num_plurals))
    return po_text(fresh, language, NOTE.format(name=NAMES[language]), plurals=True)


def _translation(known: Catalog, message: Message, plurals: int) -> str | tuple[str, ...]:
    one = message if isinstance(message, str) else message[0]
    entry = known.get(one)
    if isinstance(message, str):
        return entry.string if entry and isinstance(entry.string, str) else ""
    return tuple(entry.string) if entry and isinstance(entry.string, tuple | list) else ("",) * plurals


def missing(language: str) -> list[str]:
    """Texts without a translation."""
    with path_of(language).open("rb") as file:
        return [str(entry.id) for entry in read_po(file, locale=language) if entry.id and not _whole(entry.string)]


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def documents() -> dict[Path, str]:
    return {path_of(language): catalogue(language) for language in LANGUAGES if language != ENGLISH}


if __name__ == "__main__":
    sys.exit(write_or_check(documents(), sys.argv[1:]))
