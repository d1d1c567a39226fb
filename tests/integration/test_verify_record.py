"""Invariant 8: a change, removal or insertion of what was written is found by the hash chains and their anchors."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from operations.verify.chains import Anchored, Link, read_anchors, with_anchors
from operations.verify.check import check
from operations.verify.facts import Facts
from operations.verify.invariant_8_record import restores
from shared.messaging.chain import link_hash
from tests.support.verify_platform import Platform

COPY_OF_AN_EVENT = """
    INSERT INTO outbox (position, event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac)
    OVERRIDING SYSTEM VALUE
    SELECT {position}, gen_random_uuid(), topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac
    FROM outbox WHERE position = 2
"""
POSTING = "SELECT e.id FROM ledger_entries e WHERE position = 2"
TAMPERED = {
    "actor": ("vouchers", "event log", "UPDATE outbox SET actor = 'someone' WHERE position = 2"),
    "body": ("vouchers", "event log", "UPDATE outbox SET body = body || '{\"more\": 1}' WHERE position = 2"),
    "time": ("evaluation", "event log", "UPDATE outbox SET time = time + interval '1 microsecond' WHERE position = 2"),
    "order": ("evaluation", "event log", "UPDATE outbox SET event_id = gen_random_uuid() WHERE position = 1"),
    "event removed": ("applications", "event log", "DELETE FROM outbox WHERE position = 2"),
    "newest event removed": ("applications", "event log", "DELETE FROM outbox WHERE position = (SELECT max(position) FROM outbox)"),
    "event added in the past": ("payments", "event log", COPY_OF_AN_EVENT.format(position=3)),
    "event added before all": ("payments", "event log", COPY_OF_AN_EVENT.format(position=0)),
    "posting": ("payments", "ledger", f"UPDATE ledger_postings SET amount_minor = amount_minor * 2 WHERE entry_id = ({POSTING})"),
    "posting removed": ("payments", "ledger", f"DELETE FROM ledger_postings WHERE entry_id = ({POSTING})"),
    "account": ("payments", "ledger", "UPDATE ledger_accounts SET currency = 'XXX'"),
    "entry removed": ("payments", "ledger", "DELETE FROM ledger_entries WHERE position = 2"),
    "link changed": ("vouchers", "event log", "UPDATE chain_links SET hash = repeat('0', 64) WHERE number = 1"),
    "link removed": ("vouchers", "event log", "DELETE FROM chain_links WHERE number = 1"),
    "newest link removed": ("vouchers", "event log", "DELETE FROM chain_links WHERE number = (SELECT max(number) FROM chain_links)"),
    "all links removed": ("vouchers", "event log", "DELETE FROM chain_links"),
    "no link for a long time": (
        "vouchers",
        "event log",
        "UPDATE outbox SET recorded_at = recorded_at - interval '1 day'",
        "DELETE FROM chain_links",
    ),
}


@pytest.mark.parametrize(("service", "log", "statements"), [(one[0], one[1], one[2:]) for one in TAMPERED.values()], ids=list(TAMPERED))
async def test_changed_record_breaks_its_chain(platform: Platform, service: str, log: str, statements: tuple[str, ...]) -> None:
    facts = await platform.broken(service, *statements, chained=True)
    assert {breach.subject for breach in check(facts) if breach.invariant == 8} == {f"{log} of {service}"}


async def test_mark_of_the_relay_does_not_break_the_chain(platform: Platform) -> None:
    facts = await platform.broken("applications", "UPDATE outbox SET published_at = NULL", chained=True)
    assert [breach for breach in check(facts) if breach.invariant == 8] == []


async def rewritten(platform: Platform) -> Facts:
    """The facts after somebody has removed an event and computed all links again: the chain by itself is correct."""
    facts = await platform.facts()
    found = facts.chains["vouchers", "events"]
    kept = [row for row in found.rows if row.position != 2]
    links = [
        Link(1, kept[-1].position, len(kept), link_hash("", "events", 1, kept[-1].position, [row.hash for row in kept]))
    ]  # fmt: skip
    return replace(facts, chains={**facts.chains, ("vouchers", "events"): replace(found, rows=kept, links=links)})


async def test_rewritten_chain_differs_from_its_anchor(platform: Platform) -> None:
    facts = await rewritten(platform)
    assert {breach.subject for breach in check(facts) if breach.invariant == 8} == {"event log of vouchers"}
    found = facts.chains["vouchers", "events"]
    unanchored = replace(facts, chains={("vouchers", "events"): replace(found, anchors=[])})
    assert [breach for breach in check(unanchored) if breach.invariant == 8] == []


async def test_older_database_is_a_breach_unless_a_restore_says_so(platform: Platform) -> None:
    facts = await platform.facts()
    found = facts.chains["vouchers", "events"]
    older = replace(found, links=found.links[:1], rows=found.rows[:3])
    assert [breach.invariant for breach in check(replace(facts, chains={("vouchers", "events"): older}))] == [8]
    went_back = replace(older, anchors=[*older.anchors, Anchored("2026-03-01", 1, found.links[0].hash, restored=True)])
    restored = replace(facts, chains={("vouchers", "events"): went_back})
    assert check(restored) == []
    assert "was restored from a backup" in restores(restored)[0]
    wrong = replace(went_back, anchors=[*older.anchors, Anchored("2026-03-01", 1, "0" * 64, restored=True)])
    assert [breach.invariant for breach in check(replace(facts, chains={("vouchers", "events"): wrong}))] == [8]


async def test_line_that_is_no_anchor_is_a_breach(platform: Platform, tmp_path: Path) -> None:
    shutil.copytree(platform.anchors, tmp_path / "anchors")
    path = tmp_path / "anchors" / "vouchers.jsonl"
    path.write_text(path.read_text() + '{"day": "2026-01-01", "ch\n')
    facts = await platform.facts()
    facts = replace(facts, chains=with_anchors(facts.chains, read_anchors(tmp_path / "anchors")))
    assert [breach.subject for breach in check(facts)] == ["event log of vouchers"]


async def test_event_that_no_process_wrote_is_found(platform: Platform) -> None:
    """The runtime role may add a row, after which the chain goes on."""
    release = """
        INSERT INTO outbox (event_id, topic, key, type, time, actor, reason, policy_id, correlation_id, body, mac)
        SELECT gen_random_uuid(), topic, key, type, time, 'finance-6', reason, policy_id, correlation_id, body, mac
        FROM outbox WHERE type LIKE '%.BatchReleased.%' LIMIT 1
    """
    found = [breach for breach in check(await platform.broken("payments", release, chained=True)) if breach.invariant == 8]
    assert [(breach.subject, breach.detail.partition("(")[2]) for breach in found] == [
        ("event log of payments", "BatchReleased): no process of the service wrote it")
    ]
