"""/persons and /machines: accounts, for administrators; /names: who an id of the record is."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.people.api.dependencies import NameReader, RealNow, RoleManager, RoleReader
from services.people.api.schemas import MachineInput
from services.people.commands.end_person import end_person
from services.people.commands.end_sign_ins import end_sign_ins
from services.people.commands.register_machine import register_machine
from services.people.queries.directory import PERSONS, person_page, person_view
from services.people.queries.names import names_of, names_with_role
from services.people.queries.views import MachineView, NameView, PersonView
from shared.identity.actor import Role
from shared.web.auth import api_router
from shared.web.paging import MAX_LIMIT, Page, Paging
from shared.web.schemas import Reason

router = api_router("persons")


@router.get("/persons")
async def list_persons(
    context: RoleReader,
    paging: Annotated[Paging, Depends(PERSONS)],
    region: str | None = None,
    email: Annotated[str | None, Query(max_length=254)] = None,
) -> Page[PersonView]:
    return await person_page(context, paging, region=region, email=email)


@router.get("/names")
async def list_names(
    context: NameReader,
    person_id: Annotated[list[UUID], Query(max_length=MAX_LIMIT, default_factory=list, description="May be given several times")],
    role: Annotated[Role | None, Query(description="Instead of ids: who has this role now")] = None,
    region: str | None = None,
) -> list[NameView]:
    """Who acts, or acted, for the agency in the reader's regions. Others are left out."""
    return await names_of(context, person_id) if role is None else await names_with_role(context, role, region, MAX_LIMIT)


@router.post("/persons/{person_id}/sign-ins/end")
async def post_person_sign_ins_end(context: RoleManager, person_id: UUID, body: Reason, real_now: RealNow) -> PersonView:
    """Signs the person out everywhere: a device was lost, or a token was seen by others."""
    return person_view(await end_sign_ins(context, person_id, body.reason, real_now))


@router.post("/persons/{person_id}/end")
async def post_person_end(context: RoleManager, person_id: UUID, body: Reason, real_now: RealNow) -> PersonView:
    return person_view(await end_person(context, person_id, body.reason, real_now))


@router.post("/machines", status_code=201)
async def post_machine(context: RoleManager, body: MachineInput) -> MachineView:
    row, secret = await register_machine(context, body.name)
    return MachineView(**person_view(row).model_dump(), secret=secret)
