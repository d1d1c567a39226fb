"""Drafts that are begun at the same moment, in one transaction with one statement for each step.

Only what needs nothing else is taken along: a draft in a call that is not closed and invites nobody, of an organisation that nobody else
works on and of which nobody else is a member. All else, and all that a rule refuses, is left to `commands.draft_application`, which says
why.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from services.applications.locks import FreeCall
from services.applications.steps.members import COUNTS_AFTER_LEAVING
from services.applications.tables import ApplicationRow
from shared.database.together import plan_once
from shared.identity.duties import Duty
from shared.kernel.vocabulary import ApplicationState, CallState
from shared.messaging.acts import NOT_SEPARATE, duties_apart
from shared.messaging.context import Context
from shared.privacy.keys import new_wrapped_key
from shared.privacy.sealed import closed

_TAKE_FREE = text(f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:organisations AS uuid[]), CAST(:calls AS uuid[])) AS asked (organisation_id, call_id)
    ), held AS MATERIALIZED (
        SELECT organisation_id FROM (SELECT DISTINCT organisation_id FROM asked) AS one
        WHERE pg_try_advisory_xact_lock(hashtextextended(CAST(organisation_id AS text), 0))
    )
    SELECT asked.organisation_id, call.id, call.region, call.policy_id, call.form_id, call.currency, call.closes_at, subject.wrapped,
        (SELECT count(*) FROM (
            SELECT call_id, sequence FROM applications WHERE organisation_id = asked.organisation_id OFFSET 0
        ) AS own WHERE own.call_id = asked.call_id AND own.sequence IS NULL) AS begun
    FROM asked
    JOIN held ON held.organisation_id = asked.organisation_id
    CROSS JOIN LATERAL (
        SELECT id, region, policy_id, form_id, currency, closes_at FROM calls
        WHERE id = asked.call_id AND state <> '{CallState.CLOSED}' AND invites_from IS NULL OFFSET 0
    ) AS call
    LEFT JOIN LATERAL (SELECT wrapped FROM subject_keys WHERE subject_id = asked.organisation_id OFFSET 0) AS subject ON TRUE
    WHERE subject.wrapped IS NULL OR subject.wrapped <> ''
""")
"""Row by row, as `submissions` does."""
_STORE = text(f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:calls AS uuid[]), CAST(:regions AS text[]), CAST(:organisations AS uuid[]), CAST(:actors AS text[]),
            CAST(:forms AS bytea[]), CAST(:titles AS bytea[]), CAST(:notes AS bytea[]), CAST(:requested AS bigint[]),
            CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:fields AS text[]), CAST(:partners AS text[]),
            CAST(:transitions AS text[]), CAST(:new_keys AS bytea[]), CAST(:keys AS text[]), CAST(:hashes AS text[])
        ) AS given (id, call_id, region, organisation_id, actor, form, title, return_note, requested_minor, starts_on, ends_on, s3_field,
            partner_region, transitions, new_key, key, input_hash)
    ), clear AS MATERIALIZED (
        SELECT * FROM given WHERE NOT {NOT_SEPARATE} AND NOT EXISTS (
            SELECT FROM members AS member WHERE member.organisation_id = given.organisation_id
                AND CAST(member.person_id AS text) <> given.actor
                AND (NOT member.has_left OR member.changed_at > CAST(:counts_from AS timestamptz)) OFFSET 0
        )
    ), made AS (
        INSERT INTO subject_keys (subject_id, wrapped)
        SELECT organisation_id, new_key FROM clear WHERE new_key IS NOT NULL ORDER BY organisation_id
        ON CONFLICT DO NOTHING RETURNING subject_id
    ), claimed AS (
        INSERT INTO idempotency (actor_id, route, key, input_hash, made_id)
        SELECT actor, CAST(:route AS text), key, input_hash, id FROM clear
        WHERE new_key IS NULL OR organisation_id IN (SELECT subject_id FROM made) ORDER BY actor, key
        ON CONFLICT DO NOTHING RETURNING made_id
    )
    INSERT INTO applications (id, call_id, region, organisation_id, state, form, title, return_note, section_versions, answer_versions,
        created_at, changed_at, revision, requested_minor, starts_on, ends_on, s3_field, partner_region, transitions, returns,
        returned_fields, failed_rules)
    SELECT id, call_id, region, organisation_id, '{ApplicationState.DRAFT}', form, title, return_note,
        CAST('{{}}' AS jsonb), CAST('{{}}' AS jsonb), CAST(:now AS timestamptz), CAST(:now AS timestamptz), 0, requested_minor, starts_on,
        ends_on, s3_field, partner_region, CAST(transitions AS jsonb), 0, CAST('[]' AS jsonb), CAST('[]' AS jsonb)
    FROM clear WHERE id IN (SELECT made_id FROM claimed)
    RETURNING id
""")
"""A key that is known, of a request or of an organisation, leaves its draft: the command for one waits for it, and reads it."""
_SEPARATE = duties_apart(Duty.APPLY)
_SEALED = ("form", "title", "return_note")


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft that is not stored, by the actor of `context`; `key` and `input_hash` are those of its request."""

    context: Context
    call: FreeCall
    row: ApplicationRow
    key: str
    input_hash: str


async def take_free_calls(context: Context, asked: Collection[tuple[UUID | None, UUID]]) -> dict[tuple[UUID | None, UUID], FreeCall]:
    """By organisation and call; nothing for who has no organisation."""
    await plan_once(context.session)
    values = {"organisations": [organisation for organisation, _ in asked], "calls": [call for _, call in asked]}
    return {(row.organisation_id, row.id): FreeCall(*row) for row in await context.session.execute(_TAKE_FREE, values)}


async def store_drafts(context: Context, drafts: Sequence[Begun], route: str) -> set[UUID]:
    """Stores those that no act, no other member and no key excludes; their ids."""
    session, rows = context.session, [one.row for one in drafts]
    new = {one.row.organisation_id: new_wrapped_key(session, one.row.organisation_id) for one in drafts if one.call.wrapped is None}
    keys = {one.row.organisation_id: one.call.wrapped or new[one.row.organisation_id] for one in drafts}

    sealed = [
        closed(session, ApplicationRow, row, keys[row.organisation_id], {name: getattr(row, name) for name in _SEALED}) for row in rows
    ]

    def plain(column: str) -> list[Any]:
        return [getattr(row, column) for row in rows]

    values = {
        "ids": plain("id"),
        "calls": plain("call_id"),
        "regions": plain("region"),
        "organisations": plain("organisation_id"),
        "actors": [one.context.actor.id for one in drafts],
        "forms": [one["form"] for one in sealed],
        "titles": [one.get("title") for one in sealed],
        "notes": [one["return_note"] for one in sealed],
        "requested": plain("requested_minor"),
        "starts": plain("starts_on"),
        "ends": plain("ends_on"),
        "fields": plain("s3_field"),
        "partners": plain("partner_region"),
        "transitions": [None if row.transitions is None else orjson.dumps(row.transitions).decode() for row in rows],
        "new_keys": [new.get(row.organisation_id) for row in rows],
        "keys": [one.key for one in drafts],
        "hashes": [one.input_hash for one in drafts],
    }
    facts = {"route": route, "now": context.now, "counts_from": context.now - COUNTS_AFTER_LEAVING, **_SEPARATE}
    return set(await session.scalars(_STORE, values | facts))
