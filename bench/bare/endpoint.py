"""`python -m bench.bare.endpoint`: one route with the same framework and driver, two inserts a request, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    settings = ServiceSettings()
    uvicorn.run(build(settings), host=settings.host, port=settings.port, **SERVED)
