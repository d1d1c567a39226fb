"""Other roles on the database of a test."""

from sqlalchemy import make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import Sessions, create_engine
from shared.kernel.services import owner_of
from shared.privacy.sealed import PLAIN, sealed_tables


def owner_url(url: str) -> str:
    """The same database for its owner, who may do what the service's runtime role may not."""
    address = make_url(url)
    owner = owner_of(str(address.username))
    return address.set(username=owner, password=f"secret-of-{owner}").render_as_string(hide_password=False)


async def run_as_owner(engine: AsyncEngine, statement: str) -> None:
    """Runs a statement as the owner: privileges refuse him nothing, so what refuses it is a constraint or a trigger."""
    owner = create_engine(owner_url(engine.url.render_as_string(hide_password=False)))
    try:
        async with owner.begin() as connection:
            await connection.execute(text(statement))
    finally:
        await owner.dispose()


async def put_in_clear(sessions: Sessions, service: str) -> None:
    """Leaves every encrypted value as a migration leaves what was there before, so that the database can be downgraded."""
    engine = sessions.kw["bind"]
    for table in sealed_tables(service):
        async with sessions() as session:
            rows = (await session.scalars(select(table.row))).all()
        await run_as_owner(engine, f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        for row in rows:
            plain = {name: value for name in table.columns if (value := getattr(row, name)) is not None}
            content = {name: (PLAIN + table.columns[name].encoded(value)).hex() for name, value in plain.items()}
            values = [f"{name} = '\\x{stored}'" for name, stored in content.items()]
            key = " AND ".join(f"{part.name} = '{getattr(row, part.name)}'" for part in table.row.__table__.primary_key)
            if values:
                await run_as_owner(engine, f"UPDATE {table.name} SET {', '.join(values)} WHERE {key}")
        await run_as_owner(engine, f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
