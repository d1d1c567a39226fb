"""The queries on each service's database. They read no personal data and no free text."""

LOG = """
    SELECT position, event_id, topic, key, type, "time", actor, reason, policy_id, correlation_id, causation_id, published_at, body, mac
    FROM outbox WHERE type NOT LIKE 'messaging.%' ORDER BY position
"""
MESSAGING = {
    "inbox": "SELECT event_id, received_at FROM inbox",
    "parked": "SELECT event_id, awaits, headers->>'ce_type' AS type FROM parked",
    "dead_letters": "SELECT id, error, headers->>'ce_type' AS type FROM dead_letters WHERE replayed_at IS NULL",
    "idempotency": "SELECT route, key, made_id AS made FROM idempotency",
}
TABLES = {
    "applications": {
        "calls": """
            SELECT id, region, policy_id, state, submitted, envelope_minor, currency, screening_completed_at, nonce_hash, invites_from,
                   series, round_number
            FROM calls
        """,
        "applications": """
            SELECT id, call_id, region, organisation_id, state, revision, sequence, receipt, decision, removed_at,
                   expression_id, submitted_at, carried_from,
                   num_nonnulls(form, title, assessment, return_note, return_words) = 0
                       AND NOT EXISTS (SELECT FROM form_versions v WHERE v.application_id = applications.id AND v.form IS NOT NULL)
                       AND NOT EXISTS (SELECT FROM files f WHERE f.application_id = applications.id AND f.deleted_at IS NULL)
                       AND NOT EXISTS (SELECT FROM officer_notes n WHERE n.application_id = applications.id AND n.words IS NOT NULL)
                       AND NOT EXISTS (SELECT FROM overrules o WHERE o.application_id = applications.id AND o.words IS NOT NULL)
                       AS emptied
            FROM applications
        """,
        "versions": """
            SELECT v.application_id, a.call_id, v.revision, v.sequence, v.rewritten
            FROM form_versions v JOIN applications a ON a.id = v.application_id
        """,
        "invitations": "SELECT expression_id, call_id, organisation_id, invited_at, ends_at FROM invitations",
        "holds": "SELECT id, region, subject_kind, subject_id, placed_by, placed_at, lifted_by, lifted_at FROM legal_holds",
        "files": "SELECT id, application_id, stored_sha256, deleted_at, gone FROM files",
        "imports": "SELECT call_id, row_key, application_id FROM imports",
        "readers": "SELECT assignment_id, application_id, evaluator_id, recused FROM readers",
        "access_log": "SELECT reader, subject_id, shown, at FROM access_log WHERE permission = 'read-application'",
    },
    "evaluation": {
        "calls": """
            SELECT id, region, policy_id, selection_method, currency, envelope_minor, nonce_hash, nonce LIKE 'sealed-%' AS nonce_sealed,
                   reserve_ended_at, complete_at, change_minor, issued_envelope_minor, revision_since
            FROM calls
        """,
        "envelope_changes": "SELECT call_id, change_id, change_minor FROM envelope_changes",
        "cases": """
            SELECT application_id, call_id, region, sequence, organisation_id, requested_minor, amount_minor, currency, policy_id,
                   relations, withdrawn_at, completed_at, total_hundredths, criteria, failed_rules, score_sheets, rank, removed_at,
                   NOT EXISTS (
                       SELECT FROM assignments a
                       WHERE a.application_id = cases.application_id AND num_nonnulls(a.comment, a.justifications) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM set_aside_sheets s
                       WHERE s.application_id = cases.application_id AND num_nonnulls(s.comment, s.justifications, s.reason) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM questions q WHERE q.application_id = cases.application_id AND num_nonnulls(q.question, q.answer) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM appeals p WHERE p.application_id = cases.application_id AND num_nonnulls(p.grounds, p.reasons) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM drafts d JOIN assignments a ON a.id = d.assignment_id WHERE a.application_id = cases.application_id
                   ) AS emptied
            FROM cases
        """,
        "evaluators": "SELECT region, id, relations, relations_since FROM evaluators",
        "registrations": "SELECT subject_id, actor, at FROM acts WHERE duty = 'register-evaluator'",
        "assignments": """
            SELECT id, application_id, call_id, region, evaluator_id, seat, state, scores, total_points, scored_at, assigned_at, declared_at
            FROM assignments
        """,
        "rankings": "SELECT call_id, list_hash, list_text, seed, approved_by, approved_at, outcomes FROM rankings",
        "revised_rankings": """
            SELECT call_id, number, list_hash, list_text, approved_by, approved_at, outcomes FROM revised_rankings ORDER BY call_id, number
        """,
        "randomness": "SELECT call_id, round, at, randomness, signature, file, file_hash FROM randomness",
        "decisions": """
            SELECT id, application_id, call_id, number, outcome, award_id, superseded_at, amount_minor, released_minor, added_minor,
                   not_funded
            FROM decisions
        """,
    },
    "people": {
        "persons": """
            SELECT p.id, p.machine, p.registered_by, p.ended_at, p.email_key IS NOT NULL AS found_by_address,
                   p.sign_in_key IS NOT NULL AS signs_in, k.destroyed_at AS erased_at
            FROM persons p LEFT JOIN subject_keys k ON k.subject_id = p.id
        """,
        "sign_ins": "SELECT id, person_id, signed_in_at FROM sign_ins WHERE ended_at IS NULL",
        "organisations": "SELECT id, registered_by, version FROM organisations",
        "memberships": "SELECT id, organisation_id, person_id, role, since, invitation_id, ended_at FROM memberships",
        "roles": """
            SELECT id, person_id, role, region, state, valid_from, valid_until, proposed_by, decided_by, ended_by FROM role_grants
        """,
    },
    "vouchers": {
        "awards": """
            SELECT id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency FROM awards
        """,
        "vouchers": """
            SELECT id, award_id, application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor, currency, state,
                   value_minor, outcome, redeemed_minor, closed_at, removed_at,
                   NOT EXISTS (
                       SELECT FROM changes c
                       WHERE c.voucher_id = vouchers.id
                           AND num_nonnulls(c.explanation, c.provider, c.provider_tax_number, c.reason) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM reports r WHERE r.voucher_id = vouchers.id AND num_nonnulls(r.answers, r.note) > 0
                   ) AS emptied
            FROM vouchers
        """,
        "capacities": """
            SELECT call_id, region, policy_id, unit, supplied, reserved, committed, attended, needs_confirmation, published_by, confirmed_by
            FROM capacities
        """,
        "capacity_changes": "SELECT id, call_id, units, proposed_by, decided_by FROM capacity_changes WHERE confirmed",
        "capacity_entries": "SELECT call_id, voucher_id, kind, source, target, units FROM capacity_entries ORDER BY position",
        "holdings": "SELECT voucher_id, call_id, unit, granted, reserved, committed, booked, attended FROM holdings",
        "sessions": "SELECT id, call_id, seats, taken, cancelled_at FROM sessions",
        "bookings": "SELECT id, session_id, voucher_id, state, units_held, units_used FROM bookings",
        "redemptions": "SELECT disbursement_id, attempt, voucher_id, amount_minor, returned FROM redemptions",
    },
    "payments": {
        "envelopes": """
            SELECT call_id, region, scheme, policy_id, currency, amount_minor, reserved_minor, committed_minor, paid_minor, recovered_minor
            FROM envelopes
        """,
        "vouchers": """
            SELECT id, application_id, call_id, region, organisation_id, policy_id, currency, state, amount_minor, value_minor, drawn_minor,
                   claimed_minor, reserved_minor, committed_minor,
                   paid_minor, recovered_minor, released_minor, payment_mode, suspended, closure_reason, removed_at,
                   NOT EXISTS (
                       SELECT FROM claims c JOIN claim_evidence e ON e.claim_id = c.id
                       WHERE c.voucher_id = vouchers.id AND num_nonnulls(c.note, e.reference, e.number_key) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM claim_drafts d LEFT JOIN claim_draft_lines l ON l.draft_id = d.id
                       LEFT JOIN claim_files f ON f.draft_id = d.id AND f.deleted_at IS NULL
                       WHERE d.voucher_id = vouchers.id AND num_nonnulls(l.id, f.id) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM claims c JOIN claim_lines l ON l.claim_id = c.id
                       WHERE c.voucher_id = vouchers.id
                         AND num_nonnulls(l.seller, l.seller_tax_number, l.reference, l.function, l.cut_reason) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM outcome_proofs p JOIN disbursements d ON d.id = p.disbursement_id
                       WHERE d.voucher_id = vouchers.id AND num_nonnulls(p.name, p.document) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM orders o WHERE o.voucher_id = vouchers.id AND num_nonnulls(o.buyer, o.description, o.remark) > 0
                   ) AND NOT EXISTS (
                       SELECT FROM bank_words w JOIN bank_lines l ON l.id = w.line_id
                       WHERE l.voucher_id = vouchers.id AND w.words IS NOT NULL
                   ) AS emptied
            FROM vouchers
        """,
        "aid_entries": """
            SELECT voucher_id, money_of, call_id, organisation_id, region, policy_id, member_state, regulation, currency, awarded_minor,
                   amount_minor, eur_minor, state, granted_on, reserved_at
            FROM aid_entries ORDER BY reserved_at, voucher_id
        """,
        "undertaking_edges": "SELECT one_node, other_node, kind FROM undertaking_edges",
        "entries": "SELECT id, position, call_id, voucher_id, kind FROM ledger_entries WHERE call_id IS NOT NULL ORDER BY position",
        "postings": """
            SELECT p.entry_id, p.amount_minor, a.name AS account, a.call_id, a.currency
            FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id WHERE a.call_id IS NOT NULL
        """,
        "region_entries": "SELECT id, region, line_id, kind FROM ledger_entries WHERE region IS NOT NULL ORDER BY position",
        "region_postings": """
            SELECT p.entry_id, p.amount_minor, a.name AS account, a.region, a.currency
            FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id WHERE a.region IS NOT NULL
        """,
        "booked_lines": """
            SELECT l.id, p.id AS proposal_id, b.books, b.books_region, b.books_minor, p.resolution, p.proposed_by, p.decided_by,
                   l.amount_minor, l.currency, l.resolution AS resolved
            FROM line_proposals p JOIN bank_lines l ON l.id = p.line_id
            JOIN LATERAL (
                SELECT 0 AS number, p.books, p.books_region, coalesce(p.books_minor, l.amount_minor) AS books_minor
                WHERE p.books IS NOT NULL
                UNION ALL
                SELECT s.number, s.books, s.books_region, s.books_minor FROM line_parts s WHERE s.proposal_id = p.id AND s.books IS NOT NULL
            ) b ON TRUE
            WHERE p.state = 'confirmed' ORDER BY p.decided_at, p.id, b.number
        """,
        "payees": """
            SELECT id, kind, region, organisation_id, account_key AS account FROM payees
        """,
        "accounts": "SELECT payee_id, version, set_by, set_at, confirmed_by, in_force_at FROM payee_accounts",
        "providers": "SELECT id, region, organisation_id, state, relations FROM providers",
        "provider_steps": "SELECT provider_id, number, state, services, since, until, actor, at FROM provider_steps",
        "applicants": "SELECT application_id, organisation_id, region, relations FROM applicants",
        "orders": """
            SELECT o.id, o.voucher_id, o.region, o.organisation_id, o.provider_id, o.provider_organisation_id, o.service, o.state,
                   o.redeemed_by, o.redeemed_at, o.confirmed_by, o.confirmed_at, d.claim_id, d.payee_id
            FROM orders o LEFT JOIN claim_drafts d ON d.id = o.draft_id
        """,
        "claims_of_orders": """
            SELECT c.id AS claim_id, o.id AS order_id FROM claims c JOIN orders o ON o.draft_id = c.draft_id
        """,
        "invoices": """
            SELECT claim_id, organisation_id, number_key AS number, amount_minor, issued_on, issuer_hash
            FROM claim_evidence WHERE kind = 'invoice' AND number_key IS NOT NULL
        """,
        "claims": """
            SELECT id, voucher_id, organisation_id, region, payee_id, state, requested_minor, granted_minor, decided_by,
                   kind, settled_minor, retained_minor, own_minor, value_minor
            FROM claims
        """,
        "deposits": """
            SELECT voucher_id, region, currency, amount_minor, state, used_minor, left_minor, credit_line_id FROM deposits
        """,
        "balances": "SELECT voucher_id, outcome FROM balances",
        "claim_files": "SELECT id, draft_id, stored_sha256, deleted_at, gone FROM claim_files",
        "disbursements": """
            SELECT id, claim_id, voucher_id, region, currency, amount_minor, own_minor, state, attempt FROM disbursements
        """,
        "attempts": """
            SELECT id, disbursement_id, number, state, payee_id, account_version, prepared_by, prepared_at, approvals_needed, batch_id,
                   returned_on
            FROM attempts
        """,
        "approvals": "SELECT attempt_id, account_version, approver, step FROM approvals",
        "batches": """
            SELECT id, region, policy_id, state, disbursements, total_minor, file_hash, sealed_at, imported_at, removed_at, execution_on,
                   debtor_account
            FROM batches
        """,
        "holds": "SELECT since, lifted_at FROM holds",
        "two_persons": """
            SELECT disbursement_id, proposed_by, decided_by FROM outcome_proofs WHERE state = 'confirmed' AND outcome = 'paid'
            UNION ALL
            SELECT disbursement_id, proposed_by, decided_by FROM line_proposals WHERE state = 'confirmed' AND disbursement_id IS NOT NULL
            UNION ALL
            SELECT s.disbursement_id, p.proposed_by, p.decided_by FROM line_parts s JOIN line_proposals p ON p.id = s.proposal_id
            WHERE p.state = 'confirmed' AND s.disbursement_id IS NOT NULL
            UNION ALL
            SELECT DISTINCT l.disbursement_id, u.proposed_by, u.decided_by
            FROM bank_uploads u JOIN bank_files f ON f.upload_id = u.id JOIN bank_lines l ON l.file_sha256 = f.sha256
            WHERE u.state = 'confirmed' AND l.outcome IN ('applied', 'repeated') AND l.disbursement_id IS NOT NULL
        """,
        "set_aside": """
            SELECT DISTINCT ON (l.id) coalesce(p.disbursement_id, l.disbursement_id) AS disbursement_id,
                   coalesce(p.attempt_id, l.attempt_id) AS attempt_id,
                   CASE p.resolution WHEN 'came-back' THEN l.amount_minor WHEN 'to-come-back' THEN -l.amount_minor ELSE -p.books_minor END
                       AS amount_minor
            FROM line_proposals p JOIN bank_lines l ON l.id = p.line_id
            WHERE p.state = 'confirmed' AND p.resolution = l.resolution AND l.attempt_id IS NOT NULL
              AND p.resolution IN ('to-come-back', 'came-back', 'returned-in-part')
            ORDER BY l.id, p.decided_at DESC
        """,
        "uploads": """
            SELECT u.id, u.proposed_by, u.decided_by, f.sha256
            FROM bank_uploads u LEFT JOIN bank_files f ON f.upload_id = u.id WHERE u.state = 'confirmed'
        """,
        "uploaded_days": """
            SELECT s.account, s.first_day, s.last_day FROM statements s JOIN bank_files f ON f.sha256 = s.file_sha256
            WHERE f.upload_id IS NOT NULL
        """,
        "uploaded_credits": """
            SELECT l.recovery_id, l.amount_minor, l.currency FROM bank_lines l JOIN bank_files f ON f.sha256 = l.file_sha256
            WHERE f.upload_id IS NOT NULL AND l.recovery_id IS NOT NULL AND l.outcome = 'applied'
        """,
        "envelope_changes": """
            SELECT id, call_id, from_call_id, amount_minor, proposed_by, decided_by FROM envelope_changes WHERE state = 'confirmed'
        """,
        "transfers": "SELECT attempt_id, batch_id, disbursement_id FROM batch_transfers",
        "bank_files": "SELECT sha256, state, dismissed FROM bank_files",
        "bank_file_acts": "SELECT file_sha256, act, by FROM bank_file_acts ORDER BY at, id",
        "lines_apart": """
            SELECT file_sha256, amount_minor FROM bank_lines
            WHERE amount_minor IS NOT NULL AND (payment_event = '' OR outcome = 'unmatched')
        """,
        "stored_returns": "SELECT attempt_id FROM bank_lines WHERE outcome = 'unmatched' AND reason = 'recovered-already'",
        "recoveries": """
            SELECT id, voucher_id, attempt_id, region, amount_minor, currency, state, ordered_by, closing_reason,
                   reference, bank_reference
            FROM recoveries
        """,
    },
}
