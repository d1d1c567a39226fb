"""8. Events and ledger are as they were written, and by whom: the hash chains hold and agree with the anchors outside the databases."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from operations.verify.breach import Breach, Found, breaches
from operations.verify.chains import Anchored, HashedRow
from operations.verify.facts import Facts

WHAT = {"events": "event log", "ledger": "ledger"}


def record(facts: Facts) -> list[Breach]:
    return breaches(8, (_links, _unlinked, _anchors, _writers), facts)


def restores(facts: Facts) -> list[str]:
    """What the anchors say about restores: which anchored rows a restored database does not have. No breach, but never hidden."""
    said = []
    for (service, chain), found in facts.chains.items():
        lost = [anchor for anchor, is_lost in _with_fate(found.anchors) if is_lost]
        if lost:
            days = sorted(anchor.day for anchor in lost)
            period = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
            said.append(
                f"The {WHAT[chain]} of {service} was restored from a backup: {len(lost)} anchors of {period} are of rows that it lost."
            )
    return said


def _links(facts: Facts) -> Found:
    """Each link has the hash of the link before it and of the rows that it covers, no more and no fewer."""
    for (service, chain), found in facts.chains.items():
        positions = [row.position for row in found.rows]
        after, begin, previous = 0, 0, ""
        for expected, link in enumerate(found.links, 1):
            end = bisect_right(positions, link.last_position)
            rows = found.rows[begin:end]
            where = f"rows {after + 1} to {link.last_position} (link {link.number})"
            if link.number != expected or link.last_position <= after:
                yield _subject(service, chain), f"its links are not in order: link {link.number} is number {expected}"
                break
            if len(rows) != link.rows:
                yield _subject(service, chain), f"{where}: {len(rows)} rows, {link.rows} were written"
            elif _hash(previous, chain, link.number, link.last_position, rows) != link.hash:
                yield _subject(service, chain), f"{where}: a row was changed, or the link"
            after, begin, previous = link.last_position, end, link.hash


def _unlinked(facts: Facts) -> Found:
    """The newest rows have no link for some seconds, or as long as a transaction lasts."""
    for (service, chain), found in facts.chains.items():
        last = found.links[-1].last_position if found.links else 0
        late = [row.position for row in found.rows if row.position > last and row.late]
        if late:
            yield _subject(service, chain), f"{len(late)} rows from {late[0]} on have had no link for two hours: its worker does not run"


def _anchors(facts: Facts) -> Found:
    """Each anchor that no restore has made void is a link of the chain."""
    for (service, chain), found in facts.chains.items():
        hashes = {link.number: link.hash for link in found.links}
        if found.unreadable:
            yield _subject(service, chain), f"{found.unreadable} lines of its anchors cannot be read"
        for anchor, is_lost in _with_fate(found.anchors):
            if is_lost:
                continue
            if anchor.link not in hashes:
                detail = f"its chain ends with link {len(hashes)}; the anchor of {anchor.day} is of link {anchor.link}"
                yield _subject(service, chain), f"{detail}: rows were removed, or the database is older and no restore says so"
            elif hashes[anchor.link] != anchor.hash:
                yield _subject(service, chain), f"link {anchor.link} is not the one that was anchored on {anchor.day}"


def _writers(facts: Facts) -> Found:
    """A process of the service wrote each event. One that was inserted with the database's password has no true MAC."""
    for service, log in facts.logs.items():
        for event in log:
            if not event.genuine:
                yield _subject(service, "events"), f"{event}: no process of the service wrote it"


def _with_fate(anchors: Sequence[Anchored]) -> Iterator[tuple[Anchored, bool]]:
    """Each anchor, and whether a later restore went back to before it."""
    for number, anchor in enumerate(anchors):
        yield anchor, any(later.restored and later.link < anchor.link for later in anchors[number + 1 :])


def _hash(previous: str, chain: str, number: int, last_position: int, rows: Sequence[HashedRow]) -> str:
    head = f"{previous} {chain} {number} {last_position} {len(rows)} "
    return hashlib.sha256(b"".join([head.encode(), *(row.hash for row in rows)])).hexdigest()


def _subject(service: str, chain: str) -> str:
    return f"{WHAT[chain]} of {service}"
