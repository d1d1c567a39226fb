"""`python -m services.payments.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of `payments`."""

from services.payments.settings import Settings
from services.payments.tables import Table
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("payments", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
