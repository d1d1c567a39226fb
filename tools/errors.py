"""`python -m tools.errors [--check]`: the catalogue of refusals, from the code into `docs/errors.md` and the PO files,
which have the texts of mails and documents, too.

New messages are added to the PO files, messages that are gone are dropped, translations are kept. With `--check` nothing is
written, and the exit status is 1 when something would be.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from services.payments.domain.batches import WAIT_MEANINGS
from shared.texts.catalogues import WORD, entries, path_of
from shared.texts.languages import ENGLISH, LANGUAGES
from shared.web.validation import MESSAGES, OTHER
from tools.po import NAMES, po_text
from tools.written import NOTE, ROOT, write_or_check

ROOMS = ("shared", "services", "operations")
PAGE = ROOT / "docs/errors.md"
MAILS = ROOT / "services/people/templates"
LETTERS = "services/*/letters.py"
SAYS = {"say": (2,)}
"""The function of `LETTERS`, and which of its arguments is a text that needs a translation."""
NOTE_PO = """\
{name} texts of the APIs, read by shared/texts. Messages are added and dropped by `python -m tools.errors`; edit msgstr only.
Written with care, but by no native speaker: a native speaker of {name} who knows grants has to confirm every entry."""
VOCABULARIES = (
    "shared.kernel.vocabulary",
    "shared.identity.duties",
    "shared.identity.permissions",
    "services.applications.domain.states",
    "services.evaluation.domain.states",
    "services.payments.domain.states",
    "services.payments.domain.status",
    "services.vouchers.domain.stages",
)
ROOT_CLASS = "Refused"
OPTIONS = {"field"}
"""Keywords of a refusal that are no facts."""


@dataclass(frozen=True)
class Refusal:
    """One call that builds a refusal. `code` or `message` is None where it is no literal; `facts` has None for `**values`."""

    code: str | None
    status: int
    message: str | None
    facts: tuple[str | None, ...]
    place: str

    @property
    def placeholders(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.message or "")


@cache
def catalogue() -> list[Refusal]:
    """Every refusal of the code, in the order of files."""
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}
    return refusals(sources)


def refusals(sources: dict[str, str]) -> list[Refusal]:
    """Every call of `Refused` or a subclass in the given files (name to source)."""
    family = _family(sources.values())
    trees = {name: ast.parse(source) for name, source in sources.items() if family.search(source)}
    statuses = _statuses(trees.values())
    return [_refusal(call, statuses, f"{name}:{call.lineno}") for name, tree in trees.items() for call in _calls(tree, statuses)]


def _family(sources: Iterable[str]) -> re.Pattern[str]:
    """Finds the names of all classes that may be of the family: a file that has none is not parsed."""
    classes = [match.groups() for source in sources for match in re.finditer(r"\bclass (\w+)\((.*?)\):", source, re.DOTALL)]
    names, size = {ROOT_CLASS}, 0
    while len(names) > size:
        size = len(names)
        names |= {name for name, bases in classes if names & set(re.findall(r"\w+", bases))}
    return re.compile(rf"\b(?:{'|'.join(sorted(names))})\b")


def _statuses(trees: Iterable[ast.Module]) -> dict[str, int]:
    """Name of each class of the family to its HTTP status."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    statuses, size = {ROOT_CLASS: 422}, 0
    while len(statuses) > size:
        size = len(statuses)
        for node in classes:
            bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in statuses]
            if bases:
                statuses[node.name] = _own_status(node) or statuses[bases[0]]
    return statuses


def _own_status(node: ast.ClassDef) -> int | None:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "status" and isinstance(line.value, ast.Constant):
            return int(str(line.value.value))
    return None


