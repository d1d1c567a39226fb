"""`python -m services.applications.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of `applications`."""

from services.applications.settings import Settings
from services.applications.tables import Table
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("applications", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
