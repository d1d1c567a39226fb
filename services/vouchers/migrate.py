"""`python -m services.vouchers.migrate upgrade|check|revision [-m MESSAGE]`: the database of `vouchers`."""

from services.vouchers.settings import Settings
from services.vouchers.tables import Table
from shared.database.migrations import Migrations

MIGRATIONS = Migrations("vouchers", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