def _calls(tree: ast.Module, statuses: dict[str, int]) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node) in statuses]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _refusal(call: ast.Call, statuses: dict[str, int], place: str) -> Refusal:
    code, message = [*map(_literal, call.args[:2]), None, None][:2]
    facts = tuple(keyword.arg for keyword in call.keywords if keyword.arg not in OPTIONS)
    return Refusal(code, statuses[_name(call)], message, facts, place)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def messages() -> list[str]:
    """Every message that needs a translation, each once."""
    found = {refusal.message for refusal in catalogue() if refusal.message}
    return sorted(found | set(MESSAGES.values()) | {OTHER} | set(mail_texts()) | set(letter_texts()))


def mail_texts() -> Iterator[str]:
    """The texts of the templates of mails."""
    for path in sorted(MAILS.glob("*.txt")):
        for _, message, _, _ in extract_from_file("jinja2.ext:babel_extract", path, options={"extensions": "jinja2.ext.i18n"}):
            yield str(message)


def letter_texts() -> Iterator[str]:
    """The texts of documents: what `say(language, text)` says."""
    for path in sorted(ROOT.glob(LETTERS)):
        for _, message, _, _ in extract_from_file("python", path, keywords=SAYS):
            yield str(message)


def words() -> list[str]:
    """Every word that a message may show as a value: states and kinds of the services, permissions."""
    vocabularies = [vocabulary for module in map(import_module, VOCABULARIES) for vocabulary in vars(module).values()]
    enums = [one for one in vocabularies if isinstance(one, type) and issubclass(one, StrEnum)]
    return sorted({word.value for vocabulary in enums for word in vocabulary})


def po_file(language: str) -> str:
    """The PO file with the messages of the code and the translations that exist."""
    catalog = Catalog(language)
    for context, texts in ((None, messages()), (WORD, words())):
        known = entries(language, context)
        for text in texts:
            catalog.add(text, known.get(text, ""), context=context)
    return po_text(catalog, language, NOTE_PO.format(name=NAMES[language]))


def page() -> str:
    """The table of all codes, as Markdown."""
    by_code = {refusal.code: refusal for refusal in reversed(catalogue()) if refusal.code and refusal.message}
    texts = {language: entries(language) for language in LANGUAGES if language != ENGLISH}
    head = ["code", "status", "facts", ENGLISH, *texts]
    lines = [
        NOTE,
        "",
        "# Error codes",
        "",
        "Every API answers an error as RFC 9457 `application/problem+json`: `code` is stable, `detail` is the text in the language of",
        "`Accept-Language` (`Content-Language` says which), `facts` has the values, and `errors` names the fields at fault.",
        "",
        _row(head),
        _row(["---"] * len(head)),
    ]
    for code, refusal in sorted(by_code.items(), key=lambda item: str(item[0])):
        facts = ", ".join(f"`{fact}`" for fact in sorted(filter(None, refusal.facts)))
        message = str(refusal.message)
        lines.append(_row([f"`{code}`", str(refusal.status), facts, message, *(text.get(message, "") for text in texts.values())]))
    lines += ["", "## Faults of single fields", "", "`errors[].code` where the `code` of the problem is `invalid-input`.", ""]
    lines += [_row(["code", ENGLISH, *texts]), _row(["---"] * (len(texts) + 2))]
    for kind, message in [*sorted(MESSAGES.items()), ("any other", OTHER)]:
        lines.append(_row([f"`{kind.replace('_', '-')}`", message, *(text.get(message, "") for text in texts.values())]))
    lines += ["", "## Why an approved payment is in no file yet", "", "`skipped[].code` in the answer of `POST /api/payments/batches`.", ""]
    lines += [_row(["code", "meaning"]), _row(["---"] * 2), *(_row([f"`{code}`", text]) for code, text in WAIT_MEANINGS.items())]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def documents() -> dict[Path, str]:
    """Path to content of everything that is generated."""
    return {**{path_of(language): po_file(language) for language in LANGUAGES if language != ENGLISH}, PAGE: page()}


if __name__ == "__main__":
    sys.exit(write_or_check(documents(), sys.argv[1:]))
