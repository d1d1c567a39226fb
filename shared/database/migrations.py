"""Migrations: every service's own, after those of the platform tables that each database holds.

`python -m shared.database.migrations SERVICE upgrade|revision|check [-m MESSAGE]` works on TRIPTYCH_DATABASE_URL.
"""

import sys
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from shared.database.base import PlatformTable

ROOT = Path(__file__).resolve().parents[2]


def config_of(service: str, url: str) -> Config:
    """Alembic's configuration for one service's database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared/database/alembic"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{ROOT}/shared/messaging/migrations\n{ROOT}/services/{service}/migrations")
    config.attributes["url"] = url
    return config


def metadata_of(service: str) -> list[MetaData]:
    """All tables that the service's database should hold."""
    import_module("shared.messaging.tables")
    import_module("shared.web.idempotency")
    tables = import_module(f"services.{service}.tables")
    return [PlatformTable.metadata, tables.Table.metadata]


def migrate(service: str, url: str) -> None:
    """Brings the database up to date; blocking, with a connection of its own. Safe to call again."""
    command.upgrade(config_of(service, url), "heads")


def main(arguments: list[str]) -> None:
    from shared.settings import ServiceSettings  # read here: a tool, not a service

    service, action, *rest = arguments
    config = config_of(service, ServiceSettings().database_url)
    if action == "upgrade":
        command.upgrade(config, "heads")
        return
    config.attributes["metadata"] = metadata_of(service)
    if action == "check":
        command.check(config)
    elif action == "revision":
        folder = ROOT / "services" / service / "migrations"
        command.revision(
            config, message=rest[-1] if rest else "change", autogenerate=True, head=f"{service}@head", version_path=str(folder)
        )


if __name__ == "__main__":
    main(sys.argv[1:])
