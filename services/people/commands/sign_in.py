"""A proof of a sign-in becomes a session with tokens; a person who signs in for the first time is registered."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.people.domain.persons import person_ended
from services.people.domain.secrets import hash_of
from services.people.domain.sign_ins import SIGN_IN, Proof, name_at_provider
from services.people.queries.revocations import voided_sign_ins_until
from services.people.queries.sign_ins import mac_of, signed_out
from services.people.steps.events import publish_people_event
from services.people.steps.roles import take_up_invitations
from services.people.steps.secrets import new_secret
from services.people.tables import PersonRow, SignInRow, UsedProofRow
from shared.contracts.people import PersonRegistered
from shared.database.locks import lock_names
from shared.database.sealing import sealer_of
from shared.identity.actor import Actor
from shared.kernel.errors import Unauthenticated
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.privacy.sealed import digest_of


async def sign_in(context: Context, proof: Proof, real_now: float) -> tuple[SignInRow, str]:
    """The session, and the secret that renews its tokens.

    `Unauthenticated` 'sign-in-used' for a proof that was taken before, 'sign-in-too-old' for a sign-in that is over or was ended;
    `Forbidden` 'person-ended'.
    """
    await _use_up(context, proof)
    key = digest_of(context.session, "sign_in_key", name_at_provider(proof.issuer, proof.subject))
    await lock_names(context.session, [f"person {key}"])
    person = await context.session.scalar(select(PersonRow).where(col(PersonRow.sign_in_key) == key))
    if person is None:
        person = await _register(context, proof)
    elif person.ended_at is not None:
        raise person_ended()
    elif (person.issuer, person.subject) != (proof.issuer, proof.subject):  # a key of the index that was put into another person's row
        raise signed_out()
    ends_at = datetime.fromtimestamp(proof.signed_in_at, UTC) + SIGN_IN
    if ends_at.timestamp() <= real_now or proof.signed_in_at < await voided_sign_ins_until(context, person.id):
        raise Unauthenticated("sign-in-too-old", "This sign-in was too long ago. Sign in again.")
    _take_over(context, person, proof)
    await take_up_invitations(context, person)
    secret = new_secret()
    signed_in_at = datetime.fromtimestamp(proof.signed_in_at, UTC)
    session = SignInRow(
        id=new_id(), person_id=person.id, client=proof.client, signed_in_at=signed_in_at, ends_at=ends_at, secret_hash=hash_of(secret)
    )
    session.mac = mac_of(sealer_of(context.session), session)
    context.session.add(session)
    await context.session.flush()
    return session, secret


async def _use_up(context: Context, proof: Proof) -> None:
    """Of two that bring the same proof at the same moment, the second waits for the first, and is refused. A refusal of the sign-in takes
    back the use."""
    until = datetime.fromtimestamp(proof.usable_until, UTC)
    write = insert(UsedProofRow).values(digest=proof.digest, until=until).on_conflict_do_nothing()
    if (await context.session.execute(write.returning(col(UsedProofRow.digest)))).first() is None:
        raise Unauthenticated("sign-in-used", "This sign-in was used already. Sign in again.")


async def _register(context: Context, proof: Proof) -> PersonRow:
    person_id = new_id()
    person = PersonRow(
        id=person_id, issuer=proof.issuer, subject=proof.subject, language=proof.language, registered_by=str(person_id),
        registered_at=context.now,
    )  # fmt: skip
    context.session.add(person)
    await context.session.flush()
    as_person = replace(context, actor=Actor(str(person_id), frozenset()))
    publish_people_event(as_person, PersonRegistered(person_id=person_id, machine=False), "first-sign-in")
    return person


def _take_over(context: Context, person: PersonRow, proof: Proof) -> None:
    """Name and address are the provider's to say; what it does not say stays. What came back from another address is no matter of this."""
    if proof.email and person.email and proof.email != person.email:
        person.email_since = context.now
    if proof.name and proof.name != person.name:
        person.name = proof.name
    if proof.email and (proof.email, proof.email_verified) != (person.email, person.email_verified):
        person.email, person.email_verified = proof.email, proof.email_verified
