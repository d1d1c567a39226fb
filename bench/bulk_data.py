"""Databases as after years of use: cases in calls of five hundred, with consistent relations.

Written by INSERT ... SELECT with triggers and foreign keys switched off, since the rows are consistent by construction. Every id
follows from a number, so that the databases of the four services have the same cases.
"""

import json
from collections.abc import Sequence
from hashlib import md5
from uuid import UUID

import asyncpg

from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from shared.policy.loader import load_book
from simulation.sample_form import SAMPLE_FORM

CASES_PER_CALL = 500
REGIONS = ("hr-koprivnica", "be-kortrijk", "gr-central-macedonia", "dk-kolding", "pl-malopolska")
_ID = "md5('{kind}' || n)::uuid"
_CALL = f"md5('call' || (n - 1) / {CASES_PER_CALL})::uuid"
_REGIONS = f"(ARRAY{list(REGIONS)})"
_REGION = f"{_REGIONS}[1 + (n - 1) / {CASES_PER_CALL} % {len(REGIONS)}]"
_REGION_OF_CALL = f"{_REGIONS}[1 + (n - 1) % {len(REGIONS)}]"
_AT = "timestamptz '2023-01-01 08:00Z' + n * interval '5 minutes'"
POLICY = next(policy.id for policy in load_book(REPOSITORY / "regions").all() if policy.region == REGIONS[0])
_POLICY = f"'{POLICY}'"
_DATES = "timestamptz '2022-12-01', timestamptz '2024-12-31', timestamptz '2025-02-01', timestamptz '2025-06-01'"
_OF_CALL = f"SELECT n, n * {CASES_PER_CALL} AS last FROM generate_series(1, $1::int / {CASES_PER_CALL}) AS calls (n)"
_EACH = "generate_series(1, $1::int) AS cases (n)"


def _plain(json_value: str) -> str:
    """What a migration leaves in an encrypted column until the worker starts."""
    return f"'\\x00'::bytea || convert_to(({json_value})::text, 'UTF8')"


_NAME, _NUMBER = _plain("to_jsonb('Sample Studio'::text)"), _plain("to_jsonb('HR' || n)")
_FORM = "'" + json.dumps(SAMPLE_FORM).replace("'", "''") + "'"


def _id(kind: str) -> str:
    return _ID.format(kind=kind)


def _outbox(topic: str, kind: str, key: str) -> str:
    """Inserts two published events for each case. No relay reads them, so their MAC is no real one."""
    return f"""
        INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac, published_at)
        SELECT gen_random_uuid(), '{topic}', {key}, '{kind}', {_AT}, 'officer-1', 'sample', {_POLICY}, {_id("application")},
               jsonb_build_object('application_id', {_id("application")}, 'region', {_REGION}), '\\x00', now()
        FROM {_EACH}, generate_series(1, 2)
    """


