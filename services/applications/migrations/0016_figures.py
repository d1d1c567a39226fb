"""Codes of the form in columns of their own, for figures: field of smart specialisation, partner region, transitions.

Of applications of before, the first two are in the events of their submission; transitions were asked for in one region, and stay unknown.
"""

from alembic import op

revision = "applications_0016"
down_revision = "applications_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE applications ADD COLUMN s3_field varchar, ADD COLUMN partner_region varchar, ADD COLUMN transitions jsonb")
    op.execute("""
        UPDATE applications SET s3_field = said.body ->> 's3_field', partner_region = said.body ->> 'partner_region'
        FROM (
            SELECT DISTINCT ON (key) key, body FROM outbox WHERE type LIKE 'applications.ApplicationSubmitted.%' ORDER BY key, position DESC
        ) AS said
        WHERE applications.id = said.key
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE applications DROP COLUMN s3_field, DROP COLUMN partner_region, DROP COLUMN transitions")
