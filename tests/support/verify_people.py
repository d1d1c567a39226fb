"""A person with a role and an organisation, for the dataset of `triptych verify`'s tests."""

from uuid import UUID

from services.people.tables import MembershipRow, OrganisationRow, PersonRow, RoleGrantRow
from shared.contracts import people as events
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import MemberRole
from shared.privacy.keys import SubjectKeyRow
from tests.support.verify_cases import START, Dataset


def add_people(dataset: Dataset, region: str) -> dict[str, UUID]:
    """The ids of `person`, `grant`, `organisation` and `membership`, of a `machine`, of who is `gone`, and of two administrators, the
    `chief` by the operator alone."""
    ids = {name: new_id() for name in ("person", "grant", "organisation", "membership")}
    person, organisation = ids["person"], ids["organisation"]
    known = {"issuer": "https://provider.example", "subject": "ada", "registered_by": str(person), "registered_at": START}
    role = {"person_id": person, "role": Role.OFFICER, "region": region}
    profile = {
        "country": "PL",
        "tax_number": "5260001246",
        "name": "A studio",
        "seat": {},
        "size": {},
        "nuts": "PL213",
        "activity_code": "90",
    }
    dataset.add(
        "people",
        PersonRow(id=person, **known),
        OrganisationRow(id=organisation, **profile, registered_by=person, registered_at=START, changed_at=START),
        MembershipRow(id=ids["membership"], organisation_id=organisation, person_id=person, role=MemberRole.OWNER, since=START),
        RoleGrantRow(
            id=ids["grant"], **role, state="granted", valid_from=START, proposed_by="root-1", proposed_at=START, decided_by="root-2",
            decided_at=START,
        ),
    )  # fmt: skip
    dataset.publish(events.PersonRegistered(person_id=person, machine=False), None, actor=str(person))
    period = {"valid_from": START, "valid_until": None}
    for contract, actor in ((events.RoleProposed, "root-1"), (events.RoleGranted, "root-2")):
        dataset.publish(contract(grant_id=ids["grant"], **role, **period), None, actor=actor)
    dataset.publish(events.OrganisationRegistered(organisation_id=organisation, country="PL", person_id=person), None, actor=str(person))
    joined = events.MemberJoined(organisation_id=organisation, person_id=person, role=MemberRole.OWNER, invitation_id=None)
    dataset.publish(joined, None, actor=str(person))
    ids |= _administrators(dataset, region)
    ids["gone"] = _closed(dataset)
    return ids | {"machine": _machine(dataset, region, str(ids["chief"]), str(ids["deputy"]))}


def _closed(dataset: Dataset) -> UUID:
    """Who closed the own account."""
    person, key = new_id(), {"wrapped": b"", "destroyed_at": START}
    row = PersonRow(id=person, issuer="https://provider.example", registered_by=str(person), registered_at=START, ended_at=START)
    dataset.add("people", row, SubjectKeyRow(subject_id=person, **key))
    dataset.publish(events.PersonRegistered(person_id=person, machine=False), None, actor=str(person))
    for contract in (events.PersonEnded, events.PersonErased):
        dataset.publish(contract(person_id=person), None, actor=str(person))
    return person


def _machine(dataset: Dataset, region: str, chief: str, deputy: str) -> UUID:
    """Registered by the chief, with a role that the deputy proposed and a third administrator confirmed."""
    machine, other = new_id(), "root-2"
    role = {"person_id": machine, "role": Role.AUDITOR, "region": region}
    grant = RoleGrantRow(
        id=new_id(), **role, state="granted", valid_from=START, proposed_by=deputy, proposed_at=START, decided_by=other, decided_at=START
    )
    dataset.add("people", PersonRow(id=machine, machine=True, secret_hash="0", registered_by=chief, registered_at=START), grant)
    dataset.publish(events.PersonRegistered(person_id=machine, machine=True), None, actor=chief)
    for contract, actor in ((events.RoleProposed, deputy), (events.RoleGranted, other)):
        dataset.publish(contract(grant_id=grant.id, **role, valid_from=START, valid_until=None), None, actor=actor)
    return machine


def _administrators(dataset: Dataset, region: str) -> dict[str, UUID]:
    ids = {name: new_id() for name in ("chief", "deputy")}
    for name, person in ids.items():
        known = {"issuer": "https://provider.example", "subject": name, "registered_by": str(person), "registered_at": START}
        given, by = {"person_id": person, "role": Role.ADMINISTRATOR, "region": region}, str(ids["chief"])
        decided = {"decided_by": by, "decided_at": START} if name == "deputy" else {}
        grant = RoleGrantRow(
            id=new_id(), **given, state="granted", valid_from=START, proposed_by="operator", proposed_at=START, **decided
        )  # fmt: skip
        dataset.add("people", PersonRow(id=person, **known), grant)
        event = {**given, "grant_id": grant.id, "valid_from": START, "valid_until": None}
        if name == "deputy":
            dataset.publish(events.RoleProposed(**event), None, actor="operator")
        dataset.publish(events.RoleGranted(**event), None, actor=by if name == "deputy" else "operator")
    return ids
