"""What a person gets of what is held about them: all of it, and nothing of others."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect
from sqlmodel import SQLModel

from services.people import tables
from services.people.commands.invite_member import invite_member
from services.people.commands.register_machine import register_machine
from services.people.queries.views import PersonExportView
from shared.identity.actor import Actor, Role
from shared.kernel.vocabulary import MemberRole
from tests.integration.people.conftest import EXCHANGE, NAME, REGION, STUDIO, Desk, Post
from tests.integration.people.mailed_case import Case
from tests.integration.people.test_organisations import joined, registered
from tests.support.evaluation import DRAW, Scene


async def export(desk: Desk, actor: Actor) -> Any:
    return await desk.request(actor, "GET", "/me/export")


async def test_export_has_all_about_the_person(desk: Desk, post: Post) -> None:
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    organisation = (await desk.request(ada, "POST", "/organisations", 201, json=STUDIO))["id"]
    await desk.given(one, two, ada.id, Role.AUDITOR)
    berta = await joined(desk, ada, organisation, "berta")
    await desk.deliver(Case(UUID(organisation), Scene(DRAW)).submitted())
    await post.deliver()
    found = await export(desk, ada)
    profile = {name: found["profile"][name] for name in ("issuer", "subject", "name", "email")}
    assert profile == {"issuer": NAME, "subject": "ada", "name": "ada Example", "email": "ada@people.example"}
    assert [(one["organisation"], one["role"]) for one in found["memberships"]] == [(STUDIO["name"], "owner")]
    assert found["registered_organisations"] == [organisation]
    assert [(role["role"], role["region"], role["proposed_by"], role["decided_by"]) for role in found["roles"]] == [
        ("auditor", REGION, one.id, two.id)
    ]
    assert [(mail["template"], mail["state"], mail["facts"]["revision"]) for mail in found["mails"]] == [("receipt", "sent", 1)]
    assert [(sent["state"], sent["email"]) for sent in found["invitations_sent"]] == [("accepted", None)]
    assert [event["type"] for event in found["events"]] == [
        "people.PersonRegistered.v1", "people.RoleProposed.v1", "people.RoleGranted.v1"
    ]  # fmt: skip
    assert len(found["sign_ins"]) == 1
    received = (await export(desk, berta))["invitations_received"]
    assert [(one["email"], one["invited_by"]) for one in received] == [("berta@people.example", ada.id)]
    machine, _ = await desk.run(register_machine, one, "Accounting")
    assert [one["id"] for one in (await export(desk, one))["machines"]] == [str(machine.id)]


async def test_export_has_nothing_of_others(desk: Desk) -> None:
    """Nor a secret: what opens an account is nobody's datum."""
    ada, organisation = await registered(desk)
    await joined(desk, ada, organisation, "berta")
    _, secret = await desk.run(invite_member, ada, UUID(organisation), "carl@people.example", MemberRole.EDITOR, "en")
    liar = await desk.token(**EXCHANGE, subject_token=desk.id_token("liar", email="carl@people.example", email_verified=False))
    said = str(await export(desk, ada))
    assert not [word for word in ("berta", "carl", secret, "secret") if word in said]
    assert (await export(desk, desk.actor_of(liar["access_token"])))["invitations_received"] == []
    assert (await desk.request(Actor("officer-1", frozenset()), "GET", "/me/export", 403))["code"] == "no-person"


NOT_HELD = {
    "UsedProofRow": "a digest of an ID token, for minutes",
    "RevocationRow": "until when tokens are void, for hours",
    "OrganisationRow": "of the organisation",
    "UndertakingLinkRow": "of the organisation",
    "LinkCorrectionRow": "of the organisation",
    "CaseRow": "of the organisation",
    "CallRow": "of a region",
    "TaskCountRow": "how much waits in a region; what of it waits for a person is in the mails",
    "RoleInvitationRow": "of an address with which nobody has signed in",
}


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (tables.PersonRow, "profile"),
        (tables.SignInRow, "sign_ins"),
        (tables.MembershipRow, "memberships"),
        (tables.RoleGrantRow, "roles"),
        (tables.InvitationRow, "invitations_received"),
        (tables.MailRow, "mails"),
        (tables.ReminderRow, "reminders"),
    ],
)
def test_every_column_is_exported_or_named_here(row: type[SQLModel], part: str) -> None:
    """A column that somebody adds is thought of."""
    annotation = PersonExportView.model_fields[part].annotation
    view = getattr(annotation, "__args__", [annotation])[0]
    left = {
        "profile": {"machine", "secret_hash", "sign_in_key", "email_key", "registered_by", "ended_at", "erasing"},
        "sign_ins": {"person_id", "secret_hash", "mac"},
        "memberships": {"person_id"},
        "roles": {"person_id"},
        "invitations_received": {"secret_hash", "email_key"},
        "mails": {"event_id", "recipient_id", "subject_id", "secret", "first_try_at", "next_try_at"},
        "reminders": {"person_id"},
    }[part]
    columns = {column.key for column in inspect(row).column_attrs} - {"subject_key"}
    assert columns - left - set(view.model_fields) == set()


def test_every_table_is_exported_or_named_here() -> None:
    known = {"PersonRow", "SignInRow", "MembershipRow", "RoleGrantRow", "InvitationRow", "MailRow", "ReminderRow"}
    assert set(tables.__all__) - {"Table"} == known | NOT_HELD.keys()
