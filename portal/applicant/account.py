"""The own account: who the provider says one is, the language, where one is signed in, what is held, and its end."""

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.people import ProfileInput, Reason
from portal.kit.pages import go, page
from portal.kit.routing import personal
from portal.kit.texts import NAMES
from portal.kit.visit import Visit
from portal.sessions.routes import leave


async def account(visit: Visit) -> Response:
    people, caller = visit.services.people, await visit.caller()
    me = await people.get_me(caller)
    sign_ins = await people.get_me_sign_ins(caller)
    of_agency = any(role.in_force for role in me.roles)
    return page(visit, "applicant/account.html", me=me, sign_ins=sign_ins, of_agency=of_agency)


async def change_language(visit: Visit) -> Response:
    """Of pages and mail."""
    chosen = visit.form.get("language")
    if chosen in NAMES:
        await visit.services.people.put_me(await visit.caller(), ProfileInput(language=chosen))
        await visit.keep(visit.person.model_copy(update={"language": chosen}))
        return go(f"/account?language={chosen}&done=language")
    return go("/account")


async def change_task_mail(visit: Visit) -> Response:
    """Whether a daily mail says what waits at the agency."""
    chosen = {"yes": True, "no": False}.get(visit.form.get("task_mail", ""))
    if chosen is None:
        return go("/account#task-mail")
    people, caller = visit.services.people, await visit.caller()
    me = await people.get_me(caller)
    await people.put_me(caller, ProfileInput(language=me.language, task_mail=chosen))
    return go(f"/account?done=task-mail-{'on' if chosen else 'off'}")


async def confirm_address(visit: Visit) -> Response:
    """Mail came back from it, and it is right all the same."""
    await visit.services.people.post_me_email_confirmation(await visit.caller())
    return go("/account?done=address")


async def end_sign_in(visit: Visit) -> Response:
    await visit.services.people.post_me_sign_in_end(await visit.caller(), visit.request.path_params["sign_in_id"])
    return go("/account?done=ended")


async def end_all(visit: Visit) -> Response:
    """Everywhere, here too."""
    await visit.services.people.post_me_sign_ins_end(await visit.caller(), Reason(reason="by-person"))
    await visit.services.store.end(visit.cookie)
    return go("/signed-out")


async def own_data(visit: Visit) -> Response:
    """What is kept, and why."""
    return page(visit, "applicant/data.html")


async def download(visit: Visit) -> Response:
    """All that `people` holds about the person, as it says it."""
    held = await visit.services.people.get_me_export(await visit.caller())
    headers = {"Content-Disposition": f'attachment; filename="triptych-{held.exported_at:%Y-%m-%d}.json"', "Cache-Control": "no-store"}
    return Response(held.model_dump_json(indent=2), media_type="application/json", headers=headers)


async def ask_to_close(visit: Visit) -> Response:
    """What follows, and what stands against it, before it is done."""
    closure = await visit.services.people.get_me_closure(await visit.caller())
    return page(visit, "applicant/close.html", closure=closure)


async def close(visit: Visit) -> Response:
    """A sign-in of long ago is renewed first, and this page shown again: nobody closes an account at an unattended screen."""
    try:
        await visit.services.people.post_me_closure(await visit.caller())
    except ApiProblem as problem:
        if problem.code == "fresh-sign-in-needed":
            return go("/sign-in?fresh&next=/account/close")
        if problem.status == 409:
            return await ask_to_close(visit)
        raise
    return await leave(visit, "/account-closed")


ROUTES = [
    personal("/account", account),
    personal("/account/data", own_data),
    personal("/account/data/download", download),
    personal("/account/close", ask_to_close, close),
    personal("/account/address", change=confirm_address),
    personal("/account/language", change=change_language),
    personal("/account/task-mail", change=change_task_mail),
    personal("/account/sign-ins/{sign_in_id:uuid}/end", change=end_sign_in),
    personal("/account/sign-ins/end", change=end_all),
]
