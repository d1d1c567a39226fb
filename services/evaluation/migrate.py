"""`python -m services.evaluation.migrate upgrade|check|wait|revision [-m MESSAGE]`: the database of `evaluation`."""

from services.evaluation.settings import Settings
from services.evaluation.tables import Table
from shared.runtime.migrations import Migrations

MIGRATIONS = Migrations("evaluation", Table.metadata)

if __name__ == "__main__":
    MIGRATIONS.main(Settings().database_url)
