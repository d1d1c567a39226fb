"""`triptych calls`: calls from files, and what is wrong with the files of a region."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.check_files import faults_of
from operations.cli.actors import OFFICER, regions
from operations.cli.address import answer
from operations.cli.console import fail, out
from operations.client import Api, Problem
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.policy.call import load_call
from shared.policy.loader import LoadError, load_book
from shared.policy.resolver import PolicyBook
from shared.policy.scheme_files import SchemeFileKind, read_scheme_file

CALLS, DRAFTS, SCHEME_FILES = (f"/api/applications/{name}" for name in ("calls", "call-drafts", "scheme-files"))
OF_A_CALL = ("region", "scheme", "currency", "round")
"""Values of a call that a draft does not repeat: the scheme has them, and the round is made when it is published."""

app = typer.Typer(help="Calls for applications.", no_args_is_help=True)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="Call files (regions/<region>/calls/<slug>.toml).", exists=True, dir_okay=False)],
    draft: Annotated[bool, typer.Option("--draft", help="Write drafts that another officer publishes.")] = False,
) -> None:
    """Publish calls. A file that is loaded twice is one call. Where two officers publish a call, or with --draft, a file becomes a draft:
    its text is written on the pages, and another officer publishes it. Exit status 1 when a file is refused."""
    book = load_book(regions())
    answer(lambda api: learn_published(api, book))
    bodies = [_body(file, book) for file in files]
    results = answer(lambda api: publish_calls(api, bodies, draft=draft))
    table = Table("region", "outcome", "call", "opens", "closes")
    for region, call, outcome, *window in results:
        table.add_row(region, outcome, call, *window)
    out.print(table)
    if any(outcome.startswith("refused") for _, _, outcome, *_ in results):
        raise typer.Exit(1)


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Forms, policies or calls, as they stand under regions/.", exists=True, dir_okay=False)
    ],
) -> None:
    """Names what is wrong with forms (regions/<region>/<scheme>/form-<date>.toml), policies and calls: questions that nobody can
    reach, texts that are missing in a language, broken rules. Exit status 1 when there is anything."""
    faults = [fault for file in files for fault in faults_of(file)]
    for fault in faults:
        out.print(fault, highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)
    out.print(f"{len(files)} checked, nothing is wrong.")


async def learn_published(api: Api, book: PolicyBook) -> None:
    """The policies and forms that were published since the files of this machine."""
    async for one in api.list_items(OFFICER, SCHEME_FILES, state="published"):
        file = await api.get(OFFICER, f"{SCHEME_FILES}/{one['id']}")
        with suppress(ValueError):  # the files here have another one: what the platform says to the call counts
            book.learn(read_scheme_file(SchemeFileKind(file["kind"]), file["text"], book.cores))


def _body(file: Path, book: PolicyBook) -> Any:
    """The call as the API takes it. It is checked here first, because only here the file and its field can be named."""
    try:
        call, _ = load_call(file, book)
    except (LoadError, Refused) as error:
        fail(str(error))
    return call.model_dump(mode="json")


async def publish_calls(api: Api, bodies: list[Any], *, draft: bool = False) -> list[tuple[str, ...]]:
    """(region, slug, outcome, opening day, closing day) of each call; the days are in UTC, those of a draft local. `draft`: for another
    officer to publish."""
    known = {(call["region"], call["slug"]) async for call in api.list_items(OFFICER, CALLS)}
    return [await (_draft_one(api, body) if draft else _publish_one(api, body, (body["region"], body["id"]) in known)) for body in bodies]


async def _publish_one(api: Api, body: Any, is_known: bool) -> tuple[str, ...]:
    try:
        call = await api.post(OFFICER, CALLS, body)
    except Problem as problem:
        if problem.code == "call-needs-two-officers":
            return await _draft_one(api, body)
        return _refused(body, problem)
    outcome = "published before" if is_known else "published"
    return call["region"], call["slug"], outcome, call["opens_at"][:10], call["closes_at"][:10]


async def _draft_one(api: Api, body: Any) -> tuple[str, ...]:
    """A draft that was written from the same file before is not written again."""
    content = {name: value for name, value in body.items() if name not in OF_A_CALL}
    try:
        known = [one["content"]["id"] async for one in api.list_items(OFFICER, DRAFTS, region=body["region"])]
        if body["id"] not in known:
            draft = await api.post(OFFICER, DRAFTS, {"region": body["region"], "scheme": body["scheme"]}, key=f"file-{new_id()}")
            await api.put(OFFICER, f"{DRAFTS}/{draft['id']}", {"version": draft["version"], "content": content})
    except Problem as problem:
        return _refused(body, problem)
    outcome = "written as a draft before" if body["id"] in known else "draft: another officer publishes it"
    return body["region"], body["id"], outcome, body["opens_at"][:10], body["closes_at"][:10]


def _refused(body: Any, problem: Problem) -> tuple[str, ...]:
    return body["region"], body["id"], f"refused: {problem}", "", ""
