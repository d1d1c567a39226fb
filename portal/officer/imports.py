"""Applications from a file: first what an import would do, line by line, then the import."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from typing import Any

from starlette.responses import Response

from portal.client.applications import ImportedFileView
from portal.client.base import ApiProblem, NewFile
from portal.kit.forms import BadForm, Form
from portal.kit.pages import page
from portal.kit.reader import Reader
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from shared.kernel.encodings import ENCODINGS

PATH = "/officer/calls/{call_id:uuid}/import"
REFUSALS = (400, 403, 409, 413, 422)
LARGEST_KB = 500
"""Of a file: the page of the preview holds it until the import, in a form that takes a million bytes."""
SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
DECIMALS = {"comma": ",", "point": "."}
COLOURS = {"imported": "green", "already-imported": "grey", "refused": "red"}


async def ask(visit: Visit) -> Response:
    """A file that was sent when the session had ended is looked at again."""
    kept = await visit.take_kept()
    reader = Reader(kept or (), visit.language)
    file = _sent(kept) if kept else None
    found = await _asked(visit, reader, file, only_look=True) if file else None
    return await _page(visit, reader, file, found, restored=kept is not None)


async def take(visit: Visit) -> Response:
    """A file that is looked at, or the one that was looked at and is now imported."""
    reader, language = Reader(visit.form, visit.language), visit.language
    if visit.files is None:
        file = _sent(visit.form)
        if file is None:
            raise BadForm("no file")
        found = await _asked(visit, reader, file, only_look=False)
        return await _page(visit, reader, None if found else file, found)
    sent = [one async for one in visit.files.files(LARGEST_KB * 1000)]
    file, found = None, None
    if not sent:
        reader.errors["file"] = text(language, "Choose the file with the applications")
    elif not sent[0].whole:
        reader.errors["file"] = text(language, "The file is larger than %(most)s KB: divide it.") % {"most": LARGEST_KB}
    else:
        file = NewFile(sent[0].name, sent[0].content)
        found = await _asked(visit, reader, file, only_look=True)
    return await _page(visit, reader, file if found else None, found)


async def _asked(visit: Visit, reader: Reader, file: NewFile, *, only_look: bool) -> ImportedFileView | None:
    """None when the file as a whole was refused: why is in the reader."""
    applications, typed = visit.services.applications, reader.typed
    post = applications.post_import_preview if only_look else applications.post_import_file
    encoding = typed.get("encoding")
    try:
        return await post(
            await visit.caller(), file, call_id=visit.request.path_params["call_id"], encoding=encoding if encoding in ENCODINGS else None,
            separator=SEPARATORS.get(typed.get("separator", "")), decimals=DECIMALS.get(typed.get("decimals", "")),
        )  # fmt: skip
    except ApiProblem as problem:
        if problem.status not in REFUSALS or problem.code == "fresh-sign-in-needed":
            raise
        reader.errors["file"] = next(iter(problem.fields.values()), problem.detail)
        return None


def _sent(form: Form) -> NewFile | None:
    """The file that a page of the preview has sent back."""
    try:
        content = urlsafe_b64decode(form.get("content"))
    except (binascii.Error, ValueError):
        return None
    return NewFile(form.get("name") or "applications.jsonl", content) if content else None


async def _page(visit: Visit, reader: Reader, file: NewFile | None, found: ImportedFileView | None, *, restored: bool = False) -> Response:
    """With `file` and `found` the preview, with `found` alone what was done, else the form."""
    language = visit.language
    call = await visit.services.applications.get_call(await visit.caller(), visit.request.path_params["call_id"])
    await visit.at(call.region)
    counts = Counter(one.outcome for one in found.lines) if found else Counter[str]()
    values: dict[str, Any] = {
        "form": reader, "restored": restored, "call": call, "back": f"/officer/calls/{call.id}", "here": f"/officer/calls/{call.id}/import",
        "colours": COLOURS,
    }  # fmt: skip
    status = 422 if reader.errors else 200
    if found is None:
        options = _options(language)
        return page(visit, "officer/import.html", status=status, largest=LARGEST_KB, options=options, **values)
    sent = {"name": file.name, "content": urlsafe_b64encode(file.content).decode()} if file else {}
    named = {name: reader.typed.get(name, "") for name in ("encoding", "separator", "decimals")}
    return page(
        visit, "officer/import-result.html", status=status, lines=found.lines, counts=counts, hidden={**sent, **named} if file else {},
        outcomes=_outcomes(language, only_look=file is not None), **values,
    )  # fmt: skip


def _options(language: str) -> dict[str, dict[str, str]]:
    """Of each property of a list, what can be named; first that it is found from the content."""
    found = {"": text(language, "Found from the content")}
    return {
        "encoding": found | {one: one for one in ENCODINGS},
        "separator": found | {
            "semicolon": text(language, "Semicolon"), "comma": text(language, "Comma"), "tab": text(language, "Tab"),
            "bar": text(language, "Vertical bar"),
        },
        "decimals": found | {"comma": text(language, "Comma: 1.234,56"), "point": text(language, "Point: 1,234.56")},
    }  # fmt: skip


def _outcomes(language: str, *, only_look: bool) -> dict[str, str]:
    return {
        "imported": text(language, "Will be imported") if only_look else text(language, "Imported"),
        "already-imported": text(language, "Was imported before"),
        "refused": text(language, "Refused"),
    }


ROUTES = [staff(PATH, ask, take)]
