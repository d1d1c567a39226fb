"""Offers that are not money: capacities of calls with their ledger, what vouchers hold, sessions, bookings, corrections."""

from alembic import op

revision = "vouchers_0016"
down_revision = "vouchers_0015"
branch_labels = None
depends_on = None

_ACCOUNTS = "'supply', 'available', 'reserved', 'committed', 'attended'"
_KINDS = "'supplied', 'reserved', 'committed', 'released', 'decommitted', 'attended', 'corrected'"
STATEMENTS = (
    """
    CREATE TABLE capacities (
        call_id uuid PRIMARY KEY REFERENCES calls,
        region varchar NOT NULL,
        policy_id varchar NOT NULL,
        unit varchar NOT NULL,
        supplied bigint NOT NULL,
        reserved bigint NOT NULL,
        committed bigint NOT NULL,
        attended bigint NOT NULL,
        unit_value_minor bigint NOT NULL,
        needs_confirmation boolean NOT NULL,
        published_by varchar,
        confirmed_by varchar,
        confirmed_at timestamptz,
        CONSTRAINT never_overbooked CHECK (reserved + committed + attended <= supplied),
        CONSTRAINT units_not_negative CHECK (supplied > 0 AND reserved >= 0 AND committed >= 0 AND attended >= 0),
        CONSTRAINT capacity_confirmed_before_use CHECK (NOT needs_confirmation OR confirmed_by IS NOT NULL OR reserved = 0),
        CONSTRAINT capacity_confirmed_by_another CHECK (confirmed_by <> published_by),
        CONSTRAINT capacity_confirmed_in_full CHECK (num_nulls(confirmed_by, confirmed_at) IN (0, 2)),
        CONSTRAINT known_unit CHECK (unit IN ('minutes', 'places'))
    )
    """,
    "CREATE INDEX ix_capacities_region ON capacities (region)",
    f"""
    CREATE TABLE capacity_entries (
        id uuid PRIMARY KEY,
        position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        call_id uuid NOT NULL REFERENCES capacities,
        voucher_id uuid REFERENCES vouchers,
        kind varchar NOT NULL,
        source varchar NOT NULL,
        target varchar NOT NULL,
        units bigint NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT moves_units CHECK (units > 0 AND source <> target),
        CONSTRAINT known_entry CHECK (kind IN ({_KINDS})),
        CONSTRAINT known_source CHECK (source IN ({_ACCOUNTS})),
        CONSTRAINT known_target CHECK (target IN ({_ACCOUNTS})),
        CONSTRAINT of_a_voucher CHECK ((kind = 'supplied') = (voucher_id IS NULL))
    )
    """,
    "CREATE INDEX ix_capacity_entries_call ON capacity_entries (call_id, position)",
    "CREATE INDEX ix_capacity_entries_voucher_id ON capacity_entries (voucher_id)",
    """
    CREATE TABLE holdings (
        voucher_id uuid PRIMARY KEY REFERENCES vouchers,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        unit varchar NOT NULL,
        granted bigint NOT NULL,
        reserved bigint NOT NULL,
        committed bigint NOT NULL,
        booked bigint NOT NULL,
        attended bigint NOT NULL,
        CONSTRAINT not_above_granted CHECK (reserved + committed + attended <= granted AND granted > 0),
        CONSTRAINT booked_is_committed CHECK (reserved >= 0 AND attended >= 0 AND booked BETWEEN 0 AND committed)
    )
    """,
    """
    CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        call_id uuid NOT NULL REFERENCES capacities,
        region varchar NOT NULL,
        policy_id varchar NOT NULL,
        title varchar NOT NULL,
        place varchar NOT NULL,
        mentor varchar NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        seats integer NOT NULL,
        taken integer NOT NULL,
        host_organisation_id uuid,
        planned_by varchar NOT NULL,
        planned_at timestamptz NOT NULL,
        cancelled_at timestamptz,
        cancelled_by varchar,
        cancelled_reason varchar,
        CONSTRAINT ends_after_it_begins CHECK (ends_at > starts_at),
        CONSTRAINT seats_not_overbooked CHECK (seats > 0 AND taken BETWEEN 0 AND seats),
        CONSTRAINT session_cancelled_in_full CHECK (num_nulls(cancelled_at, cancelled_by, cancelled_reason) IN (0, 3))
    )
    """,
    "CREATE INDEX ix_sessions_call ON sessions (call_id, starts_at, id)",
    "CREATE INDEX ix_sessions_host ON sessions (host_organisation_id, starts_at)",
    "CREATE INDEX ix_sessions_list ON sessions (region, starts_at, id)",
    """
    CREATE TABLE bookings (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions,
        voucher_id uuid NOT NULL REFERENCES vouchers,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        state varchar NOT NULL,
        units_held integer NOT NULL,
        units_used integer NOT NULL,
        booked_at timestamptz NOT NULL,
        cancelled_at timestamptz,
        minutes integer,
        recorded_by varchar,
        recorded_at timestamptz,
        confirm_by timestamptz,
        objection bytea,
        decided_at timestamptz,
        decided_by varchar,
        CONSTRAINT known_booking_state CHECK (state IN ('booked', 'cancelled', 'recorded', 'objected', 'confirmed')),
        CONSTRAINT uses_what_it_holds CHECK (units_held > 0 AND units_used BETWEEN 0 AND units_held),
        CONSTRAINT minutes_not_negative CHECK (minutes >= 0),
        CONSTRAINT recorded_by_somebody CHECK (
            num_nulls(minutes, recorded_by, recorded_at, confirm_by) = CASE WHEN state IN ('booked', 'cancelled') THEN 4 ELSE 0 END
        )
    )
    """,
    "CREATE UNIQUE INDEX one_booking_of_a_session ON bookings (session_id, voucher_id) WHERE state <> 'cancelled'",
    "CREATE INDEX ix_bookings_to_confirm ON bookings (voucher_id, confirm_by) WHERE state = 'recorded'",
    "CREATE INDEX ix_bookings_objected ON bookings (region) WHERE state = 'objected'",
    "CREATE INDEX ix_bookings_session_id ON bookings (session_id)",
    "CREATE INDEX ix_bookings_voucher_id ON bookings (voucher_id)",
    "CREATE INDEX ix_bookings_application_id ON bookings (application_id)",
    "CREATE INDEX ix_bookings_organisation_id ON bookings (organisation_id)",
    """
    CREATE TABLE attendance_corrections (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES bookings,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        minutes integer NOT NULL,
        reason bytea,
        proposed_by varchar NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by varchar,
        decided_at timestamptz,
        confirmed boolean,
        CONSTRAINT corrected_minutes_not_negative CHECK (minutes >= 0),
        CONSTRAINT correction_decided_in_full CHECK (num_nulls(decided_by, decided_at, confirmed) IN (0, 3)),
        CONSTRAINT confirmed_by_another_officer CHECK (NOT confirmed OR decided_by <> proposed_by)
    )
    """,
    "CREATE UNIQUE INDEX one_open_correction ON attendance_corrections (booking_id) WHERE decided_at IS NULL",
    "CREATE INDEX ix_attendance_corrections_booking_id ON attendance_corrections (booking_id)",
    "CREATE INDEX ix_attendance_corrections_organisation_id ON attendance_corrections (organisation_id)",
    "ALTER TABLE vouchers ADD COLUMN confirm_by timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE vouchers DROP COLUMN confirm_by")
    for table in ("attendance_corrections", "bookings", "sessions", "holdings", "capacity_entries", "capacities"):
        op.execute(f"DROP TABLE {table}")
