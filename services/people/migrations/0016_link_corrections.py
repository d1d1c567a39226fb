"""Links that the office found, and what officers propose of them; a mail about it."""

from alembic import op

revision = "people_0016"
down_revision = "people_0015"
branch_labels = None
depends_on = None

BEFORE = (
    "'receipt', 'returned', 'deadline-moved', 'list-published', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', "
    "'role-invitation', 'role-granted', 'claim-returned', 'claim-accepted', 'claim-rejected', 'call-corrected', 'appeal-received', "
    "'appeal-decided', 'change-decided', 'question-answered', 'order-rerouted', 'order-taken-back'"
)
MORE = "'link-corrected'"
CORRECTIONS = """
    CREATE TABLE link_corrections (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisations (id),
        application_id uuid NOT NULL REFERENCES cases (application_id),
        region varchar NOT NULL,
        link_id uuid REFERENCES undertaking_links (id),
        kind varchar,
        country varchar,
        tax_number bytea,
        name bytea,
        valid_from date,
        valid_until date,
        words bytea,
        proposed_by uuid NOT NULL REFERENCES persons (id),
        proposed_at timestamptz NOT NULL,
        state varchar NOT NULL,
        decided_by uuid REFERENCES persons (id),
        decided_at timestamptz,
        made_id uuid REFERENCES undertaking_links (id),
        CONSTRAINT ck_link_corrections_state CHECK (state IN ('proposed', 'confirmed', 'refused')),
        CONSTRAINT ck_link_corrections_kind CHECK (num_nulls(link_id, kind) = 1 AND num_nulls(kind, country, valid_from) IN (0, 3)),
        CONSTRAINT ck_link_corrections_end CHECK ((link_id IS NULL) = (valid_until IS NULL)),
        CONSTRAINT ck_link_corrections_decided
            CHECK (num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END),
        CONSTRAINT ck_link_corrections_two_persons CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
        CONSTRAINT ck_link_corrections_made CHECK (made_id IS NULL OR state = 'confirmed')
    )
"""


def upgrade() -> None:
    op.execute("ALTER TABLE undertaking_links ADD COLUMN found_in varchar")
    op.execute(CORRECTIONS)
    op.execute("CREATE INDEX ix_link_corrections_organisation ON link_corrections (organisation_id, proposed_at)")
    op.execute("CREATE UNIQUE INDEX uq_link_corrections_open ON link_corrections (link_id) WHERE state IN ('proposed')")
    _take(f"{BEFORE}, {MORE}")


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE template IN ({MORE})")
    _take(BEFORE)
    op.execute("DROP TABLE link_corrections")
    op.execute("ALTER TABLE undertaking_links DROP COLUMN found_in")


def _take(templates: str) -> None:
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_template")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT ck_mails_template CHECK (template IN ({templates}))")
