"""Every column is encrypted, or declared here to hold nothing that identifies somebody: a new one cannot be forgotten."""

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, Uuid

from services.applications.migrate import MIGRATIONS as APPLICATIONS
from services.evaluation.migrate import MIGRATIONS as EVALUATION
from services.payments.migrate import MIGRATIONS as PAYMENTS
from services.vouchers.migrate import MIGRATIONS as VOUCHERS
from shared.database.base import Instant
from shared.privacy.sealed import SealedColumn
from shared.runtime.migrations import PLATFORM

IDENTIFIES_NOBODY = (Uuid, Integer, Boolean, Date, Instant)
"""Types of ids, numbers, amounts and dates."""

ALL_TABLES = "region state scheme policy_id form_id currency slug selection_method kind outcome"
"""Codes of rules and regions, with one meaning in every table."""
DECLARED = {
    # Codes of the rules, paths of the form, receipts, hashes; persons by their pseudonym (`shared.identity.actor.pseudonym`).
    "applications": {
        "applications": "receipt returned_fields proposed_return_fields return_proposed_by failed_rules decision voucher_outcome "
        "section_versions answer_versions s3_field partner_region transitions voucher_type "  # answers by codes of a list
        "tax_key",  # a keyed hash
        "bulk_acts": "action by results undone_by",
        "call_drafts": "content created_by changed_by submitted_by published_by returned_words",  # of a call, which will be public
        "call_wordings": "title text words written_by",
        "calls": "title content_hash nonce_hash wording series invites_from",  # a call is public
        "erasures": "reason requested_by confirmed_by",
        "files": "question media_type sha256 stored_sha256 scan uploaded_by",  # hashes of whole files, which nobody can guess
        "form_versions": "changed rewritten",
        "imports": "row_key content_hash",
        "legal_holds": "subject_kind reason placed_by lifted_by lifting_reason",
        "officer_notes": "written_by lifted_by",
        "overrules": "rule proposed_by decided_by",
        "providers": "keys",  # keyed hashes
        "readers": "evaluator_id",
        "retention_results": "retention_class reason",
        "scheme_file_proposals": "kind text proposed_by decided_by words",  # rules, which will be public
    },
    # The relations of cases and evaluators are keyed hashes. A list has ids, points and amounts.
    "evaluation": {
        "appeals": "list_hash lodged_by decided_by rescoring",
        "assignments": "evaluator_id conflict_kind scores ended_for",
        "calls": "nonce nonce_hash eligible_hash",
        "cases": "language topics relations criteria failed_rules terms",
        "decisions": "rules",
        "evaluators": "id languages topics relations relations_since registered_by",
        "questions": "asked_by answered_by",
        "randomness": "randomness signature file file_hash given_by",  # of a public beacon
        "rankings": "list_hash list_text seed approved_by outcomes",
        "revised_rankings": "list_hash list_text approved_by outcomes",
        "set_aside_sheets": "evaluator_id scores set_aside_for set_aside_by",
    },
    # Accounts and numbers of invoices are keyed hashes. References of payments are derived from ids. Debtor accounts are the agency's own.
    "payments": {
        "bank_files": "sha256 name message reason place",
        "bank_file_acts": "file_sha256 act reason by",
        "bank_uploads": "sha256 name message reason place proposed_by decided_by",
        "bank_lines": "file_sha256 reason payment_event bank_reason bank_reference end_to_end_id instr_id pmt_inf_id "
        "resolution resolved_by evidence",
        "statements": "file_sha256 account",
        "batches": "debtor_account file_hash sealed_by released_by",
        "claims": "decided_by rules",
        "claim_lines": "checked_by",
        "claim_files": "media_type sha256 stored_sha256 scan uploaded_by",
        "claim_evidence": "sha256 number_key issuer_hash",
        "attempts": "prepared_by bank_reason bank_reference booked_by enquired_by rejection_confirmed_by",
        "aid_entries": "member_state regulation rate_id per_euro register_number registered_by",
        "aid_applicants": "member_state regulation activity_code",
        "undertaking_edges": "one_node other_node",
        "approvals": "approver payment_hash",
        "deposits": "reference",
        "guarantees": "reference",  # the number that a bank has given its guarantee
        "envelope_changes": "reason proposed_by decided_by",
        "envelopes": "published_by confirmed_by series",
        "expenditure_reports": "rate_id made_by",
        "line_proposals": "resolution reason proposed_by decided_by books books_region",
        "line_parts": "resolution books books_region",
        "outcome_proofs": "bank_reference reason media_type sha256 scan proposed_by decided_by",
        "rates": "id per_euro",
        "ledger_accounts": "name",
        "payees": "account_key account_set_by",
        "payee_accounts": "account_key set_by confirmed_by",
        "account_proposals": "account_key reason proposed_by decided_by",
        "recoveries": "reason ordered_by closing_reason reference bank_reference",
        "orphan_orders": "voucher_code",
        "holds": "reason lifted_by assurance",
        "provider_changes": "provider_hash",
        "providers": "country tax_key relations services approved_services applied_by decided_by",
        "provider_steps": "services actor",
        "applicants": "relations",
        "orders": "service placed_by redeemed_by confirmed_by",
        "relations": "kind hash",
        "value_changes": "rule",
        "vouchers": "code payment_mode closure_reason terms",
    },
    # Steps keep what a workflow gets: ids, instants, words. Sessions are published: they say who leads them by function.
    "vouchers": {
        "attendance_corrections": "proposed_by decided_by",
        "bookings": "recorded_by decided_by",
        "capacities": "unit published_by confirmed_by",
        "capacity_changes": "unit reason proposed_by decided_by",
        "capacity_entries": "source target",
        "holdings": "unit",
        "sessions": "title place mentor planned_by cancelled_by cancelled_reason",
        "changes": "requested_by decided_by provider_hash refused_rule",
        "reports": "sent_by",
        "awards": "terms",
        "vouchers": "code agreement_hash terms refused_rule",
        "extensions": "actor reason",
        "steps": "workflow_id run_id name result",
        "late_signals": "workflow_id signal",
        "batches": "awaits answered",
    },
    # Events hold ids only (tests/contracts). A message that was refused is kept as it came, whatever a stranger wrote into it.
    "every database": {
        "subject_keys": "wrapped",
        "acts": "duty actor",
        "outbox": "topic type actor reason body mac traceparent",
        "outbox_checkpoints": "topic key_id",
        "chain_links": "chain hash",
        "parked": "awaits detail headers topic key body",
        "dead_letters": "headers topic key body error",
        "access_log": "reader permission shown",
        "idempotency": "actor_id route key input_hash",
        "scheme_files": "kind text",  # rules, which are public
    },
}
DATABASES: dict[str, list[MetaData]] = {
    "applications": [APPLICATIONS.tables], "evaluation": [EVALUATION.tables], "payments": [PAYMENTS.tables], "vouchers": [VOUCHERS.tables],
    "every database": PLATFORM,
}  # fmt: skip


def undeclared(table: Table, declared: str) -> set[str]:
    """The columns that are neither encrypted, nor declared, nor of a type that identifies nobody."""
    return {column.name for column in table.columns if not _is_safe(column)} - {*declared.split(), *ALL_TABLES.split()}


def _is_safe(column: Column[object]) -> bool:
    return isinstance(column.type, (SealedColumn, *IDENTIFIES_NOBODY))


@pytest.mark.parametrize("database", DATABASES)
def test_every_column_is_encrypted_or_declared(database: str) -> None:
    tables = {table.name: table for metadata in DATABASES[database] for table in metadata.tables.values()}
    declared = {name: DECLARED[database].get(name, "") for name in tables}
    assert {name: found for name, table in tables.items() if (found := undeclared(table, declared[name]))} == {}
    gone = {f"{name}.{column}" for name, columns in declared.items() for column in columns.split() if column not in tables[name].columns}
    assert gone == set()
    assert DECLARED[database].keys() <= tables.keys()


def test_column_that_is_forgotten_is_found() -> None:
    table = Table("forms", MetaData(), Column("id", Uuid), Column("state", String), Column("name", String), Column("kept", SealedColumn()))
    assert undeclared(table, "") == {"name"}
