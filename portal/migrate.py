"""`python -m portal.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of the portal."""

from pathlib import Path

from portal.sessions.tables import Table
from portal.settings import Settings
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("portal", Table.metadata, own_folder=Path(__file__).parent / "migrations", platform=())

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
