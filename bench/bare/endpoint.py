"""`python -m bench.bare.endpoint`: the same framework and driver, and nothing else: two inserts, an update of one row, a page of rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from shared.database import create_engine, sessions_of
from shared.kernel.ids import new_id
from shared.runtime.serve import SERVED
from shared.runtime.settings import ServiceSettings

TABLES = (
    "CREATE TABLE first (id uuid PRIMARY KEY, body jsonb NOT NULL)",
    "CREATE TABLE second (id uuid PRIMARY KEY, body jsonb NOT NULL)",
)
FIRST = text("INSERT INTO first (id, body) VALUES (:id, CAST(:body AS jsonb))")
SECOND = text("INSERT INTO second (id, body) VALUES (:id, CAST(:body AS jsonb))")
UPDATE = text("UPDATE first SET body = CAST(:body AS jsonb) WHERE id = :id")
PAGE = text("SELECT id, body FROM first ORDER BY id LIMIT :limit")


def build(settings: ServiceSettings) -> FastAPI:
    engine = create_engine(settings.database_url, settings.database_pool, "bare")
    sessions = sessions_of(engine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.post("/bare", status_code=201)
    async def accept(body: dict[str, Any]) -> dict[str, str]:
        identity, content = new_id(), orjson.dumps(body).decode()
        async with sessions.begin() as session:
            await session.execute(FIRST, {"id": identity, "body": content})
            await session.execute(SECOND, {"id": new_id(), "body": content})
        return {"id": str(identity)}

    @app.patch("/bare/{identity}")
    async def change(identity: UUID, body: dict[str, Any]) -> dict[str, str]:
        async with sessions.begin() as session:
            await session.execute(UPDATE, {"id": identity, "body": orjson.dumps(body).decode()})
        return {"id": str(identity)}

    @app.get("/bare")
    async def page(limit: int) -> list[dict[str, Any]]:
        async with sessions.begin() as session:
            rows = await session.execute(PAGE, {"limit": limit})
        return [{"id": str(row.id), **row.body} for row in rows]

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    settings = ServiceSettings()
    uvicorn.run(build(settings), host=settings.host, port=settings.port, **SERVED)
