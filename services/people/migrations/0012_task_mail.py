"""A daily mail about what waits for people of the agency; mails about changes, appeals, answers and corrected calls."""

from alembic import op

revision = "people_0012"
down_revision = "people_0011"
branch_labels = None
depends_on = None

BEFORE = (
    "'receipt', 'returned', 'deadline-moved', 'list-published', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', "
    "'role-invitation', 'role-granted', 'claim-returned', 'claim-accepted', 'claim-rejected'"
)
MORE = "'call-corrected', 'appeal-received', 'appeal-decided', 'change-decided', 'question-answered'"
TASK_COUNTS = """
    CREATE TABLE task_counts (
        service varchar NOT NULL,
        region varchar NOT NULL,
        counted_at timestamptz NOT NULL,
        tasks jsonb NOT NULL,
        mailed_at timestamptz,
        PRIMARY KEY (service, region)
    )
"""


def upgrade() -> None:
    op.execute("ALTER TABLE persons ADD COLUMN task_mail boolean NOT NULL DEFAULT true")
    op.execute("ALTER TABLE persons ALTER COLUMN task_mail DROP DEFAULT")
    op.execute(TASK_COUNTS)
    _take(f"{BEFORE}, {MORE}")


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE template IN ({MORE})")
    _take(BEFORE)
    op.execute("DROP TABLE task_counts")
    op.execute("ALTER TABLE persons DROP COLUMN task_mail")


def _take(templates: str) -> None:
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_template")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT ck_mails_template CHECK (template IN ({templates}))")