INBOX = f"INSERT INTO inbox (event_id) SELECT gen_random_uuid() FROM {_EACH}, generate_series(1, 2)"
STATEMENTS: dict[str, tuple[str, ...]] = {
    "applications": (
        f"""
        INSERT INTO calls (id, slug, region, scheme, policy_id, title, selection_method, currency, envelope_minor, opens_at, closes_at,
            evaluation_due_at, reserve_list_ends_at, first_closes_at, content_hash, published_at, state, submitted,
            wording_version)
        SELECT md5('call' || n - 1)::uuid, 'sample-' || n, {_REGION_OF_CALL},
            'digital-voucher', {_POLICY}, '{{"en": "Sample"}}', 'first-come', 'EUR', 100000000, {_DATES}, timestamptz '2024-12-31',
            'hash', timestamptz '2022-11-01', 'closed', {CASES_PER_CALL}, 1
        FROM ({_OF_CALL}) AS calls
        """,
        f"""
        INSERT INTO applications (id, call_id, region, organisation_id, state, form, created_at, changed_at, revision, sequence, receipt,
            submitted_at, live_slot, title, requested_minor, starts_on, ends_on, returns, returned_fields, return_note, screened_at,
            failed_rules, amount_minor, decision, decided_at)
        SELECT {_id("application")}, {_CALL}, {_REGION}, {_id("organisation")}, 'eligible', {_plain(_FORM)}, {_AT},
            {_AT} + interval '9 days', 1, 1 + (n - 1) % {CASES_PER_CALL}, 'R-' || n, {_AT}, 1, {_plain("to_json('Sample project ' || n)")},
            100000 + n % 700000, date '2025-05-01', date '2025-09-30', 0, '[]', {_plain("to_json(''::text)")}, {_AT} + interval '9 days',
            '[]', 100000 + n % 700000, (ARRAY['granted', 'refused'])[1 + n % 2], {_AT} + interval '90 days'
        FROM {_EACH}
        """,
        f"""
        INSERT INTO idempotency (actor_id, route, key, input_hash, made_id)
        SELECT 'applicant-' || n, 'POST /applications', {_id("key")}, md5('input' || n), {_id("application")} FROM {_EACH}
        """,
        INBOX,
        _outbox("applications.applications", "applications.ApplicationFoundEligible.v1", _id("application")),
    ),
    "evaluation": (
        f"""
        INSERT INTO calls (id, slug, region, scheme, policy_id, selection_method, currency, envelope_minor, opens_at, closes_at,
            evaluation_due_at, reserve_list_ends_at, published_at, next_sequence, change_minor,
            unspent_minor)
        SELECT md5('call' || n - 1)::uuid, 'sample-' || n, {_REGION_OF_CALL},
            'digital-voucher', {_POLICY}, 'first-come', 'EUR', 100000000000, timestamptz '2022-12-01', timestamptz '2027-12-31',
            timestamptz '2028-02-01', timestamptz '2028-03-01', timestamptz '2022-11-01', {CASES_PER_CALL} + 1, 0, 0
        FROM ({_OF_CALL}) AS calls
        """,
        f"""
        INSERT INTO queue_entries (call_id, sequence, application_id, state)
        SELECT {_CALL}, 1 + (n - 1) % {CASES_PER_CALL}, {_id("application")}, 'eligible' FROM {_EACH}
        """,
        f"""
        INSERT INTO cases (application_id, call_id, region, sequence, submitted_at, organisation_id, requested_minor, amount_minor,
            currency, policy_id, language, topics, relations, opened_at, divergent, score_sheets, results, rank)
        SELECT {_id("application")}, {_CALL}, {_REGION}, 1 + (n - 1) % {CASES_PER_CALL}, {_AT}, {_id("organisation")},
            100000 + n % 700000, 100000 + n % 700000, 'EUR', {_POLICY}, 'hr', '["design"]', '["0011", "2233"]', {_AT}, false, 0, 0,
            1 + (n - 1) % {CASES_PER_CALL}
        FROM {_EACH}
        """,
        f"""
        INSERT INTO decisions (id, application_id, call_id, number, outcome, rules, amount_minor, award_id, voucher_id, grant_number,
            released_minor, added_minor, not_funded, decided_at)
        SELECT {_id("decision")}, {_id("application")}, {_CALL}, 1, 'granted', '[]', 100000 + n % 700000, {_id("award")},
            {_id("voucher")}, 1, 0, 0, false, {_AT}
        FROM {_EACH}
        """,
        f"""
        INSERT INTO assignments (id, application_id, organisation_id, call_id, region, evaluator_id, seat, state, assigned_at, due_at,
            declared_at, scored_at, scores, total_points, comment, sheets_set_aside)
        SELECT md5('assignment' || n || seat)::uuid, {_id("application")}, {_id("organisation")}, {_CALL}, {_REGION},
            'evaluator-' || (n + seat) % 200, seat, 'scored', {_AT}, {_AT}, {_AT}, {_AT}, '{{}}', 70, {_plain("to_json(''::text)")}, 0
        FROM {_EACH}, generate_series(1, 2) AS seats (seat)
        """,
        INBOX,
        _outbox("evaluation.decisions", "evaluation.AwardGranted.v1", _id("application")),
    ),
    "vouchers": (
        f"""
        INSERT INTO calls (id, region, slug, scheme, selection_method, policy_id)
        SELECT md5('call' || n - 1)::uuid, {_REGION_OF_CALL}, 'sample-' || n,
            'digital-voucher', 'first-come', {_POLICY}
        FROM ({_OF_CALL}) AS calls
        """,
        f"""
        INSERT INTO awards (id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency, granted_at)
        SELECT {_id("award")}, {_id("application")}, {_CALL}, {_REGION}, {_id("organisation")}, 'digital-voucher', {_POLICY},
            100000 + n % 700000, 'EUR', {_AT}
        FROM {_EACH}
        """,
        f"""
        INSERT INTO vouchers (id, award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency,
            state, state_since, outcome, code, redeemed_minor, extensions, created_at, reserved_at, offered_at, answer_by, answered_at,
            committed_at, issued_at, valid_until, claim_window_until, settled_at, closed_at, value_minor, drawn_minor)
        SELECT {_id("voucher")}, {_id("award")}, {_id("application")}, {_CALL}, {_REGION}, {_id("organisation")}, 'digital-voucher',
            {_POLICY}, 100000 + n % 700000, 'EUR', 'closed', {_AT}, 'settled', 'KPR-' || n, 100000 + n % 700000, 0, {_AT}, {_AT}, {_AT},
            {_AT}, {_AT}, {_AT}, {_AT}, {_AT}, {_AT} + interval '1 month', {_AT}, {_AT},
            100000 + n % 700000, 100000 + n % 700000
        FROM {_EACH}
        """,
        f"""
        INSERT INTO steps (workflow_id, run_id, number, name, result)
        SELECT 'voucher-' || {_id("award")}, {_id("run")}, number, 'review_voucher', '{{}}'
        FROM {_EACH}, generate_series(1, 4) AS numbers (number)
        """,
        INBOX,
        _outbox("vouchers.vouchers", "vouchers.VoucherClosed.v1", _id("voucher")),
    ),
    "payments": (
        f"""
        INSERT INTO envelopes (call_id, region, scheme, slug, policy_id, currency, opened_minor, amount_minor, reserved_minor,
            committed_minor, paid_minor, recovered_minor, needs_confirmation)
        SELECT md5('call' || n - 1)::uuid, {_REGION_OF_CALL}, 'digital-voucher',
            'sample-' || n, {_POLICY}, 'EUR', 100000000000, 100000000000, 0, 0, 50000000, 0, false
        FROM ({_OF_CALL}) AS calls
        """,
        f"""
        INSERT INTO vouchers (id, application_id, call_id, region, organisation_id, policy_id, currency, state, amount_minor,
            value_minor, drawn_minor, reserved_minor, committed_minor, paid_minor, recovered_minor, released_minor, claimed_minor, code,
            payment_mode, claim_window_until, suspended)
        SELECT {_id("voucher")}, {_id("application")}, {_CALL}, {_REGION}, {_id("organisation")}, {_POLICY}, 'EUR', 'issued', 100000,
            100000, 100000, 0, 100000, 0, 0, 0, 100000, 'KPR-' || n, 'reimbursement', timestamptz '2026-12-31', false
        FROM {_EACH}
        """,
        f"""
        INSERT INTO payees (id, kind, region, organisation_id, subject_id, name, account_number, account_key, account_version,
            account_set_by, account_set_at)
        SELECT {_id("payee")}, 'beneficiary', {_REGION}, {_id("organisation")}, {_id("organisation")}, {_NAME},
            {_NUMBER}, 'HR' || n, 1, 'applicant-' || n, {_AT}
        FROM {_EACH}
        """,
        f"""
        INSERT INTO payee_accounts (payee_id, version, subject_id, region, name, account_number, account_key, set_by, set_at,
            in_force_at)
        SELECT {_id("payee")}, 1, {_id("organisation")}, {_REGION}, {_NAME}, {_NUMBER}, 'HR' || n,
            'applicant-' || n, {_AT}, {_AT}
        FROM {_EACH}
        """,
        f"""
        INSERT INTO claims (id, voucher_id, organisation_id, region, call_id, payee_id, state, eligible_minor, requested_minor,
            granted_minor, lodged_at, check_by, overdue, decided_at, decided_by, pay_by, rules, prepared, kind, settled_minor,
            retained_minor, own_minor)
        SELECT {_id("claim")}, {_id("voucher")}, {_id("organisation")}, {_REGION}, {_CALL}, {_id("payee")}, 'accepted', 100000, 100000,
            100000, {_AT}, {_AT}, false, {_AT}, 'officer-1', {_AT}, '[]', n > 100, 'expenditure', 0, 0, 0
        FROM {_EACH}
        """,
        f"""
        INSERT INTO claim_evidence (claim_id, number, organisation_id, region, kind, reference, number_key, sha256, issued_on,
            amount_minor, live)
        SELECT {_id("claim")}, 1, {_id("organisation")}, {_REGION}, 'invoice', {_plain("to_jsonb('INV-' || n)")}, 'inv' || n,
            md5('evidence' || n), date '2025-03-01', 100000, true
        FROM {_EACH}
        """,
        f"""
        INSERT INTO ledger_entries (id, call_id, voucher_id, kind, at)
        SELECT md5('entry' || n || kind)::uuid, {_CALL}, {_id("voucher")}, kind, {_AT}
        FROM {_EACH}, unnest(ARRAY['reserved', 'committed']) AS kinds (kind)
        """,
        INBOX,
        # The benchmark pays the first hundred claims.
        f"""
        INSERT INTO disbursements (id, claim_id, voucher_id, region, call_id, currency, amount_minor, own_minor, state, attempt,
            prepared_at)
        SELECT {_id("disbursement")}, {_id("claim")}, {_id("voucher")}, {_REGION}, {_CALL}, 'EUR', 100000, 0, 'paid', 1, {_AT}
        FROM {_EACH} WHERE n > 100
        """,
        f"""
        INSERT INTO attempts (id, disbursement_id, number, state, payee_id, account_version, prepared_by, prepared_at,
            counted_minor, approvals, approvals_needed, batch_id)
        SELECT {_id("attempt")}, {_id("disbursement")}, 1, 'paid', {_id("payee")}, 1, 'finance-1', {_AT}, 100000, 1, 1,
            md5('batch' || n / 500)::uuid
        FROM {_EACH} WHERE n > 100
        """,
        f"""
        INSERT INTO approvals (attempt_id, account_version, approver, step, payment_hash, at)
        SELECT {_id("attempt")}, 1, 'finance-2', 1, md5('payment' || n), {_AT} FROM {_EACH} WHERE n > 100
        """,
        _outbox("payments.disbursements", "payments.DisbursementPaid.v1", _id("disbursement")),
    ),
}


def case_id(number: int) -> UUID:
    """Of the application with this number, from 1 on."""
    return UUID(md5(f"application{number}".encode()).hexdigest())


async def filled_database(stack: Stack, service: str, cases: int, more: Sequence[str] = ()) -> str:
    """Creates a database of the service with that many cases and current statistics. Returns its URL. `more`: statements that come after
    the others; in them, too, $1 is the number of cases."""
    url = await stack.database(service)
    database = url.rpartition("/")[2]
    admin = await asyncpg.connect(stack.postgres.url(database, driver="postgresql"))
    await admin.execute("SET session_replication_role = replica")
    for statement in (*STATEMENTS[service], *more):
        await admin.execute(statement, *([cases] if "$1" in statement else []))
    await admin.execute("VACUUM ANALYZE")
    await admin.close()
    return url
