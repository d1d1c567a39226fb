"""The own account: who the provider says one is, the language, and where one is signed in."""

from starlette.responses import Response

from portal.client.people import ProfileInput, Reason
from portal.kit.pages import go, page
from portal.kit.routing import personal
from portal.kit.texts import NAMES
from portal.kit.visit import Visit


async def account(visit: Visit) -> Response:
    people, caller = visit.services.people, await visit.caller()
    me = await people.get_me(caller)
    sign_ins = await people.get_me_sign_ins(caller)
    return page(visit, "applicant/account.html", me=me, sign_ins=sign_ins)


async def change_language(visit: Visit) -> Response:
    """Of pages and mail."""
    chosen = visit.form.get("language")
    if chosen in NAMES:
        await visit.services.people.put_me(await visit.caller(), ProfileInput(language=chosen))
        await visit.keep(visit.person.model_copy(update={"language": chosen}))
        return go(f"/account?language={chosen}&done=language")
    return go("/account")


async def end_sign_in(visit: Visit) -> Response:
    await visit.services.people.post_me_sign_in_end(await visit.caller(), visit.request.path_params["sign_in_id"])
    return go("/account?done=ended")


async def end_all(visit: Visit) -> Response:
    """Everywhere, here too."""
    await visit.services.people.post_me_sign_ins_end(await visit.caller(), Reason(reason="by-person"))
    await visit.services.store.end(visit.cookie)
    return go("/signed-out")


ROUTES = [
    personal("/account", account),
    personal("/account/language", change=change_language),
    personal("/account/sign-ins/{sign_in_id:uuid}/end", change=end_sign_in),
    personal("/account/sign-ins/end", change=end_all),
]
