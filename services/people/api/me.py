"""/me: the person who asks."""

from uuid import UUID

from services.people.api.dependencies import FreshlySignedIn, RealNow, SignedIn, SignedInReader
from services.people.api.schemas import ProfileInput
from services.people.commands.change_profile import change_profile
from services.people.commands.close_own_account import close_own_account
from services.people.commands.confirm_address import confirm_address
from services.people.commands.end_sign_in import end_sign_in
from services.people.commands.end_sign_ins import end_sign_ins
from services.people.queries.closing import closure_view, read_closure
from services.people.queries.export import export_person
from services.people.queries.me import read_me
from services.people.queries.persons import actor_person
from services.people.queries.sign_ins import sign_in_views
from services.people.queries.views import ClosureView, MeView, PersonExportView, SignInView
from shared.web.auth import api_router
from shared.web.schemas import Reason

router = api_router("me")


@router.get("/me")
async def get_me(context: SignedInReader) -> MeView:
    return await read_me(context)


@router.put("/me")
async def put_me(context: SignedIn, body: ProfileInput) -> MeView:
    await change_profile(context, body.language, body.task_mail)
    return await read_me(context)


@router.post("/me/email/confirmation")
async def post_me_email_confirmation(context: SignedIn) -> MeView:
    """The address is right, although mail to it came back: reminders go there again."""
    await confirm_address(context)
    return await read_me(context)


@router.get("/me/export")
async def get_me_export(context: SignedIn) -> PersonExportView:
    """All that is held here about the person."""
    return await export_person(context)


@router.get("/me/closure")
async def get_me_closure(context: SignedIn) -> ClosureView:
    """What stands against closing the account, and what it would do."""
    return await read_closure(context)


@router.post("/me/closure")
async def post_me_closure(context: FreshlySignedIn, real_now: RealNow) -> ClosureView:
    """Closes the account for good, and erases name and address, at once or when a term is over."""
    return await closure_view(context, await close_own_account(context, real_now), [])


@router.get("/me/sign-ins")
async def get_me_sign_ins(context: SignedIn, real_now: RealNow) -> list[SignInView]:
    return await sign_in_views(context, actor_person(context), real_now)


@router.post("/me/sign-ins/{sign_in_id}/end")
async def post_me_sign_in_end(context: SignedIn, sign_in_id: UUID, real_now: RealNow) -> SignInView:
    """Signs out of one session."""
    return SignInView.model_validate(await end_sign_in(context, sign_in_id, real_now), from_attributes=True)


@router.post("/me/sign-ins/end")
async def post_me_sign_ins_end(context: SignedIn, body: Reason, real_now: RealNow) -> list[SignInView]:
    """Signs out everywhere; what is left is returned, which is nothing."""
    person_id = actor_person(context)
    await end_sign_ins(context, person_id, body.reason, real_now)
    return await sign_in_views(context, person_id, real_now)
