"""`triptych payments`: the orders of a recovery gap, and the end of the hold after a restore."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.master_keys import sealer_of
from operations.cli.console import fail, out, state_or_fail
from shared.kernel.errors import Refused
from shared.kernel.files import deliveries_in
from shared.kernel.money import Money

app = typer.Typer(help="Payments after a restore: orphan orders, and the end of the hold.", no_args_is_help=True)
T = TypeVar("T")


@app.command("orphans")
@app.command("found", hidden=True)
def orphans() -> None:
    """List the orphan orders: orders in bank files from a recovery gap that match no payment here yet. They may have been paid."""
    from operations.backup import orders  # the code of the service: other commands start without it

    table = Table("voucher", "amount", "disbursement", "batch")
    data = DataDirectory.default()
    state = state_or_fail(data)
    for order in _ask(orders.orphan_orders(state, sealer_of(data, "payments", state.hash_key))):
        amount = Money(order.amount_minor, order.currency)
        table.add_row(order.voucher_code or "unknown", str(amount), str(order.disbursement_id), str(order.batch_id))
    out.print(table if table.row_count else "There are no orphan orders.")


@app.command()
def release(
    outgoing_complete: Annotated[
        bool, typer.Option("--outgoing-complete", help="You confirm that bank/outgoing holds every file that was ever sealed.")
    ] = False,
    statements_until: Annotated[
        str | None,
        typer.Option(help="Or you confirm that every statement of every account up to this day was processed (YYYY-MM-DD).", metavar="DAY"),
    ] = None,
) -> None:
    """End the hold on payments after a restore. You confirm that the bank has no order that is missing here."""
    from operations.backup import orders

    data = DataDirectory.default()
    state = state_or_fail(data)
    if outgoing_complete == (statements_until is not None):
        fail("Give one of --outgoing-complete and --statements-until DAY.")
    if deliveries_in(data.bank_incoming):
        fail(f"{data.bank_incoming} holds answers of the bank that have not been read yet. Is the platform up?")
    day = _day(statements_until) if statements_until else None
    assurance = f"statements processed until {day.isoformat()}" if day else "the outgoing folder is complete"
    sealer = sealer_of(data, "payments", state.hash_key)
    compared, lifted = _ask(orders.release(state, sealer, data.bank_outgoing, data.bank_keys.our_public, assurance, day))
    out.print(f"{compared.files} payment files compared; {compared.orders} orders in them were missing here.", highlight=False)
    out.print("The hold on payments is lifted." if lifted else "Payments were not held.")
    orphaned = len(_ask(orders.orphan_orders(state, sealer)))
    if orphaned:
        out.print(f"{orphaned} orphan orders wait for their claim to be lodged again: `triptych payments orphans`.", style="yellow")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--statements-until {text}: not a date. Give YYYY-MM-DD.")


def _ask(question: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(question)
    except Refused as refused:
        fail(f"Payments stay held: {refused.detail}")
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        fail(f"The database of payments cannot be reached: {error}. Is the platform up?")
