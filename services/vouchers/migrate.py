"""`python -m services.vouchers.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of `vouchers`."""

from services.vouchers.deadlines.tables import Table  # its base package has the other tables
from services.vouchers.settings import Settings
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("vouchers", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
