"""The hash chains as they are in the databases and in the anchors: own SQL and own reading of the files, on purpose.

`shared/messaging/chain.py` and `services/payments/jobs/ledger_chain.py` say the same a second time; a change of either is found by every
verification of an installation that has links.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

CONTENT = {
    "events": """
        SELECT position, now() - recorded_at > interval '2 hours' AS late, sha256(convert_to(jsonb_build_array(position,
            extract(epoch FROM recorded_at), event_id, topic, key, type, extract(epoch FROM time), actor, reason, policy_id,
            correlation_id, causation_id, body)::text, 'UTF8')) AS hash
        FROM outbox ORDER BY position
    """,
    "ledger": """
        SELECT e.position, false AS late, sha256(convert_to(jsonb_build_array(e.position, e.id, coalesce(e.call_id::text, e.region),
            coalesce(e.voucher_id, e.line_id), e.kind, extract(epoch FROM e.at), p.postings)::text, 'UTF8')) AS hash
        FROM ledger_entries e LEFT JOIN (
            SELECT p.entry_id, jsonb_agg(jsonb_build_array(coalesce(a.call_id::text, a.region), a.name, a.currency, p.amount_minor)
                ORDER BY a.call_id, a.name) AS postings
            FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id GROUP BY p.entry_id
        ) p ON p.entry_id = e.id
        ORDER BY e.position
    """,
}
LINKS = "SELECT number, last_position, rows, hash FROM chain_links WHERE chain = $1 ORDER BY number"
CHAINS = {
    "applications": ["events"],
    "evaluation": ["events"],
    "payments": ["events", "ledger"],
    "people": ["events"],
    "vouchers": ["events"],
}
ChainKey = tuple[str, str]
"""Service and chain."""


@dataclass(frozen=True, slots=True)
class Link:
    number: int
    last_position: int
    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class HashedRow:
    """`late`: it was written so long ago that a link should cover it, as no transaction lasts longer."""

    position: int
    hash: bytes
    late: bool


@dataclass(frozen=True, slots=True)
class Anchored:
    """A line of an anchor file: the head of a chain on a programme day, or (`restored`) of a restored database."""

    day: str
    link: int
    hash: str
    restored: bool


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """A chain's links and rows by position, and its anchors in the order of their writing. `unreadable`: lines that are no anchors."""

    links: Sequence[Link]
    rows: Sequence[HashedRow]
    anchors: Sequence[Anchored] = field(default_factory=tuple)
    unreadable: int = 0


async def read_chain(database: asyncpg.Connection, chain: str) -> ChainFacts:
    links = [Link(*record) for record in await database.fetch(LINKS, chain)]
    return ChainFacts(links, [HashedRow(row["position"], row["hash"], row["late"]) for row in await database.fetch(CONTENT[chain])])


def read_anchors(folder: Path) -> dict[ChainKey, list[Anchored | None]]:
    """The anchors by service and chain; None for a line that is none, in each chain of its file."""
    found: dict[ChainKey, list[Anchored | None]] = {(service, chain): [] for service, chains in CHAINS.items() for chain in chains}
    for service, chains in CHAINS.items():
        path = folder / f"{service}.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            chain, anchor = _anchored(line)
            for name in chains if anchor is None else [chain]:
                found.setdefault((service, name), []).append(anchor)
    return found


def with_anchors(
    chains: Mapping[ChainKey, ChainFacts], anchors: Mapping[ChainKey, Sequence[Anchored | None]]
) -> dict[ChainKey, ChainFacts]:
    return {
        key: ChainFacts(
            facts.links,
            facts.rows,
            [anchor for anchor in anchors.get(key, ()) if anchor is not None],
            sum(anchor is None for anchor in anchors.get(key, ())),
        )
        for key, facts in chains.items()
    }


def _anchored(line: str) -> tuple[str, Anchored | None]:
    try:
        read = json.loads(line)
        return read["chain"], Anchored(read["day"], int(read["link"]), read["hash"], read["event"] == "restored")
    except (ValueError, TypeError, LookupError):
        return "", None
