"""What is added to the cases of `bulk_data`, so that something waits at each desk: of the newest calls nearly all, of earlier ones what
is still on its way. A kind that waits is a share of all cases, so it grows with them."""

from uuid import UUID

from bench.bulk_data import CASES_PER_CALL, case_id

OPEN_CALLS = 5
"""The newest ones, one in each region."""
EVALUATOR = UUID(int=0xE7A1)
OFFICER, FINANCE, AUDITOR = UUID(int=0x0FF1), UUID(int=0xF1A), UUID(int=0xA0D1)
SEATS = 30
"""Assignments of the evaluator that wait: more than a page."""
EVENTS = {50: case_id(1), 200: case_id(2)}
"""How many events a case has, itself and its call: the case."""
_NEWEST = f"n > $1::int - {OPEN_CALLS * CASES_PER_CALL}"
_EACH = "generate_series(1, $1::int) AS cases (n)"
_EACH_OFFER = f"{_EACH} WHERE n > $1::int * 4 / 5"
_OLD = "timestamptz '2025-10-01 08:00Z'"
_LATER = "timestamptz '2026-02-15 12:00Z'"


def _id(kind: str) -> str:
    return f"md5('{kind}' || n)::uuid"


def _plain(json_value: str) -> str:
    return f"'\\x00'::bytea || convert_to(({json_value})::text, 'UTF8')"


def _numbered(kind: str, where: str) -> str:
    """Rows of the table by their number."""
    return f"(SELECT n, {_id(kind)} AS one FROM {_EACH} WHERE {where}) AS numbered"


def _open_calls(dates: str) -> str:
    newest = f"SELECT md5('call' || n - 1)::uuid FROM generate_series(1, $1::int / {CASES_PER_CALL}) AS calls (n)"
    return f"UPDATE calls SET {dates} WHERE id IN ({newest} ORDER BY n DESC LIMIT {OPEN_CALLS})"


_DATES = "closes_at = '2026-01-31 11:00Z', evaluation_due_at = '2026-03-31 11:00Z', reserve_list_ends_at = '2026-12-31 11:00Z'"
_KINDS = "ARRAY['ClaimLodged', 'ClaimAccepted', 'DisbursementPrepared', 'DisbursementApproved', 'DisbursementPaid']"


def _events() -> tuple[str, ...]:
    """The other three services have two events of each case, so the rest of those of a long one are of payments."""
    of_others = 8
    return tuple(
        f"""
        INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac, published_at)
        SELECT gen_random_uuid(), 'payments.claims', gen_random_uuid(), 'payments.' || ({_KINDS})[1 + n % 5] || '.v1',
            {_OLD} + n * interval '1 hour', 'officer-' || n % 7, 'sample', voucher.policy_id, voucher.application_id,
            jsonb_build_object('application_id', voucher.application_id, 'region', voucher.region, 'claim_id', gen_random_uuid(),
                'currency', 'EUR', 'amount_minor', 10000 + n, 'check_by', {_LATER}), '\\x00', now()
        FROM generate_series(1, {count - of_others}) AS events (n), vouchers AS voucher
        WHERE voucher.application_id = '{case}'
        """
        for count, case in EVENTS.items()
    )


