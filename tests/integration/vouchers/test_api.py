"""The routes: permissions, answers, refusals."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from deploy.embedded.servers import Temporal
from services.vouchers.commands.book_session import book_session
from services.vouchers.commands.propose_capacity_change import propose_capacity_change
from services.vouchers.commands.propose_correction import propose_correction
from services.vouchers.commands.record_attendance import answer_attendance, record_attendance
from services.vouchers.commands.request_change import request_change
from services.vouchers.deadlines.commands.plan_call import plan_call
from services.vouchers.domain.changes import ChangeKind, Wish
from services.vouchers.domain.stages import Stage, VoucherStatus, status_of
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.tables import VoucherRow
from services.vouchers.temporal import connect
from services.vouchers.temporal_worker import worker_of
from shared.contracts.applications import CallPublished
from shared.contracts.vouchers import VoucherAccepted
from shared.identity.actor import SYSTEM, Role
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import SelectionMethod
from tests.integration.vouchers.conftest import APPLICANT, AUDITOR, KORTRIJK, OFFICER, ORGANISATION, Desk
from tests.integration.vouchers.in_kind import HOST, HOUR, MENTOR, OTHER_OFFICER, open_call, session, voucher_of_hours
from tests.support.desk import SEALING
from tests.support.documents import read_pdf
from tests.support.routes import Example, Route, assert_guarded

DAY = timedelta(days=1)
ROOT = "/api/vouchers"


async def publish_call(desk: Desk) -> CallPublished:
    now = desk.clock.now()
    event = CallPublished(
        call_id=new_id(),
        region=KORTRIJK,
        slug="a-call",
        scheme=desk.policy.scheme,
        policy_id=desk.policy.id,
        selection_method=SelectionMethod.DRAW,
        currency="EUR",
        envelope_minor=1,
        opens_at=now + DAY,
        closes_at=now + 30 * DAY,
        evaluation_due_at=now + 60 * DAY,
        reserve_list_ends_at=now + 90 * DAY,
    )
    await desk.run(plan_call, SYSTEM, event)
    return event


async def test_every_route_refuses_the_wrong_callers(desk: Desk) -> None:
    await assert_guarded(desk.client, desk.app, desk.issuer.mint, await examples(desk))


async def examples(desk: Desk) -> dict[Route, Example]:
    offer, other, issued, mine = [await desk.voucher(stage) for stage in (Stage.OFFERED, Stage.OFFERED, Stage.ISSUED, Stage.ISSUED)]
    mine_too = await desk.voucher(Stage.ISSUED)
    wish = Wish(ChangeKind.PROVIDER, provider="Another studio", provider_hash="2:ab")
    change = await desk.run(request_change, APPLICANT, mine_too.id, wish, "The first one closed.")
    provider = {"kind": "amount", "amount_minor": 400_000, "explanation": "It became cheaper."}
    reported = await desk.voucher(Stage.ISSUED)
    call = await publish_call(desk)
    later = (desk.clock.now() + 200 * DAY).isoformat()

    def about(voucher_id: object, **more: object) -> Example:
        return Example(KORTRIJK, path={"voucher_id": voucher_id}, organisation=ORGANISATION, **more)  # type: ignore[arg-type]

    hours = await examples_of_hours(desk)
    reason, one = {"reason": "a-reason"}, f"{ROOT}/vouchers/{{voucher_id}}"
    return {
        ("GET", f"{ROOT}/vouchers"): Example(unbound="a list shows the caller's own regions"),
        ("GET", one): about(offer.id),
        ("GET", f"{ROOT}/vouchers/by-code/{{code}}"): Example(KORTRIJK, path={"code": issued.code}, organisation=ORGANISATION),
        ("GET", f"{one}/lifecycle"): about(offer.id),
        ("GET", f"{one}/agreement"): about(offer.id),
        ("POST", f"{one}/acceptance"): about(offer.id),
        ("POST", f"{one}/decline"): about(other.id),
        ("POST", f"{one}/suspension"): about(issued.id, json=reason),
        ("POST", f"{one}/resumption"): about(issued.id, json=reason),
        ("POST", f"{one}/extension"): about(issued.id, json={**reason, "valid_until": later}),
        ("POST", f"{one}/revocation"): about(issued.id, json=reason),
        ("POST", f"{one}/withdrawal"): about(mine.id, json=reason),
        ("POST", f"{one}/changes"): about(mine_too.id, json=provider),
        ("GET", f"{ROOT}/changes"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{ROOT}/changes/{{change_id}}"): Example(KORTRIJK, path={"change_id": change.id}, organisation=ORGANISATION),
        ("POST", f"{ROOT}/changes/{{change_id}}/decision"): Example(
            KORTRIJK, path={"change_id": change.id}, json={"granted": False, "reason": "No."}
        ),
        ("GET", f"{one}/report"): about(reported.id),
        ("PUT", f"{one}/report"): about(reported.id, json={"version": 0, "answers": {"jobs.created": 5}}),
        ("POST", f"{one}/report/submission"): about(reported.id),
        ("POST", f"{one}/report/acceptance"): about(reported.id),
        ("POST", f"{one}/report/return"): about(reported.id, json={"note": "The figures are missing."}),
        ("GET", f"{ROOT}/reports"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{ROOT}/calls/{{call_id}}/calendar"): Example(KORTRIJK, path={"call_id": call.call_id}),
        ("GET", f"{ROOT}/calls/{{call_id}}/milestones"): Example(KORTRIJK, path={"call_id": call.call_id}),
        ("GET", f"{ROOT}/desk"): Example(unbound="counts of what the caller may see"),
        ("GET", f"{ROOT}/figures"): Example(unbound="sums and counts of all regions"),
        ("GET", f"{ROOT}/lookup"): Example(KORTRIJK, query={"ref": str(offer.award_id)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/subjects/{{organisation_id}}/erasure"): Example(unbound="what one may see", path={"organisation_id": UUID(int=1)}),
        ("GET", f"{ROOT}/history/{{case_id}}"): Example(KORTRIJK, path={"case_id": offer.application_id}, role=Role.AUDITOR),
        **hours,
    }


async def examples_of_hours(desk: Desk) -> dict[Route, Example]:
    """Of what is no money. The host of a session is another organisation than the beneficiary."""
    call_id, unconfirmed = await open_call(desk, awards=9), await open_call(desk, confirmed=False)
    more = {"vouchers": 2, "reason": "The mentor has more time."}
    proposed = [await desk.run(propose_capacity_change, OTHER_OFFICER, await open_call(desk), *more.values()) for _ in range(2)]
    change = f"{ROOT}/capacity-changes/{{change_id}}"
    voucher = await voucher_of_hours(desk, call_id)
    assert voucher.code is not None
    now = desk.clock.now()
    free, dropped, led = [await session(desk, call_id, now + day * DAY) for day in (20, 21, 22)]
    booked = [
        (await desk.run(book_session, APPLICANT, voucher.id, (await session(desk, call_id, now - DAY + n * HOUR + 2 * DAY)).id)).id
        for n in range(0, 12, 2)
    ]
    given_up = (await desk.run(book_session, APPLICANT, voucher.id, led.id)).id
    at = desk.clock.instant
    desk.clock.instant = at + 3 * DAY
    for booking in booked[1:]:
        await desk.run(record_attendance, MENTOR, booking, 0, None)
    await desk.run(answer_attendance, APPLICANT, booked[3], "I was there.")
    for booking in booked[4:]:
        await desk.run(answer_attendance, APPLICANT, booking, None)
    await desk.run(propose_correction, OFFICER, booked[5], 30, "Typed wrongly.")
    begins = (desk.clock.instant + DAY).isoformat()
    plan = {"title": "One", "place": "Here", "mentor": "Designer", "starts_at": begins, "seats": 1}
    plan["ends_at"] = (desk.clock.instant + DAY + HOUR).isoformat()

    def on(booking: UUID, json: object = None, organisation: UUID = ORGANISATION, **more: object) -> Example:
        return Example(KORTRIJK, path={"booking_id": booking}, json=json, organisation=organisation, **more)  # type: ignore[arg-type]

    calls, booking = f"{ROOT}/calls/{{call_id}}", f"{ROOT}/bookings/{{booking_id}}"
    return {
        ("GET", f"{ROOT}/capacities"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{calls}/capacity"): Example(KORTRIJK, path={"call_id": call_id}),
        ("POST", f"{calls}/capacity/confirmation"): Example(KORTRIJK, path={"call_id": unconfirmed}),
        ("POST", f"{calls}/capacity/changes"): Example(KORTRIJK, path={"call_id": call_id}, json=more),
        ("GET", f"{ROOT}/capacity-changes"): Example(unbound="a list shows the caller's own regions"),
        ("POST", f"{change}/decision"): Example(KORTRIJK, path={"change_id": proposed[0].id}, json={"confirmed": True}),
        ("POST", f"{change}/withdrawal"): Example(KORTRIJK, path={"change_id": proposed[1].id}),
        ("POST", f"{calls}/sessions"): Example(KORTRIJK, path={"call_id": call_id}, json=plan),
        ("GET", f"{ROOT}/session-register"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{ROOT}/sessions"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{ROOT}/sessions/{{session_id}}"): Example(KORTRIJK, path={"session_id": free.id}),
        ("GET", f"{ROOT}/sessions/{{session_id}}/bookings"): Example(KORTRIJK, path={"session_id": free.id}, organisation=HOST),
        ("POST", f"{ROOT}/sessions/{{session_id}}/cancellation"): Example(
            KORTRIJK, path={"session_id": dropped.id}, json={"reason": "The mentor is ill."}
        ),
        ("GET", f"{ROOT}/vouchers/{{voucher_id}}/attendance"): Example(
            KORTRIJK, path={"voucher_id": voucher.id}, organisation=ORGANISATION
        ),
        ("POST", f"{ROOT}/vouchers/{{voucher_id}}/bookings"): Example(
            KORTRIJK, path={"voucher_id": voucher.id}, json={"session_id": str(free.id)}, organisation=ORGANISATION
        ),
        ("GET", f"{ROOT}/bookings"): Example(unbound="a list shows the caller's own regions"),
        ("GET", f"{ROOT}/bookings/by-code/{{code}}"): Example(unbound="what the caller may record", path={"code": voucher.code}),
        ("GET", booking): on(booked[1]),
        ("POST", f"{booking}/cancellation"): on(given_up),
        ("POST", f"{booking}/attendance"): on(booked[0], {"minutes": 0}, HOST, role=Role.APPLICANT, actor="mentor"),
        ("POST", f"{booking}/confirmation"): on(booked[1]),
        ("POST", f"{booking}/objection"): on(booked[2], {"words": "I was there."}),
        ("POST", f"{booking}/decision"): on(booked[3], {"minutes": 30}),
        ("POST", f"{booking}/correction"): on(booked[4], {"minutes": 30, "reason": "Typed wrongly."}),
        ("POST", f"{booking}/correction/decision"): on(booked[5], {"confirmed": False}),
    }


async def test_acceptance_repeated_publishes_once(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    for _ in range(2):
        answer = await desk.request(APPLICANT, "POST", f"/vouchers/{offer.id}/acceptance")
        assert answer["state"] == "accepted"
    refusal = await desk.request(APPLICANT, "POST", f"/vouchers/{offer.id}/decline", 409)
    assert refusal["code"] == "not-offered"
    assert (await desk.published(key=offer.id)).count("VoucherAccepted") == 1


async def test_acceptance_records_the_terms_that_were_shown(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    shown = (await desk.request(APPLICANT, "GET", f"/vouchers/{offer.id}"))["terms"]
    assert (shown["amount_minor"], shown["cost_minor"], shown["own_minor"]) == (500_000, 1_666_667, 1_166_667)
    assert desk.issuer is not None
    assert desk.client is not None
    headers = {"Authorization": f"Bearer {desk.issuer.mint(APPLICANT)}", "Accept-Language": "en"}
    before = read_pdf((await desk.client.get(f"{ROOT}/vouchers/{offer.id}/agreement", headers=headers)).content)
    assert shown["sha256"] in before.text
    assert "It can be accepted until" in before.text
    accepted = await desk.request(APPLICANT, "POST", f"/vouchers/{offer.id}/acceptance")
    assert (accepted["agreement_hash"], accepted["acts_next"], accepted["until"]) == (shown["sha256"], "platform", None)
    [event] = await desk.events(VoucherAccepted, key=offer.id)
    assert event.body["agreement_hash"] == shown["sha256"]
    after = read_pdf((await desk.client.get(f"{ROOT}/vouchers/{offer.id}/agreement", headers=headers)).content)
    assert "Recorded at the acceptance" in after.text


async def test_extension_keeps_the_old_dates(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    assert voucher.valid_until is not None
    wish = {"valid_until": (voucher.valid_until + 30 * DAY).isoformat(), "reason": "provider-late"}
    for _ in range(2):
        answer = await desk.request(OFFICER, "POST", f"/vouchers/{voucher.id}/extension", json=wish)
        assert answer["extensions"] == 1
    detail = await desk.request(AUDITOR, "GET", f"/vouchers/{voucher.id}")
    [extension] = detail["history"]
    assert extension["previous_valid_until"] == voucher.valid_until.isoformat().replace("+00:00", "Z")
    assert (extension["actor"], extension["reason"]) == ("officer", "provider-late")
    wish["valid_until"] = (voucher.valid_until + 60 * DAY).isoformat()
    refusal = await desk.request(OFFICER, "POST", f"/vouchers/{voucher.id}/extension", 409, json=wish)
    assert refusal["code"] == "extensions-used-up"


async def test_extension_beyond_the_policy_names_the_field(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    wish = {"valid_until": "2028-01-01T00:00:00Z", "reason": "provider-late"}
    refusal = await desk.request(OFFICER, "POST", f"/vouchers/{voucher.id}/extension", 422, json=wish)
    assert (refusal["code"], refusal["errors"][0]["field"]) == ("extension-too-long", "valid_until")


async def test_code_is_found_in_lower_case(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    assert voucher.code is not None
    found = await desk.request(APPLICANT, "GET", f"/vouchers/by-code/{voucher.code.lower()}")
    assert found["id"] == str(voucher.id)
    wrong = voucher.code[:-1] + ("A" if voucher.code[-1] != "A" else "B")
    assert (await desk.request(APPLICANT, "GET", f"/vouchers/by-code/{wrong}", 422))["code"] == "wrong-code"


async def test_list_is_filtered_and_shows_applicants_their_own(desk: Desk) -> None:
    offer, _ = await desk.voucher(Stage.OFFERED), await desk.voucher(Stage.ISSUED)
    assert (await desk.request(OFFICER, "GET", "/vouchers"))["total"] == 2
    assert [item["id"] for item in (await desk.request(APPLICANT, "GET", "/vouchers?state=offered"))["items"]] == [str(offer.id)]
    assert (await desk.request(OFFICER, "GET", f"/vouchers?call_id={offer.call_id}&sort=amount_minor"))["total"] == 1
    stranger = replace(APPLICANT, id="stranger", organisation_id=new_id())
    assert (await desk.request(stranger, "GET", "/vouchers"))["total"] == 0


async def test_vouchers_at_risk_are_found(desk: Desk) -> None:
    accepted, voucher = await desk.voucher(Stage.ACCEPTED), await desk.voucher(Stage.ISSUED)
    assert voucher.issued_at is not None
    assert voucher.valid_until is not None

    async def at(risk: str, instant: datetime) -> list[str]:
        desk.clock.instant = instant
        found = [item["id"] for item in (await desk.request(OFFICER, "GET", f"/vouchers?risk={risk}"))["items"]]
        assert (await desk.request(OFFICER, "GET", "/desk"))[risk]["count"] == len(found)
        return found

    month, day = timedelta(days=30), timedelta(days=1)
    assert await at("silent", voucher.issued_at + 2 * month) == []
    assert await at("silent", voucher.issued_at + 2 * month + day) == [str(voucher.id)]
    assert await at("expiring", voucher.valid_until - month) == []
    assert await at("expiring", voucher.valid_until - month + day) == [str(voucher.id)]
    assert await at("suspended", voucher.issued_at + day) == await at("overdue", voucher.issued_at + day) == []
    await desk.request(OFFICER, "POST", f"/vouchers/{voucher.id}/suspension", json={"reason": "under-inquiry"})
    assert await at("suspended", voucher.issued_at + day) == [str(voucher.id)]
    async with desk.sessions.begin() as session:
        (await session.get_one(VoucherRow, accepted.id)).overdue_since = desk.clock.instant
    assert await at("overdue", voucher.issued_at + day) == [str(accepted.id)]


async def test_lifecycle_without_temporal_is_read_from_the_row(desk: Desk) -> None:
    """Temporal is not there."""
    offer = await desk.voucher(Stage.OFFERED)
    status = await desk.request(APPLICANT, "GET", f"/vouchers/{offer.id}/lifecycle")
    assert (status["stage"], status["acts_next"], status["source"]) == ("offered", "beneficiary", "record")
    assert status["until"] is not None


class Behind:
    """A workflow whose query is answered before the step that has just been taken."""

    async def status(self, _: UUID) -> VoucherStatus:
        return status_of(Stage.REQUESTED, None, False, None)


async def test_standing_is_that_of_the_row(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    desk.app.state.lifecycles = Behind()
    status = await desk.request(APPLICANT, "GET", f"/vouchers/{offer.id}/lifecycle")
    assert (status["stage"], status["acts_next"], status["source"]) == ("offered", "beneficiary", "record")


async def test_running_lifecycle_answers_the_query(desk: Desk, temporal_server: Temporal) -> None:
    award = desk.award()
    voucher_id = await desk.register(award)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    desk.app.state.lifecycles = Lifecycles(client)
    async with worker_of(client, award.region, desk.activities):
        await desk.app.state.lifecycles.start_voucher(award.award_id, award.region)
        while not await desk.published(key=voucher_id):
            await asyncio.sleep(0.05)
        status = await desk.request(OFFICER, "GET", f"/vouchers/{voucher_id}/lifecycle")
    assert (status["stage"], status["acts_next"], status["source"]) == ("requested", "platform", "workflow")


async def test_lookup_by_any_reference_returns_the_case(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    for ref in (voucher.id, voucher.award_id, voucher.code):
        found = await desk.request(AUDITOR, "GET", f"/lookup?ref={ref}")
        assert found["application_id"] == str(voucher.application_id)
    await desk.voucher(Stage.OFFERED)  # without a code
    for ref in ("KRT-26-000001-X", "no-such-thing"):
        assert (await desk.request(AUDITOR, "GET", f"/lookup?ref={ref}", 404))["code"] == "unknown-reference"


async def test_calendar_lists_its_dates(desk: Desk) -> None:
    call = await publish_call(desk)
    calendar = await desk.request(APPLICANT, "GET", f"/calls/{call.call_id}/calendar")
    assert [date["kind"] for date in calendar["dates"]] == ["call-opens", "call-closes", "evaluation-due", "reserve-list-ends"]
    assert calendar["next"]["kind"] == "call-opens"


async def test_milestones_say_how_many_vouchers_stand_before_each(desk: Desk) -> None:
    offered, issued = await desk.voucher(Stage.OFFERED), await desk.voucher(Stage.ISSUED)
    found = await desk.request(OFFICER, "GET", f"/calls/{offered.call_id}/milestones")
    counted = {one["kind"]: (one["vouchers"], one["first_at"], one["last_at"]) for one in found["milestones"]}
    assert offered.answer_by is not None
    assert issued.valid_until is not None
    until = f"{offered.answer_by:%Y-%m-%dT%H:%M:%SZ}"
    assert counted == {"accept": (1, until, until), "redeem": (0, None, None), "claim": (0, None, None)}
    assert [one["within"] for one in found["milestones"]] == [
        limit.model_dump(mode="json") for limit in (desk.policy.offer.accept_within, desk.policy.validity, desk.policy.claims.claim_window)
    ]
    later = (await desk.request(OFFICER, "GET", f"/calls/{issued.call_id}/milestones"))["milestones"][1]
    assert (later["kind"], later["vouchers"], later["last_at"]) == ("redeem", 1, f"{issued.valid_until:%Y-%m-%dT%H:%M:%SZ}")
    assert (await desk.request(OFFICER, "GET", f"/calls/{new_id()}/milestones", 404))["code"] == "unknown-call"
