"""3, for state aid of linked firms: no award was reserved above the ceiling of a single undertaking, by the links and declarations that
payments knew at that moment (Regulation (EU) 2023/2831, articles 2(2) and 3(2))."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row
from shared.policy.state_aid import union, unlisted, years_before

RESERVED = ("FundsReserved", "AidReserved")
EURO = "EUR"
"""Aid in another currency is left out: its rate is that of its month, so what is found here is found for sure."""


def undertakings(facts: Facts) -> Found:
    """What is left of the undertaking's aid today was there then, and more: so much at least was counted, or should have been."""
    known = _Known(facts)
    for event in facts.named(*RESERVED):
        entry, at = known.entries.get(event.body["voucher_id"]), known.times.get(event.causation_id)
        policy = facts.policies.get(entry["policy_id"]) if entry else None
        if entry is None or at is None or policy is None or entry["state"] == "released":
            continue
        group = known.undertaking(entry["organisation_id"], at)
        if len(group) == 1:
            continue  # without links: `invariant_3_aid`
        since = years_before(_day(entry["reserved_at"]), policy.de_minimis.window_years)
        total = known.aid_minor(group, at, since, entry["member_state"])
        if total > policy.de_minimis.ceiling_minor:
            subject = f"voucher {entry['voucher_id']}"
            yield subject, f"was reserved although its undertaking of {len(group)} firms then had {total} EUR cents of aid"


class _Known:
    """`times`: event → when it took effect in payments, by the clock of its database."""

    def __init__(self, facts: Facts) -> None:
        self.times: dict[str | None, datetime] = {row["event_id"]: row["received_at"] for row in facts.rows("payments.inbox")}
        self.entries = facts.by("payments.aid_entries", "voucher_id")
        self._reserved = {event.body["voucher_id"]: self.times.get(event.causation_id) for event in facts.named(*RESERVED)}
        self._applied = facts.named("ApplicationFoundEligible")
        self._links = _lasting(facts.named("UndertakingLinkRecorded"))
        same = [edge for edge in facts.rows("payments.undertaking_edges") if edge["kind"] == "same-number"]
        self._numbers: dict[str, set[str]] = defaultdict(set)
        for edge in same:
            self._numbers[edge["one_node"].removeprefix("organisation:")].add(edge["other_node"].removeprefix("number:"))

    def before(self, event: Logged, at: datetime) -> bool:
        time = self.times.get(event.event_id)
        return time is not None and time < at

    def undertaking(self, organisation: str, at: datetime) -> set[str]:
        """The organisations that one tax number or a link joins with this one, also through others."""
        applied = {event.body["organisation_id"] for event in self._applied if self.before(event, at)} | {organisation}
        pairs = [(event.body["own_number"], event.body["other_number"]) for event in self._links if self.before(event, at)]
        numbers, size = set(self._numbers[organisation]), 0
        while len(numbers) > size:
            size = len(numbers)
            numbers |= {number for pair in pairs if numbers & set(pair) for number in pair}
        return {one for one in applied if self._numbers[one] & numbers} | {organisation}

    def aid_minor(self, group: set[str], at: datetime, since: date, member_state: str) -> int:
        own: list[Row] = []
        for voucher, entry in self.entries.items():
            time = self._reserved.get(voucher)
            counts = entry["granted_on"] is None or _day(entry["granted_on"]) > since
            ours = entry["organisation_id"] in group and entry["member_state"] == member_state and entry["state"] != "released"
            if ours and counts and time is not None and time <= at:
                own.append(entry)
        of_group = [event for event in self._applied if event.body["organisation_id"] in group and self.before(event, at)]
        declared = union([_declared(event, since) for event in of_group])
        known = [(_day(entry["granted_on"]), entry["amount_minor"]) for entry in own if entry["granted_on"] is not None]
        others: Counter[tuple[date, int]] = unlisted(declared.elements(), known)
        return sum(int(entry["eur_minor"]) for entry in own) + sum(amount * count for (_, amount), count in others.items())


def _declared(event: Logged, since: date) -> list[tuple[date, int]]:
    if event.body["currency"] != EURO:
        return []
    listed = [(_day(aid["granted_on"]), aid["amount_minor"]) for aid in event.body.get("declared_aid") or ()]
    return [aid for aid in listed if aid[0] > since]


def _lasting(links: Iterable[Logged]) -> list[Logged]:
    """Those that nobody has ended."""
    found = list(links)
    ended = {event.body["link_id"] for event in found if event.body.get("valid_until") is not None}
    return [event for event in found if event.body["link_id"] not in ended]


def _day(value: date | datetime | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)
