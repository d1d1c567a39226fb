"""Ways to break each invariant, as SQL with the ids of the dataset."""

from typing import NamedTuple


class Broken(NamedTuple):
    """`subject` is the case that the breach has to name."""

    invariant: int
    name: str
    service: str
    subject: str
    statements: tuple[str, ...]


def _event(name: str, where: str = "true") -> str:
    return f"type LIKE '%.{name}.%' AND {where}"


def _delete(name: str, where: str = "true") -> str:
    return f"DELETE FROM outbox WHERE {_event(name, where)}"


def _copy(name: str, where: str = "true", event_id: str = "gen_random_uuid()", **changed: str) -> str:
    """Adds a copy of an event, with some columns changed."""
    columns = [
        "topic",
        "key",
        "type",
        "time",
        "actor",
        "reason",
        "policy_id",
        "correlation_id",
        "causation_id",
        "body",
        "mac",
        "published_at",
    ]
    values = [changed.get(column, f'"{column}"') for column in columns]
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO outbox (event_id, {quoted}) SELECT {event_id}, {', '.join(values)} FROM outbox WHERE {_event(name, where)} LIMIT 1"


def _change(name: str, set_: str, where: str = "true") -> str:
    return f"UPDATE outbox SET {set_} WHERE {_event(name, where)}"


def _body(field: str, value: str) -> str:
    return f"body = jsonb_set(body, '{{{{{field}}}}}', '{value}')"


def _one(invariant: int, name: str, service: str, subject: str, *statements: str) -> Broken:
    return Broken(invariant, name, service, subject, statements)


_PAID, _VOUCHER, _DISBURSEMENT = "application {paid}", "voucher {voucher}", "disbursement {disbursement}"
_ENTRY = "SELECT e.id FROM ledger_entries e WHERE e.voucher_id = '{voucher}' AND e.kind = "
_AWARD = "SELECT body FROM outbox WHERE " + _event("AwardGranted", "key = '{paid}'")


def returned(fields: str, proposed_by: str, application: str = "{paid}") -> str:
    """An event that the application was returned by officer-1, long after the call has closed."""
    about = ", ".join(f"'{name}', body -> '{name}'" for name in ("application_id", "call_id", "region"))
    more = f'"revision": 1, "repair_by": "2027-01-01T00:00:00Z", "fields": {fields}, "proposed_by": "{proposed_by}"'
    body = f"jsonb_build_object({about}) || '{{{{{more}}}}}'"
    return _copy("ApplicationSubmitted", f"key = '{application}'", type="'applications.ApplicationReturned.v1'", actor="'officer-1'",
                 time="time + interval '300 days'", body=body)  # fmt: skip


def _ended(person: str, by: str) -> str:
    return _copy("RoleGranted", f"key = '{{{person}}}'", type="'people.RoleEnded.v1'", actor=f"'{by}'",
                 body="body - 'valid_from' - 'valid_until'")  # fmt: skip


def _chosen_by(person: str) -> str:
    return f"UPDATE acts SET actor = '{person}' WHERE duty = 'register-evaluator'"


_VERSION = (
    "INSERT INTO form_versions (application_id, organisation_id, region, revision, sequence, form, changed, rewritten, submitted_at) "
    "SELECT '{paid}', organisation_id, region, %s, sequence, '\\x00', '%s', '%s', now() FROM applications WHERE id = '{paid}'"
)
_REWRITTEN = (
    _VERSION % (1, "[]", "[]"),
    _VERSION % (2, '["costs.requested_minor"]', '["costs.requested_minor"]'),
)
_PAYEE = "payee {payee}"
_OTHER = "00000000-0000-0000-0000-000000000002"
_TO_ANOTHER = (
    f"""INSERT INTO payees (id, kind, region, organisation_id, subject_id, account_version, account_set_by, account_set_at)
        SELECT '{_OTHER}', kind, region, '{_OTHER}', '{_OTHER}', 0, account_set_by, account_set_at FROM payees LIMIT 1""",
    f"UPDATE attempts SET payee_id = '{_OTHER}'",
)

