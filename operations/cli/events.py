"""`triptych events`: messages that a service could not process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from deploy.embedded.data_directory import DataDirectory
from operations.cli.console import fail, out, state_or_fail
from shared.database import create_engine, sessions_of
from shared.kernel.services import SERVICES
from shared.messaging.dead_letters import discard_dead_letters, requeue_dead_letters
from shared.messaging.tables import DeadLetterRow, ParkedRow

app = typer.Typer(help="Messages: dead letters, parked events.", no_args_is_help=True)
Service = Annotated[str | None, typer.Option(help="Only this service.")]
T = TypeVar("T")


@app.command()
def parked(service: Service = None) -> None:
    """List parked events: each waits for an event that has to come first."""
    table = Table("service", "event", "type", "waits for", "since")
    for name, rows in _in_each(service, _parked):
        for row in rows:
            table.add_row(name, str(row.event_id), row.headers.get("ce_type", ""), row.awaits, f"{row.parked_at:%Y-%m-%d %H:%M:%S}")
    out.print(table if table.row_count else "No event is parked.")


@app.command("dead-letters")
def dead_letters(service: Service = None) -> None:
    """List dead letters that have not been requeued. Exit status 1 when there are any."""
    table = Table("service", "id", "type", "error", "attempts", "failed at")
    for name, rows in _in_each(service, _letters):
        for row in rows:
            kind = row.headers.get("ce_type", "")
            table.add_row(name, str(row.id), kind, row.error, str(row.attempts), f"{row.failed_at:%Y-%m-%d %H:%M:%S}")
    out.print(table if table.row_count else "There are no dead letters.")
    if table.row_count:
        raise typer.Exit(1)


@app.command()
def replay(
    event: Annotated[list[UUID] | None, typer.Argument(help="Ids of dead letters; all when omitted.")] = None, service: Service = None
) -> None:
    """Requeue dead letters: they are retried within seconds and take effect once."""

    async def requeue(session: AsyncSession) -> int:
        return await requeue_dead_letters(session, event or None, datetime.now(UTC))

    for name, count in _in_each(service, requeue):
        if count:
            out.print(f"{name}: {count} requeued", highlight=False)


@app.command()
def discard(letter: Annotated[list[UUID], typer.Argument(help="Ids of dead letters.")], service: Service = None) -> None:
    """Close dead letters that must not take effect, such as forged messages. They are kept, but no longer listed or requeued."""

    async def close(session: AsyncSession) -> int:
        return await discard_dead_letters(session, letter, datetime.now(UTC))

    for name, count in _in_each(service, close):
        if count:
            out.print(f"{name}: {count} discarded", highlight=False)


async def _parked(session: AsyncSession) -> list[ParkedRow]:
    return list((await session.scalars(select(ParkedRow).order_by(col(ParkedRow.position)))).all())


async def _letters(session: AsyncSession) -> list[DeadLetterRow]:
    waiting = col(DeadLetterRow.replayed_at).is_(None)
    return list((await session.scalars(select(DeadLetterRow).where(waiting).order_by(col(DeadLetterRow.failed_at)))).all())


def _in_each(service: str | None, query: Callable[[AsyncSession], Awaitable[T]]) -> list[tuple[str, T]]:
    """Runs `query` in one transaction of each service's database."""
    if service is not None and service not in SERVICES:
        fail(f"There is no service {service}: {', '.join(SERVICES)}.")
    state = state_or_fail(DataDirectory.default())

    async def run() -> list[tuple[str, T]]:
        answers = []
        for name in [service] if service else SERVICES:
            engine = create_engine(state.database_url(name), pool=1)
            async with sessions_of(engine).begin() as session:
                answers.append((name, await query(session)))
            await engine.dispose()
        return answers

    return asyncio.run(run())
