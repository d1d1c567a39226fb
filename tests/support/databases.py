"""Other roles on the database of a test."""

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import create_engine
from shared.database.privileges import owner_of


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