BREAKS = [
    _one(1, "row-of-a-receipt-gone", "applications", _PAID, "DELETE FROM applications WHERE id = '{paid}'"),
    _one(1, "event-of-a-submission-gone", "applications", _PAID, _delete("ApplicationSubmitted", "key = '{paid}'")),
    _one(1, "gap-in-the-numbers", "applications", "call {ranked}", "UPDATE calls SET submitted = 9 WHERE id = '{ranked}'"),
    _one(1, "answered-with-nothing", "applications", "request key-{paid}", "UPDATE idempotency SET made_id = NULL"),
    _one(1, "content-gone-without-event", "applications", _PAID,
         "UPDATE applications SET removed_at = now(), form = NULL, title = NULL, assessment = NULL, return_note = NULL "
         "WHERE id = '{paid}'"),
    _one(1, "file-without-its-object", "applications", _PAID, "UPDATE files SET id = gen_random_uuid()"),
    _one(1, "file-of-another-content", "applications", _PAID, "UPDATE files SET stored_sha256 = sha256"),
    _one(1, "file-not-deleted", "applications", _PAID, "UPDATE files SET name = NULL, deleted_at = now()"),
    _one(1, "object-without-a-file", "applications", "object {file_object}", "DELETE FROM files"),
    _one(1, "comments-gone-without-event", "evaluation", _PAID, "UPDATE cases SET removed_at = now() WHERE application_id = '{paid}'"),
    _one(1, "claims-gone-without-event", "payments", _PAID, "UPDATE vouchers SET removed_at = now() WHERE id = '{voucher}'"),
    _one(1, "words-of-changes-gone-without-event", "vouchers", _PAID, "UPDATE vouchers SET removed_at = now() WHERE id = '{voucher}'"),
    _one(1, "payment-file-gone", "payments", "batch {batch}", "UPDATE batches SET file = NULL, removed_at = now() WHERE id = '{batch}'"),
    _one(1, "removed-before-its-term", "applications", _PAID,
         _copy("ApplicationSubmitted", "key = '{paid}'", type="'applications.CaseRemoved.v1'", actor="'system'",
               body="body || '{{\"retention_class\": \"paid\", \"kept_until\": \"2026-01-01T00:00:00Z\"}}'")),
    _one(1, "import-without-submission", "applications", _PAID, _delete("ApplicationSubmitted", "key = '{paid}'")),
    _one(1, "state-without-event", "applications", _PAID, "UPDATE applications SET state = 'withdrawn', live_slot = NULL"),
    _one(1, "never-published", "applications", _PAID, _change("ApplicationFoundEligible", "published_at = NULL", "key = '{paid}'")),
    _one(1, "never-received", "payments", _VOUCHER, "DELETE FROM inbox"),
    _one(1, "held-back-against-the-last-word", "payments", _VOUCHER, "UPDATE vouchers SET suspended = true"),
    _one(1, "still-parked", "payments", "event 00000000-0000-0000-0000-000000000001",
         "INSERT INTO parked (event_id, awaits, detail, headers, topic, body) "
         "VALUES ('00000000-0000-0000-0000-000000000001', 'x', '', '{{}}', 't', '')"),
    _one(1, "dead-letter", "vouchers", "event 00000000-0000-0000-0000-000000000001",
         "INSERT INTO dead_letters (id, headers, topic, body, error, attempts) "
         "VALUES ('00000000-0000-0000-0000-000000000001', '{{}}', 't', '', 'e', 1)"),
    _one(1, "effect-without-a-cause", "evaluation", "event 00000000-0000-0000-0000-000000000001",
         "INSERT INTO inbox (event_id) VALUES ('00000000-0000-0000-0000-000000000001')"),
    _one(1, "award-without-voucher", "vouchers", "award {award}", "DELETE FROM vouchers WHERE id = '{voucher}'"),
    _one(1, "claim-lost", "payments", "claim {claim}", "DELETE FROM claims WHERE id = '{claim}'"),
    _one(1, "event-that-nobody-can-read", "payments", "claim {claim}", _change("ClaimLodged", "body = body - 'check_by'")),
    _one(2, "two-attempts-paid", "payments", _DISBURSEMENT, "DROP INDEX one_attempt_in_force; UPDATE attempts SET state = 'paid'"),
    _one(2, "two-attempts-live", "payments", _DISBURSEMENT,
         "DROP INDEX one_attempt_in_force; UPDATE attempts SET state = 'sent' WHERE id = '{returned_attempt}'"),
    _one(2, "paid-again-by-the-events", "payments", _DISBURSEMENT, _delete("DisbursementReturned")),
    _one(2, "more-than-the-value", "payments", _VOUCHER, _change("DisbursementPaid", _body("amount_minor", "700000"))),
    _one(2, "amount-differs-from-the-claim", "payments", _DISBURSEMENT, _change("ClaimAccepted", _body("granted_minor", "1"))),
    _one(2, "amount-differs-in-the-table", "payments", _DISBURSEMENT, "UPDATE disbursements SET amount_minor = 1"),
    _one(2, "paid-before-the-bank", "payments", _DISBURSEMENT, "UPDATE attempts SET id = gen_random_uuid() WHERE id = '{paid_attempt}'"),
    _one(2, "other-bytes-sealed", "payments", "batch {batch}", "UPDATE batches SET file_hash = repeat('0', 64) WHERE id = '{batch}'"),
    _one(2, "file-never-sealed", "payments", "batch {batch}", "DELETE FROM batches WHERE id = '{batch}'"),
    _one(2, "rejected-here-booked-there", "payments", _DISBURSEMENT, "UPDATE attempts SET state = 'rejected' WHERE id = '{paid_attempt}'"),
    _one(2, "upload-confirmed-and-not-imported", "payments", "uploaded bank file 00000000-0000-0000-0000-000000000001",
         "INSERT INTO bank_uploads (id, sha256, name, size_bytes, message, lines, region, state, removed_at, proposed_by, proposed_at, "
         "decided_by, decided_at) VALUES ('00000000-0000-0000-0000-000000000001', '0', 'a', 1, 'camt.053.001.08', 1, 'hr-koprivnica', "
         "'confirmed', now(), 'a', now(), 'b', now())"),
    _one(2, "next-attempt-while-a-line-was-open", "payments", "bank line 00000000-0000-0000-0000-000000000001",
         _change("DisbursementReturned", "type = 'payments.BankLineUnmatched.v1', reason = 'bank-file', "
                 "body = body - '{{attempt, batch_id, currency, amount_minor, returned_on, bank_reason, own_minor, correction}}'::text[] "
                 "|| '{{\"line_id\": \"00000000-0000-0000-0000-000000000001\", \"code\": \"booked-after-rejected\"}}'")),
    _one(2, "next-attempt-after-a-rejection-alone", "payments", "attempt {returned_attempt}",
         "UPDATE attempts SET state = 'rejected' WHERE id = '{returned_attempt}'", "UPDATE batches SET execution_on = '2020-01-01'"),
    _one(3, "envelope-smaller-than-what-is-used", "applications", _VOUCHER,
         _change("CallPublished", _body("envelope_minor", "500000"), "key = '{ranked}'")),
    _one(3, "entry-out-of-balance", "payments", _VOUCHER,
         f"UPDATE ledger_postings SET amount_minor = 1 WHERE amount_minor > 0 AND entry_id IN ({_ENTRY} 'committed')"),
    _one(3, "entry-of-another-kind", "payments", _VOUCHER, "UPDATE ledger_entries SET kind = 'paid' WHERE kind = 'committed'"),
    _one(3, "running-total-of-an-envelope", "payments", "call {ranked}", "UPDATE envelopes SET paid_minor = 1 WHERE call_id = '{ranked}'"),
    _one(3, "running-total-of-a-voucher", "payments", _VOUCHER, "UPDATE vouchers SET paid_minor = 1 WHERE id = '{voucher}'"),
    _one(3, "event-of-money-gone", "payments", _VOUCHER, _delete("FundsCommitted", "key = '{voucher}'")),
    _one(3, "envelope-opened-with-more", "payments", "call {queued}",
         "UPDATE ledger_postings SET amount_minor = 2 * amount_minor WHERE entry_id IN "
         "(SELECT id FROM ledger_entries WHERE kind = 'opened' AND call_id = '{queued}')"),
    _one(3, "settled-with-another-sum", "payments", _VOUCHER, _change("VoucherSettled", _body("paid_minor", "1"))),
    _one(3, "revoked-and-not-asked-back", "payments", _VOUCHER, "UPDATE vouchers SET closure_reason = 'revoked' WHERE id = '{voucher}'"),
    _one(3, "recovered-and-returned", "payments", "recovery 00000000-0000-0000-0000-000000000001",
         "UPDATE attempts SET returned_on = now() WHERE id = '{returned_attempt}'",
         "INSERT INTO recoveries (id, voucher_id, attempt_id, region, currency, amount_minor, reason, state, ordered_by, ordered_at, "
         "reference) "
         "SELECT '00000000-0000-0000-0000-000000000001', id, '{returned_attempt}', region, currency, 1, '', 'settled', '', now(), '' "
         "FROM vouchers WHERE id = '{voucher}'"),
    _one(3, "settled-without-a-credit", "payments", "recovery 00000000-0000-0000-0000-000000000001",
         "INSERT INTO recoveries (id, voucher_id, region, currency, amount_minor, reason, state, ordered_by, ordered_at, closing_reason, "
         "reference) "
         "SELECT '00000000-0000-0000-0000-000000000001', id, region, currency, 1, '', 'settled', '', now(), 'credit-matched', 'RF00' "
         "FROM vouchers WHERE id = '{voucher}'"),
    _one(3, "voucher-without-an-award", "evaluation", _PAID, _delete("AwardGranted", "key = '{paid}'")),
    _one(3, "voucher-of-another-organisation", "vouchers", _PAID, "UPDATE vouchers SET organisation_id = gen_random_uuid()"),
    _one(3, "award-registered-with-more", "vouchers", _PAID, "UPDATE awards SET amount_minor = amount_minor + 1"),
    _one(3, "reserved-more-than-was-granted", "payments", _PAID,
         _change("FundsReserved", _body("amount_minor", "700000"), "key = '{voucher}'")),
    _one(3, "above-the-largest-voucher", "payments", _PAID,
         "UPDATE vouchers SET amount_minor = 500000000, drawn_minor = 500000000 WHERE id = '{voucher}'"),
    _one(3, "income-that-two-persons-did-not-decide", "payments", "bank line 00000000-0000-0000-0000-000000000009",
         "INSERT INTO bank_lines (id, file_sha256, line, outcome, reason, payment_event, amount_minor, currency)"
         " VALUES ('00000000-0000-0000-0000-000000000009', '', 1, 'unmatched', 'credit-of-others', '', 700, 'EUR')",
         "INSERT INTO ledger_accounts (id, region, name, currency) SELECT md5(name)::uuid, 'be-kortrijk', name, 'EUR'"
         " FROM unnest(ARRAY['clearing', 'income', 'suspense']) AS names (name)",
         "INSERT INTO ledger_entries (id, region, line_id, kind, at)"
         " VALUES (md5('entry')::uuid, 'be-kortrijk', '00000000-0000-0000-0000-000000000009', 'income', now())",
         "INSERT INTO ledger_postings (entry_id, account_id, amount_minor)"
         " VALUES (md5('entry')::uuid, md5('clearing')::uuid, -700), (md5('entry')::uuid, md5('income')::uuid, 700)"),
    _one(3, "worth-more-than-was-booked", "payments", _VOUCHER, "UPDATE vouchers SET value_minor = value_minor - 1"),
    _one(3, "below-the-smallest-voucher", "vouchers", _PAID, "UPDATE vouchers SET amount_minor = 1 WHERE id = '{voucher}'"),
    _one(3, "voucher-under-an-unknown-policy", "payments", _PAID, "UPDATE vouchers SET policy_id = 'x' WHERE id = '{voucher}'"),
    _one(3, "envelope-of-another-region", "payments", "call {ranked}", "UPDATE envelopes SET region = 'dk-kolding'"),
    _one(3, "call-in-another-currency", "applications", "call {ranked}", _change("CallPublished", _body("currency", '"PLN"'))),
    _one(3, "offered-without-money", "payments", _VOUCHER, _delete("FundsReserved", "key = '{voucher}'")),
    _one(3, "issued-without-money", "payments", _VOUCHER, _delete("FundsCommitted", "key = '{voucher}'")),
    _one(4, "two-decisions-in-force", "evaluation", "application {reserve}",
         "DROP INDEX one_decision_in_force; UPDATE decisions SET superseded_at = NULL WHERE application_id = '{reserve}'"),
    _one(4, "decided-again-after-a-refusal", "evaluation", "application {weak}",
         _copy("AwardGranted", "key = '{paid}'", key="'{weak}'", body="jsonb_set(body, '{{application_id}}', '\"{weak}\"')")),
    _one(4, "ineligible-granted", "evaluation", "application {ineligible}",
         _copy("AwardGranted", "key = '{paid}'", body="jsonb_set(body, '{{application_id}}', '\"{ineligible}\"')")),
    _one(4, "no-decision", "evaluation", _PAID, _delete("AwardGranted", "key = '{paid}'"),
         "DELETE FROM decisions WHERE application_id = '{paid}'"),
    _one(4, "judged-twice", "applications", _PAID,
         _copy("ApplicationFoundIneligible", body="jsonb_set(body, '{{application_id}}', '\"{paid}\"')")),
    _one(4, "screening-names-others", "applications", "call {ranked}",
         _change("ScreeningCompleted", _body("eligible_hash", '"00"'), "key = '{ranked}'")),
    _one(4, "applicant-shown-another-decision", "applications", _PAID, "UPDATE applications SET decision = 'refused' WHERE id = '{paid}'"),
    _one(4, "score-sheet-changed", "evaluation", "application {reserve}",
         "UPDATE assignments SET scores = jsonb_set(scores, '{{relevance}}', '1'), total_points = 57 "
         "WHERE application_id = '{reserve}' AND seat = 1"),
    _one(4, "result-changed", "evaluation", "application {weak}",
         "UPDATE cases SET total_hundredths = 9900 WHERE application_id = '{weak}'"),
    _one(4, "case-of-another-organisation", "evaluation", _PAID, "UPDATE cases SET organisation_id = gen_random_uuid()"),
    _one(4, "case-of-another-amount", "evaluation", _PAID, "UPDATE cases SET amount_minor = amount_minor + 1"),
    _one(4, "award-to-another-organisation", "evaluation", _PAID,
         _change("AwardGranted", _body("organisation_id", '"00000000-0000-0000-0000-000000000666"'), "key = '{paid}'")),
    _one(4, "list-changed", "evaluation", "call {ranked}", "UPDATE rankings SET list_text = replace(list_text, '600000', '599999')"),
    _one(4, "nonce-in-clear", "evaluation", "call {ranked}", "UPDATE calls SET nonce = repeat('00', 32) WHERE id = '{ranked}'"),
    _one(4, "nonce-changed", "evaluation", "call {ranked}", _change("RankingApproved", _body("nonce", '"' + "00" * 32 + '"'))),
    _one(4, "seed-changed", "evaluation", "call {ranked}", "UPDATE rankings SET seed = repeat('00', 32)"),
    _one(4, "ranks-swapped", "evaluation", "application {reserve}",
         "ALTER TABLE cases DROP CONSTRAINT one_case_per_rank; UPDATE cases SET rank = 1 WHERE application_id = '{reserve}'"),
    _one(4, "cut-off-moved", "evaluation", "application {reserve}",
         "UPDATE rankings SET outcomes = jsonb_set(outcomes, '{{{reserve}}}', '\"granted\"')"),
    _one(4, "below-the-cut-off-granted", "evaluation", "application {reserve}",
         _change("PlacedOnReserveList",
                 f"type = 'evaluation.AwardGranted.v1', body = ({_AWARD}) || '{{{{\"application_id\": \"{{reserve}}\", \"rank\": 2}}}}'",
                 "key = '{reserve}'")),
    _one(4, "applied-without-an-invitation", "applications", _PAID, "UPDATE calls SET invites_from = '[\"x\"]' WHERE id = '{ranked}'"),
    _one(4, "carried-without-having-waited", "applications", _PAID,
         "UPDATE applications SET carried_from = '{reserve}' WHERE id = '{paid}'"),
    _one(4, "closed-uncommitted", "applications", "call {ranked}", "UPDATE calls SET nonce_hash = NULL WHERE id = '{ranked}'"),
    _one(4, "envelope-changed-by-nobody", "evaluation", "call {ranked}", "UPDATE calls SET change_minor = 1 WHERE id = '{ranked}'"),
    _one(4, "waits-although-it-fits", "evaluation", "application {reserve}",
         "DELETE FROM decisions WHERE application_id = '{reserve}' AND number = 2",
         "UPDATE decisions SET superseded_at = NULL WHERE application_id = '{reserve}'"),
    _one(4, "later-number-first", "evaluation", "application {second}",
         "ALTER TABLE cases DROP CONSTRAINT one_case_per_sequence; UPDATE cases SET sequence = 3 - sequence WHERE call_id = '{queued}'"),
    _one(4, "overtaken", "evaluation", "application {second}",
         _copy("PlacedOnReserveList", "key = '{second}'", body="body || '{{\"application_id\": \"{first}\", \"position\": 0}}'"),
         _copy("AwardGranted", "key = '{second}'")),
    _one(5, "hold-lifted-by-who-placed-it", "applications", "subject {held}", _change("LegalHoldLifted", "actor = 'officer-1'")),
    _one(5, "erased-by-one-person", "applications", "erasure {erasure}", _change("SubjectErased", "actor = 'officer-1'")),
    _one(5, "erased-without-a-request", "applications", "erasure {erasure}", _delete("ErasureRequested")),
    _one(5, "approved-by-the-preparer", "payments", _DISBURSEMENT, "UPDATE approvals SET approver = 'finance-1'"),
    _one(5, "approved-by-the-account-changer", "payments", _DISBURSEMENT, "UPDATE payee_accounts SET set_by = 'finance-2'"),
    _one(5, "approved-by-the-claim-checker", "payments", _DISBURSEMENT, "UPDATE claims SET decided_by = 'finance-2'"),
    _one(5, "sent-without-approval", "payments", _DISBURSEMENT, "DELETE FROM approvals"),
    _one(5, "approval-step-missing", "payments", _DISBURSEMENT, "UPDATE approvals SET step = 2"),
    _one(5, "two-steps-by-one-person", "payments", _DISBURSEMENT,
         "ALTER TABLE approvals DROP CONSTRAINT approvals_pkey; "
         "INSERT INTO approvals (attempt_id, account_version, approver, step, at, payment_hash) "
         "SELECT attempt_id, account_version, approver, 2, at, '' FROM approvals"),
    _one(5, "approval-event-of-the-preparer", "payments", _DISBURSEMENT, _change("DisbursementApproved", "actor = 'finance-1'")),
    _one(5, "file-given-out-by-one-person", "payments", _VOUCHER, _change("BatchReleased", "actor = 'finance-5'")),
    _one(5, "file-given-out-by-an-applicant", "payments", _VOUCHER, _change("BatchReleased", "actor = 'applicant-1'")),
    _one(5, "account-confirmed-by-who-releases", "payments", _DISBURSEMENT, "UPDATE payee_accounts SET confirmed_by = 'finance-6'"),
    _one(5, "file-found-without-a-restore", "payments", "batch {batch}", "UPDATE batches SET imported_at = now() WHERE id = '{batch}'"),
    _one(5, "file-given-out-unreleased", "payments", "batch {batch}", _delete("BatchReleased")),
    _one(5, "list-approved-by-a-scorer", "evaluation", "call {ranked}", "UPDATE rankings SET approved_by = 'expert-1'"),
    _one(5, "evaluator-chosen-by-a-screener", "evaluation", _PAID, _chosen_by("officer-1")),
    _one(5, "evaluator-chosen-by-the-approver", "evaluation", "call {ranked}", _chosen_by("officer-2")),
    _one(5, "scored-by-a-relative", "evaluation", _PAID,
         "UPDATE evaluators SET relations = jsonb_build_object('tax-number', jsonb_build_array('relation-{paid}'))"),
    _one(5, "scored-after-recusal", "evaluation", _PAID,
         _copy("EvaluatorAssigned", "key = '{paid}'", type="'evaluation.EvaluatorRecused.v1'", body="body - 'seat' - 'due_at'")),
    _one(5, "read-before-declared", "evaluation", _PAID, "UPDATE assignments SET declared_at = declared_at + interval '900 days'"),
    _one(5, "another-region", "payments", _VOUCHER, _change("FundsReserved", _body("region", '"dk-kolding"'), "key = '{voucher}'")),
    _one(5, "evaluator-of-elsewhere", "evaluation", _PAID, "DELETE FROM evaluators WHERE id = 'expert-1'"),
    _one(5, "role-of-ones-own", "people", "person {person}", _change("RoleGranted", "actor = '{person}'", "key = '{person}'")),
    _one(5, "role-by-one-person", "people", "person {person}", _change("RoleGranted", "actor = 'root-1'", "key = '{person}'")),
    _one(5, "role-without-a-proposal", "people", "person {person}", _delete("RoleProposed", "key = '{person}'")),
    _one(5, "second-administrator-by-the-operator", "people", "person {deputy}",
         _change("RoleGranted", "actor = 'operator'", "key = '{deputy}'")),
    _one(5, "another-role-by-the-operator", "people", "person {chief}",
         _change("RoleGranted", _body("role", '"auditor"'), "key = '{chief}'")),
    _one(5, "last-administrator-ended-by-the-operator", "people", "person {chief}",
         _ended("deputy", "chief-1"), _ended("chief", "operator"),
         "UPDATE role_grants SET state = 'ended', ended_by = 'x', ended_at = now() WHERE role = 'administrator'"),
    _one(5, "role-of-ones-own-machine", "people", "person {machine}", _change("RoleGranted", "actor = '{chief}'", "key = '{machine}'")),
    _one(5, "machine-as-administrator", "people", "person {machine}",
         _change("RoleGranted", _body("role", '"administrator"'), "key = '{machine}'")),
    _one(5, "role-by-a-row", "people", "role {grant}",
         "UPDATE role_grants SET state = 'ended', ended_by = 'x', ended_at = now() WHERE id = '{grant}'"),
    _one(5, "member-who-never-joined", "people", "organisation {organisation}", _delete("MemberJoined")),
    _one(5, "closed-person-with-a-role", "people", "person {gone}",
         "ALTER TABLE role_grants DISABLE TRIGGER USER; UPDATE role_grants SET person_id = '{gone}' WHERE id = '{grant}'",
         "UPDATE outbox SET key = '{gone}', body = body || '{{\"person_id\": \"{gone}\"}}' WHERE body ->> 'grant_id' = '{grant}'"),
    _one(5, "closed-person-with-a-membership", "people", "person {gone}",
         "INSERT INTO memberships SELECT (jsonb_populate_record(memberships, jsonb_build_object('id', gen_random_uuid(), 'person_id', "
         "'{gone}'))).* FROM memberships",
         _copy("MemberJoined", "true", body="body || '{{\"person_id\": \"{gone}\"}}'")),
    _one(5, "closed-person-with-a-sign-in", "people", "person {gone}",
         "INSERT INTO sign_ins VALUES (gen_random_uuid(), '{gone}', 'portal', now(), now() + interval '1 hour', 'x')"),
    _one(5, "machine-of-a-closed-person", "people", "person {machine}",
         "UPDATE persons SET registered_by = '{gone}' WHERE id = '{machine}'"),
    _one(5, "closed-without-an-event", "people", "person {person}",
         "UPDATE role_grants SET state = 'ended', ended_by = 'x', ended_at = now() WHERE id = '{grant}'", _ended("person", "root-1"),
         "UPDATE memberships SET ended_at = now(), ended_by = 'x'", "UPDATE persons SET ended_at = now() WHERE id = '{person}'"),
    _one(5, "closed-account-is-open-again", "people", "person {gone}",
         _delete("PersonErased"), "UPDATE persons SET ended_at = NULL WHERE id = '{gone}'"),
    _one(5, "erased-person-has-a-name-again", "people", "person {gone}",
         "UPDATE subject_keys SET wrapped = 'x', destroyed_at = NULL WHERE subject_id = '{gone}'"),
    _one(5, "erased-person-is-found-by-name", "people", "person {gone}",
         "UPDATE persons SET sign_in_key = 'x' WHERE id = '{gone}'"),
    _one(5, "organisation-without-owner", "people", "organisation {organisation}", "UPDATE memberships SET role = 'editor'"),
    _one(5, "accepted-by-nobody", "vouchers", _VOUCHER, _change("VoucherAccepted", "actor = 'system'")),
    _one(5, "granted-by-hand", "evaluation", _PAID, _change("AwardGranted", "actor = 'officer-1'", "key = '{paid}'")),
    _one(5, "screened-by-a-member", "applications", "call {ranked}",
         _copy("ApplicationSubmitted", "key = '{paid}'", type="'applications.ApplicantMemberRecorded.v1'",
               actor="'system'", time="time - interval '1 day'",
               body="(SELECT jsonb_object_agg(key, value) FROM jsonb_each(body) WHERE key IN ('application_id', 'call_id', 'region', "
               "'organisation_id', 'policy_id')) || jsonb_build_object('person_id', '00000000-0000-0000-0000-000000000001')"),
         _change("ApplicationFoundEligible", "actor = '00000000-0000-0000-0000-000000000001'", "key = '{paid}'")),
    _one(5, "on-both-sides", "payments", "call {ranked}", _change("ClaimAccepted", "actor = 'applicant-1'")),
    _one(5, "paid-to-somebody-else", "payments", "claim {claim}", "UPDATE payees SET organisation_id = gen_random_uuid()"),
    _one(5, "attempt-to-another-organisation", "payments", _DISBURSEMENT, *_TO_ANOTHER),
    _one(5, "attempt-to-another-payee", "payments", _DISBURSEMENT, "UPDATE claims SET payee_id = gen_random_uuid()"),
    _one(5, "attempt-of-another-amount", "payments", _DISBURSEMENT, "UPDATE claims SET granted_minor = granted_minor - 1"),
    _one(5, "approval-without-an-event", "payments", _DISBURSEMENT, "UPDATE approvals SET approver = 'finance-9'"),
    _one(5, "account-not-rested", "payments", _DISBURSEMENT,
         "UPDATE payee_accounts SET version = 2, in_force_at = (SELECT min(sealed_at) FROM batches)",
         "UPDATE attempts SET account_version = 2", "UPDATE approvals SET account_version = 2"),
    _one(5, "first-account-not-rested", "payments", _DISBURSEMENT,
         "UPDATE payee_accounts SET in_force_at = (SELECT min(sealed_at) FROM batches)"),
    _one(5, "account-of-one-person", "payments", _PAYEE, "UPDATE payee_accounts SET version = 2"),
    _one(5, "account-confirmed-by-the-proposer", "payments", _PAYEE, "UPDATE payee_accounts SET version = 2, confirmed_by = set_by"),
    _one(5, "account-confirmed-without-event", "payments", _PAYEE, "UPDATE payee_accounts SET version = 2, confirmed_by = 'finance-5'"),
    _one(5, "account-of-two-payees", "payments", "payee 00000000-0000-0000-0000-000000000001",
         "INSERT INTO payees SELECT (jsonb_populate_record(payees, jsonb_build_object('id', '00000000-0000-0000-0000-000000000001', "
         "'organisation_id', gen_random_uuid()))).* FROM payees",
         "INSERT INTO payee_accounts SELECT (jsonb_populate_record(payee_accounts, jsonb_build_object('payee_id', "
         "'00000000-0000-0000-0000-000000000001', 'in_force_at', now()))).* FROM payee_accounts"),
    _one(5, "amount-split-over-two-payments", "payments", _DISBURSEMENT,
         "INSERT INTO claims SELECT (jsonb_populate_record(claims, jsonb_build_object('id', gen_random_uuid()))).* FROM claims",
         "INSERT INTO disbursements SELECT (jsonb_populate_record(disbursements, jsonb_build_object('id', gen_random_uuid(), 'claim_id', "
         "(SELECT id FROM claims WHERE id <> '{claim}')))).* FROM disbursements",
         "INSERT INTO attempts SELECT (jsonb_populate_record(attempts, jsonb_build_object('id', gen_random_uuid(), 'disbursement_id', "
         "(SELECT id FROM disbursements WHERE id <> '{disbursement}'), 'prepared_at', prepared_at - interval '1 hour'))).* "
         "FROM attempts WHERE id = '{paid_attempt}'"),
    _one(5, "approved-by-an-earlier-setter", "payments", _DISBURSEMENT,
         "INSERT INTO payee_accounts SELECT (jsonb_populate_record(payee_accounts, jsonb_build_object('version', 0, 'set_by', "
         "'finance-2'))).* FROM payee_accounts",
         "DELETE FROM batch_transfers WHERE attempt_id = '{returned_attempt}'",
         "DELETE FROM approvals WHERE attempt_id = '{returned_attempt}'", "DELETE FROM attempts WHERE id = '{returned_attempt}'"),
    _one(5, "one-invoice-in-two-claims", "payments", "claim 00000000-0000-0000-0000-000000000001",
         "INSERT INTO claims SELECT (jsonb_populate_record(claims, "
         "jsonb_build_object('id', '00000000-0000-0000-0000-000000000001'))).* FROM claims",
         "INSERT INTO claim_evidence SELECT (jsonb_populate_record(claim_evidence, jsonb_build_object('claim_id', "
         "'00000000-0000-0000-0000-000000000001', 'sha256', 'another', 'issuer_hash', 'x'))).* FROM claim_evidence"),
    _one(5, "one-invoice-of-two-days", "payments", "claim 00000000-0000-0000-0000-000000000001",
         "INSERT INTO claims SELECT (jsonb_populate_record(claims, "
         "jsonb_build_object('id', '00000000-0000-0000-0000-000000000001'))).* FROM claims",
         "UPDATE claim_evidence SET issuer_hash = '2:x'",
         "INSERT INTO claim_evidence SELECT (jsonb_populate_record(claim_evidence, jsonb_build_object('claim_id', "
         "'00000000-0000-0000-0000-000000000001', 'sha256', 'another', 'issued_on', date_trunc('year', issued_on)::date, "
         "'amount_minor', amount_minor + 1))).* FROM claim_evidence"),
    _one(5, "returned-for-money", "applications", _PAID, returned('["costs"]', "officer-2")),
    _one(5, "returned-by-one-officer", "applications", _PAID, returned('["costs"]', "officer-1")),
    _one(5, "rewritten-beyond-the-return", "applications", _PAID, returned('["project.summary"]', "officer-2"), *_REWRITTEN),
    _one(5, "place-kept-after-a-change-of-substance", "applications", "application {first}",
         returned('["costs"]', "officer-2", "{first}"), *(statement.replace("{paid}", "{first}") for statement in _REWRITTEN)),
    _one(6, "step-missing", "vouchers", _VOUCHER, _delete("VoucherOffered", "key = '{voucher}'")),
    _one(6, "step-after-the-end", "vouchers", _VOUCHER, _copy("VoucherAccepted", time="time + interval '900 days'")),
    _one(6, "payment-without-approval", "payments", _DISBURSEMENT, _delete("DisbursementApproved")),
    _one(6, "not-closed", "vouchers", _VOUCHER, _delete("VoucherClosed", "key = '{voucher}'")),
    _one(6, "settled-without-settlement", "payments", _VOUCHER, _delete("VoucherSettled")),
    _one(6, "nobody-did-it", "vouchers", _VOUCHER, _change("VoucherIssued", "actor = ''")),
    _one(6, "no-reason", "vouchers", _VOUCHER, _change("VoucherIssued", "reason = ''")),
    _one(6, "no-rule-version", "vouchers", _VOUCHER, _change("VoucherIssued", "policy_id = ''")),
    _one(6, "unknown-rules", "vouchers", _VOUCHER, _change("VoucherIssued", "policy_id = 'x'")),
    _one(6, "dated-by-a-clock-ahead", "vouchers", _VOUCHER,
         _change("FundsReservationRequested", "time = time + interval '900 days'", "key = '{voucher}'")),
    _one(6, "effect-before-its-cause", "payments", "voucher {declined}",
         _change("FundsReserved", "time = time - interval '900 days'", "key = '{declined}'")),
    _one(6, "back-in-time", "vouchers", _VOUCHER, _change("VoucherIssued", "time = time - interval '300 days'")),
    _one(7, "two-reservations", "payments", _VOUCHER, _copy("FundsReserved", "key = '{voucher}'")),
    _one(7, "two-effects-of-one-cause", "payments", "voucher {declined}",
         _copy("FundsCommitted", causation_id="(SELECT causation_id FROM outbox WHERE causation_id IS NOT NULL LIMIT 1)"),
         _copy("FundsReserved", "key = '{declined}'")),
    _one(7, "two-ledger-entries", "payments", _VOUCHER,
         "INSERT INTO ledger_entries (id, call_id, voucher_id, kind, at) "
         "VALUES (gen_random_uuid(), '{ranked}', '{voucher}', 'paid', now())"),
    _one(7, "correction-without-its-entry", "payments", _VOUCHER,
         _copy("DisbursementPaid", "key = '{disbursement}'", type="'payments.DisbursementCorrected.v1'", actor="'finance-2'",
               body="(body - 'batch_id' - 'booked_on') || '{{\"correction\": 1, \"undone\": \"paid\", \"state\": \"unknown\"}}'")),
    _one(7, "two-vouchers-for-an-award", "vouchers", "award {award}",
         "ALTER TABLE vouchers DROP CONSTRAINT vouchers_award_id_key; UPDATE vouchers SET award_id = '{award}'"),
    _one(7, "two-in-one-place", "evaluation", _PAID,
         "DROP INDEX one_active_per_seat; UPDATE assignments SET seat = 1 WHERE application_id = '{paid}'"),
    _one(7, "one-event-twice-in-the-log", "evaluation", _PAID,
         _copy("AwardGranted", "key = '{paid}'", event_id="event_id")),
    _one(7, "one-event-twice-in-the-inbox", "payments", "event 00000000-0000-0000-0000-000000000001",
         "ALTER TABLE inbox DROP CONSTRAINT inbox_pkey; INSERT INTO inbox (event_id) "
         "SELECT '00000000-0000-0000-0000-000000000001' FROM generate_series(1, 2)"),
]  # fmt: skip
