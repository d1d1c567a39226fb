"""Engines of tests share what they have compiled."""

from sqlalchemy import select

from shared.database import create_engine
from shared.messaging.tables import OutboxRow


def test_compiled_statement_serves_another_engine() -> None:
    one, other = (create_engine(f"postgresql+asyncpg://nobody@127.0.0.1:1/{name}").sync_engine for name in ("one", "other"))
    cache = one.get_execution_options()["compiled_cache"]
    assert other.get_execution_options()["compiled_cache"] is cache
    compiled = [select(OutboxRow)._compile_w_cache(engine.dialect, compiled_cache=cache, column_keys=[])[0] for engine in (one, other)]
    assert compiled[0] is compiled[1]
