"""The hash chain over the ledger, which the worker writes."""

from shared.messaging.chain import Chain

LEDGER = Chain(
    "ledger",
    "ledger_entries",
    """jsonb_build_array(r.position, r.id, coalesce(r.call_id::text, r.region), coalesce(r.voucher_id, r.line_id), r.kind,
           extract(epoch FROM r.at), (
           SELECT jsonb_agg(
               jsonb_build_array(coalesce(a.call_id::text, a.region), a.name, a.currency, p.amount_minor) ORDER BY a.call_id, a.name)
           FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id WHERE p.entry_id = r.id))""",
)
"""The hash chain over the entries, each with its postings."""