WAITING: dict[str, tuple[str, ...]] = {
    "applications": (
        _open_calls(f"{_DATES}, first_closes_at = '2026-01-31 11:00Z', state = 'open'"),
        f"""
        UPDATE applications SET state = CASE WHEN n % 10 < 6 THEN 'submitted' ELSE 'eligible' END, decision = NULL, decided_at = NULL,
            screened_at = NULL, revision = CASE WHEN n % 20 = 0 THEN 2 ELSE 1 END, submitted_at = {_OLD}
        FROM {_numbered("application", _NEWEST)} WHERE id = one
        """,
        f"""
        INSERT INTO readers (assignment_id, application_id, evaluator_id, recused, declared)
        SELECT md5('assignment' || n || seat)::uuid, {_id("application")}, 'evaluator-' || (n + seat) % 200, false, true
        FROM {_EACH}, generate_series(1, 2) AS seats (seat)
        """,
        f"UPDATE readers SET evaluator_id = '{EVALUATOR}' WHERE evaluator_id = 'evaluator-0'",
        f"""
        INSERT INTO readers (assignment_id, application_id, evaluator_id, recused, declared)
        SELECT md5('seat' || n)::uuid, {_id("application")}, '{EVALUATOR}', false, n % 2 = 0 FROM generate_series(1, {SEATS}) AS seats (n)
        """,
        # The cases of these seats are still evaluated.
        f"UPDATE applications SET decision = NULL, decided_at = NULL FROM {_numbered('application', f'n <= {SEATS}')} WHERE id = one",
    ),
    "evaluation": (
        _open_calls(_DATES),
        f"""
        INSERT INTO evaluators (region, id, languages, topics, relations, registered_by, registered_at)
        SELECT DISTINCT region, '{EVALUATOR}', '["hr"]'::jsonb, '["design"]'::jsonb, '[]'::jsonb, 'officer-1', {_OLD}
        FROM assignments
        """,
        f"UPDATE assignments SET evaluator_id = '{EVALUATOR}' WHERE evaluator_id = 'evaluator-0'",
        f"""
        UPDATE assignments SET state = CASE WHEN n % 2 = 0 THEN 'declared' ELSE 'assigned' END, due_at = {_LATER}, scored_at = NULL,
            scores = NULL, total_points = NULL
        FROM {_numbered("application", _NEWEST)} WHERE application_id = one AND n % 10 >= 6
        """,
        f"""
        INSERT INTO assignments (id, application_id, organisation_id, call_id, region, evaluator_id, seat, state, assigned_at, due_at,
            declared_at, comment, sheets_set_aside)
        SELECT md5('seat' || n)::uuid, application_id, organisation_id, call_id, region, '{EVALUATOR}', 3,
            CASE WHEN n % 2 = 0 THEN 'declared' ELSE 'assigned' END, {_OLD}, {_LATER} + n * interval '1 hour', {_OLD},
            {_plain("to_json(''::text)")}, 0
        FROM cases JOIN {_numbered("application", f"n <= {SEATS}")} ON application_id = one
        """,
        f"""
        INSERT INTO appeals (id, application_id, call_id, region, organisation_id, list_hash, state, lodged_by, lodged_at, decided_by,
            decided_at)
        SELECT {_id("appeal")}, application_id, call_id, region, organisation_id, 'hash',
            CASE WHEN n % 500 = 0 THEN 'lodged' ELSE 'dismissed' END, 'applicant-' || n, {_OLD},
            CASE WHEN n % 500 > 0 THEN 'officer-1' END, CASE WHEN n % 500 > 0 THEN {_OLD} END
        FROM cases JOIN {_numbered("application", "n % 50 = 0")} ON application_id = one
        """,
        f"""
        INSERT INTO questions (id, assignment_id, application_id, call_id, region, organisation_id, asked_by, asked_at, answered_by,
            answered_at)
        SELECT {_id("question")}, md5('assignment' || n || 1)::uuid, application_id, call_id, region, organisation_id, 'evaluator-1',
            {_OLD}, CASE WHEN n % 1000 > 0 THEN 'officer-1' END, CASE WHEN n % 1000 > 0 THEN {_OLD} END
        FROM cases JOIN {_numbered("application", "n % 100 = 0")} ON application_id = one
        """,
    ),
    "vouchers": (
        f"""
        UPDATE vouchers SET state = 'issued', outcome = NULL, settled_at = NULL, closed_at = NULL, issued_at = {_OLD}, redeemed_minor = 0,
            valid_until = CASE WHEN n % 10 = 1 THEN timestamptz '2026-01-10 22:00Z' ELSE timestamptz '2026-04-30 22:00Z' END,
            claim_window_until = timestamptz '2026-05-31 22:00Z', claimed_at = CASE WHEN n % 4 > 0 THEN {_OLD} + interval '9 days' END,
            suspended_at = CASE WHEN n % 50 = 0 THEN {_OLD} END
        FROM (SELECT n, {_id("voucher")} AS one FROM {_EACH_OFFER}) AS numbered WHERE id = one
        """,
        f"""
        INSERT INTO changes (id, voucher_id, application_id, call_id, region, organisation_id, kind, state, valid_until, requested_by,
            requested_at, decided_by, decided_at)
        SELECT {_id("change")}, id, application_id, call_id, region, organisation_id, 'extension',
            CASE WHEN n % 200 = 0 THEN 'open' ELSE 'granted' END, {_LATER}, 'applicant-' || n, {_OLD},
            CASE WHEN n % 200 > 0 THEN 'officer-1' END, CASE WHEN n % 200 > 0 THEN {_OLD} END
        FROM vouchers JOIN {_numbered("voucher", "n % 20 = 0")} ON id = one
        """,
    ),
    "payments": (
        f"""
        UPDATE claims SET state = 'lodged', decided_at = NULL, decided_by = NULL, pay_by = NULL, granted_minor = NULL, prepared = false,
            check_by = {_LATER}
        FROM {_numbered("claim", "n % 50 = 1")} WHERE id = one
        """,
        f"UPDATE claims SET prepared = false FROM {_numbered('claim', 'n % 100 = 2')} WHERE id = one",
        f"DELETE FROM attempts USING {_numbered('attempt', 'n % 50 = 1 OR n % 100 = 2')} WHERE id = one",
        f"DELETE FROM disbursements USING {_numbered('disbursement', 'n % 50 = 1 OR n % 100 = 2')} WHERE id = one",
        *(
            f"UPDATE {table}s SET state = '{state}' FROM {_numbered(table, where)} WHERE id = one"
            for state, where in {
                "prepared": "n % 100 = 3",
                "approved": "n % 100 = 4",
                "unknown": "n % 1000 = 5",
                "rejected": "n % 1000 = 6",
                "sent": "n % 500 = 7",
            }.items()
            for table in ("disbursement", "attempt")
        ),
        f"""
        INSERT INTO batches (id, region, policy_id, currency, debtor_account, state, disbursements, total_minor, file_hash, file,
            execution_on, sealed_at, sent_at, answer_by)
        SELECT md5('batch' || call)::uuid, region, policy_id, 'EUR', 'HR0', CASE WHEN call % 20 = 19 THEN 'sealed' ELSE 'sent' END,
            500, 50000000, md5('file' || call), '\\x00', date '2025-10-02', {_OLD}, CASE WHEN call % 20 < 19 THEN {_OLD} END,
            CASE WHEN call % 20 < 19 THEN {_OLD} + interval '3 days' END
        FROM (SELECT n, n / {CASES_PER_CALL} AS call, {_id("voucher")} AS one FROM {_EACH} WHERE n % {CASES_PER_CALL} = 1) AS numbered
        JOIN vouchers ON id = one
        """,
        f"""
        INSERT INTO bank_files (sha256, name, message, state, taken_at, lines, applied, unmatched)
        SELECT md5('statement' || n), 'statement-' || n, 'camt.053', 'taken', {_OLD}, 500, 499, 1
        FROM generate_series(0, $1::int / {CASES_PER_CALL}) AS files (n)
        """,
        f"""
        INSERT INTO bank_lines (id, file_sha256, line, outcome, reason, payment_event, region, attempt_id, amount_minor, currency, "on",
            voucher_id, resolution, resolved_at, resolved_by)
        SELECT md5('line' || n)::uuid, md5('statement' || n / {CASES_PER_CALL}), 1 + n % {CASES_PER_CALL},
            CASE WHEN n % 500 = 8 THEN 'unmatched' ELSE 'applied' END, '', 'booked', region, {_id("attempt")}, 100000, 'EUR',
            date '2025-10-03', id, CASE WHEN n % 1000 = 8 THEN 'no-effect' END, CASE WHEN n % 1000 = 8 THEN {_OLD} END,
            CASE WHEN n % 1000 = 8 THEN 'finance-1' END
        FROM vouchers JOIN {_numbered("voucher", "true")} ON id = one
        """,
        f"""
        INSERT INTO recoveries (id, voucher_id, region, currency, amount_minor, reason, state, ordered_by, ordered_at, closed_at, reference)
        SELECT {_id("recovery")}, id, region, 'EUR', 10000, 'sample', CASE WHEN n % 1000 = 9 THEN 'ordered' ELSE 'settled' END, 'finance-1',
            {_OLD}, CASE WHEN n % 1000 = 9 THEN NULL ELSE {_OLD} END, 'REF-' || n
        FROM vouchers JOIN {_numbered("voucher", "n % 200 = 9")} ON id = one
        """,
        f"""
        INSERT INTO account_proposals (id, payee_id, region, subject_id, name, account_number, account_key, reason, state, proposed_by,
            proposed_at, decided_by, decided_at)
        SELECT {_id("proposal")}, id, region, subject_id, name, account_number, 'key' || n, 'account-changed',
            CASE WHEN n % 1000 = 10 THEN 'proposed' ELSE 'confirmed' END, 'applicant-' || n, {_OLD},
            CASE WHEN n % 1000 <> 10 THEN 'finance-1' END, CASE WHEN n % 1000 <> 10 THEN {_OLD} END
        FROM payees JOIN {_numbered("payee", "n % 100 = 10")} ON id = one
        """,
        *_events(),
    ),
}
"""By service, after `STATEMENTS`."""
