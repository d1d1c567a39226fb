"""Accounts that their persons close: name and address go at once or after a term, invitations are found by address, cases have an end.

An invitation of before has no keyed hash, so it is not found by its address. It is open for two weeks at most.
"""

from alembic import op

revision = "people_0006"
down_revision = "people_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE persons ADD COLUMN erasing boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE persons ALTER COLUMN erasing DROP DEFAULT")
    op.execute("ALTER TABLE persons ADD CONSTRAINT ck_persons_erasing CHECK (NOT erasing OR ended_at IS NOT NULL)")
    op.execute("CREATE INDEX ix_persons_erasing ON persons (id) WHERE erasing")
    op.execute("CREATE INDEX ix_persons_machines ON persons (registered_by) WHERE machine")
    op.execute("ALTER TABLE invitations ADD COLUMN email_key varchar, ALTER COLUMN email DROP NOT NULL")
    op.execute("CREATE INDEX ix_invitations_email_key ON invitations (email_key)")
    op.execute("CREATE INDEX ix_cases_organisation ON cases (organisation_id)")
    op.execute("ALTER TABLE cases ADD COLUMN ended_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN ended_at")
    op.execute("DROP INDEX ix_cases_organisation")
    op.execute("UPDATE invitations SET email = decode('006e756c6c', 'hex') WHERE email IS NULL")
    op.execute("ALTER TABLE invitations DROP COLUMN email_key, ALTER COLUMN email SET NOT NULL")
    op.execute("DROP INDEX ix_persons_machines")
    op.execute("ALTER TABLE persons DROP COLUMN erasing")
