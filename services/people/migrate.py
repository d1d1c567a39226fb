"""`python -m services.people.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of `people`."""

from services.people.settings import Settings
from services.people.tables import Table
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("people", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
