"""5, for roles and members: nobody has a role by themselves, or by one person where it takes two; rows say what the events say."""

from collections.abc import Callable
from datetime import datetime

from operations.verify.breach import Found
from operations.verify.facts import Facts, Logged, Row, grouped

OPERATOR = "operator"


def _given_by_two(facts: Facts) -> Found:
    """A role was proposed by one person and confirmed by another, and neither of them has it; who registered a machine did not confirm one
    of the machine, which is no administrator. The operator alone gives a region its first administrator."""
    proposed = {event.body["grant_id"]: event.actor for event in facts.named("RoleProposed")}
    answers = {event.key: event.actor for event in facts.named("PersonRegistered") if event.body["machine"]}
    firsts = _first_administrators(facts)
    for event in facts.named("RoleGranted", "RoleRefused"):
        subject, first = f"person {event.key}", proposed.get(event.body["grant_id"])
        if event.key in (event.actor, first):
            yield subject, f"{event}: {event.body['role']} in {event.body['region']} was decided by the person who has it"
        if event.name == "RoleGranted" and answers.get(event.key) == event.actor:
            yield subject, f"{event}: {event.body['role']} in {event.body['region']} of a machine was decided by who registered it"
        if event.name == "RoleGranted" and event.key in answers and event.body["role"] == "administrator":
            yield subject, f"{event}: a machine is an administrator of {event.body['region']}"
        if event.actor == OPERATOR and event not in firsts:
            yield subject, f"{event}: {event.body['role']} in {event.body['region']} was given by the operator alone"
        elif first in (None, event.actor) and event not in firsts:
            yield subject, f"{event}: {event.body['role']} in {event.body['region']} was given by one person"


def _first_administrators(facts: Facts) -> list[Logged]:
    """Given by the operator while the region had no administrator in force."""
    found, lasting = [], dict[str, Logged]()
    for event in facts.named("RoleGranted", "RoleEnded", "PersonEnded"):
        if event.name == "PersonEnded":
            lasting = {grant: given for grant, given in lasting.items() if given.key != event.key}
        elif event.name == "RoleEnded":
            lasting.pop(event.body["grant_id"], None)
        elif event.body["role"] == "administrator":
            others = [given for given in lasting.values() if given.body["region"] == event.body["region"]]
            if event.actor == OPERATOR and not any(_holds(given, event.time) for given in others):
                found.append(event)
            lasting[event.body["grant_id"]] = event
    return found


def _holds(given: Logged, at: datetime) -> bool:
    until = given.body["valid_until"]
    return datetime.fromisoformat(given.body["valid_from"]) <= at and (until is None or at < datetime.fromisoformat(until))


def _ended_by_operator(facts: Facts) -> Found:
    """The operator, who gives the first administrator alone, does not end the last."""
    lasting = dict[str, Logged]()
    for event in facts.named("RoleGranted", "RoleEnded"):
        if event.name == "RoleGranted":
            lasting[event.body["grant_id"]] = event
            continue
        lasting.pop(event.body["grant_id"], None)
        here = [
            given for given in lasting.values() if (given.body["role"], given.body["region"]) == ("administrator", event.body["region"])
        ]
        if event.actor == OPERATOR and event.body["role"] == "administrator" and not any(_holds(given, event.time) for given in here):
            yield f"person {event.key}", f"{event}: the operator ended the last administrator of {event.body['region']}"


def _role_rows(facts: Facts) -> Found:
    """The state of each role is that of its last event, and each event has its row."""
    names = {"RoleProposed": "proposed", "RoleGranted": "granted", "RoleRefused": "refused", "RoleEnded": "ended"}
    stated = {event.body["grant_id"]: (names[event.name], event.key) for event in facts.named(*names)}
    rows = {row["id"]: (row["state"], row["person_id"]) for row in facts.rows("people.roles")}
    for grant in sorted(stated.keys() | rows.keys()):
        if stated.get(grant) != rows.get(grant):
            yield f"role {grant}", f"is {rows.get(grant)}, its events say {stated.get(grant)}"


def _members(facts: Facts) -> Found:
    """Who acts for an organisation joined by an event, and an organisation has an owner as long as it has members."""
    joined = {(event.key, event.body["person_id"]) for event in facts.named("MemberJoined")}
    for row in facts.rows("people.memberships"):
        if (row["organisation_id"], row["person_id"]) not in joined:
            yield f"organisation {row['organisation_id']}", f"has the member {row['person_id']}, who never joined"
    open_rows = [row for row in facts.rows("people.memberships") if row["ended_at"] is None]
    for organisation, rows in grouped(open_rows, lambda row: row["organisation_id"]).items():
        if not any(row["role"] == "owner" for row in rows):
            yield f"organisation {organisation}", "has members and no owner"


def _closed(facts: Facts) -> Found:
    """A closed account has no role, no membership, no machine, and no sign-in whose tokens could be renewed. Its event says so."""
    by_key = {event.key: event for event in facts.named("PersonEnded")}
    closed = {row["id"] for row in facts.rows("people.persons") if row["ended_at"] is not None}
    for row in facts.rows("people.persons"):
        subject = f"person {row['id']}"
        if (row["id"] in closed) != (row["id"] in by_key):
            yield subject, "is closed without an event" if row["id"] in closed else "is open, but an event says that it was closed"
        if row["machine"] and row["ended_at"] is None and row["registered_by"] in closed:
            yield subject, f"is a machine of the closed account {row['registered_by']}"
    for table, kept in _HELD.items():
        for row in facts.rows(table):
            if row["person_id"] in closed and kept(row):
                yield f"person {row['person_id']}", f"is closed and has {table.partition('.')[2].rstrip('s')} {row['id']}"


_HELD: dict[str, Callable[[Row], bool]] = {
    "people.roles": lambda row: row["state"] == "granted",
    "people.memberships": lambda row: row["ended_at"] is None,
    "people.sign_ins": lambda _: True,
}


def _erased(facts: Facts) -> Found:
    """What was erased is gone, also after a restore: the key of the person, and the hashes that find name and address. An account that an
    administrator closed first keeps the one that shuts it."""
    shut = {event.key for event in facts.named("PersonEnded") if event.actor not in (event.key, OPERATOR)}
    erased = {event.key for event in facts.named("PersonErased")}
    for row in facts.rows("people.persons"):
        subject = f"person {row['id']}"
        if row["id"] in erased and (row["erased_at"] is None or row["ended_at"] is None):
            yield subject, "was erased, and is there again"
        if row["erased_at"] is not None and (row["found_by_address"] or (row["signs_in"] and row["id"] not in shut)):
            yield subject, "was erased, and can be found by name or address"


PEOPLE_CHECKS = (_given_by_two, _ended_by_operator, _role_rows, _members, _closed, _erased)
