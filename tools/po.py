"""PO files, without names, programs and times, which would change with each run."""

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

NAMES = {"el": "Greek", "hr": "Croatian", "pl": "Polish", "da": "Danish", "nl": "Dutch"}


def po_text(catalog: Catalog, language: str, note: str, *, plurals: bool = False) -> str:
    """The content of a PO file. `note`: comment lines at its beginning. `plurals`: some texts have several forms."""
    written = io.BytesIO()
    write_po(written, catalog, width=0, omit_header=True, sort_output=True)
    fields = {
        "Language": language,
        **({"Plural-Forms": catalog.plural_forms} if plurals else {}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    head = [
        *(f"# {line}" for line in note.splitlines()),
        'msgid ""',
        'msgstr ""',
        *(f'"{name}: {value}\\n"' for name, value in fields.items()),
    ]
    return "\n".join(head) + "\n\n" + written.getvalue().decode().lstrip()
