"""`triptych bank`: what a file of the bank would do, without doing it."""

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from operations.cli.address import api_here
from operations.cli.console import at, echo, fail, out, wide
from operations.client import Person, Problem
from shared.kernel.errors import Refused
from shared.kernel.money import Money

PROVED = {True: "the balance is proved", False: "the balances disagree", None: "the balance is not proved"}
PREVIEW = "/api/payments/bank-files/preview"

app = typer.Typer(help="Files of the bank.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Files of the bank."""


@app.command()
def read(
    file: Annotated[
        Path,
        typer.Argument(
            help="A statement (camt.053, MT940), a notification (camt.054), a report of the day (camt.052, MT942) or a status report "
            "(pain.002).",
            exists=True,
            dir_okay=False,
        ),
    ],
    as_person: Annotated[
        str | None,
        typer.Option(
            "--as", help="A person of finance: the platform says what each line would do. By address who is signed in.", metavar="PERSON"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Read a file of the bank and change nothing. Without a platform: structure, balances, lines. Exit status 1 when it is refused."""
    from operations.bank_files import MOST_BYTES, describe  # the code of the service: other commands start without it

    if file.stat().st_size > MOST_BYTES:
        fail(f"{file.name} is larger than {MOST_BYTES} bytes.")
    data = file.read_bytes()
    found: dict[str, Any] = {"file": file.name, "sha256": hashlib.sha256(data).hexdigest()}
    try:
        describe(found, data)
        if as_person is not None or at():
            found |= asyncio.run(_preview(Person(as_person or "who-is-signed-in"), file.name, data))
    except (Refused, Problem) as refusal:
        found["refused"] = {"code": refusal.code, "place": refusal.field, "reason": refusal.detail}
    if as_json:
        echo(orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(found)
    if "refused" in found:
        raise typer.Exit(1)


async def _preview(person: Person, name: str, data: bytes) -> dict[str, Any]:
    api = api_here()
    try:
        return dict(await api.call("POST", person, PREVIEW, file=(name.encode("ascii", "replace").decode(), data)))
    finally:
        await api.close()


def _show(found: dict[str, Any]) -> None:
    out.print(f"{found['file']}: {found.get('message', 'not read')}", highlight=False)
    for account in found.get("accounts", []):
        days = f"{account['first_day']} to {account['last_day']}" if account["first_day"] else "no period"
        sums = [_money(account[name], account["currency"]) for name in ("opening_minor", "closing_minor")]
        words = f"account {account['account']}, {days}, opening {sums[0]}, closing {sums[1]}, lines: {account['lines']}"
        out.print(f"{words}, {PROVED[account['adds_up']]}", highlight=False, soft_wrap=True)
    for part in found.get("unread", []):
        words = f"account {part['account']} ({part['currency'] or 'no currency'}) is passed over, {part['code']}: {part['reason']}"
        out.print(words, style="yellow", highlight=False, soft_wrap=True)
    for one in found.get("statuses", []):
        why = f" ({', '.join(one['reasons'])})" if one["reasons"] else ""
        words = f"{one['of']} {one['reference']}: {one['status'] or 'no status'}{why}, which means {one['means']}"
        out.print(words, highlight=False, soft_wrap=True)
    table = Table("line", "says", "would be", "why", "booked on", "amount", "our references")
    for line in found.get("lines", []):
        references = ", ".join(filter(None, (line["end_to_end_id"], line["instr_id"], line["pmt_inf_id"])))
        moves = f" ({line['state_before']} → {line['state_after']})" if line.get("state_after") else ""
        table.add_row(
            str(line["line"]), line["event"] or "nothing", line.get("outcome", "not asked") + moves, line["reason"],
            str(line["booked_on"] or ""), _money(line["amount_minor"], line["currency"]), references,
        )  # fmt: skip
    if table.row_count:
        wide().print(table)
    if refused := found.get("refused"):
        at = f" at {refused['place']}" if refused["place"] else ""
        out.print(f"Refused{at} ({refused['code']}): {refused['reason']}", style="red", highlight=False, soft_wrap=True)
    else:
        out.print("Nothing was done.")


def _money(minor: int | None, currency: str | None) -> str:
    return "none" if minor is None or not currency else str(Money(minor, currency))
