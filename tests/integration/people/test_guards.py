"""Every route refuses anonymous callers, expired tokens, wrong roles and foreign regions; four routes are open to all."""

from typing import Any
from uuid import UUID

from services.people.commands.invite_member import invite_member
from shared.identity.actor import Actor, Role
from shared.kernel.vocabulary import MemberRole
from tests.integration.people.conftest import REGION, STUDIO, Desk
from tests.integration.people.link_examples import LINK, link_examples
from tests.integration.people.mailed_case import Case
from tests.support.evaluation import DRAW, Scene
from tests.support.routes import Example, Route, assert_guarded

ROOT = "/api/people"
OPEN = {f"{ROOT}/token", f"{ROOT}/keys", f"{ROOT}/revocations", f"{ROOT}/sign-in"}


async def test_every_route_is_guarded(desk: Desk) -> None:
    await assert_guarded(desk.client, desk.app, desk.issuer.mint, await examples(desk), open_to_all=OPEN)


async def examples(desk: Desk) -> dict[Route, Example]:
    one, two, ada = await desk.administrator("one"), await desk.administrator("two"), await desk.person("ada")
    berta, carl = await desk.person("berta"), await desk.person("carl")
    organisation = await desk.request(ada, "POST", "/organisations", 201, json=STUDIO)
    studio = UUID(organisation["id"])
    _, secret = await desk.run(invite_member, ada, studio, "berta@people.example", MemberRole.EDITOR, "en")
    await desk.request(berta, "POST", "/invitations/acceptance", json={"secret": secret})
    invitation, _ = await desk.run(invite_member, ada, studio, "dora@people.example", MemberRole.EDITOR, "en")
    _, again = await desk.run(invite_member, ada, studio, "carl@people.example", MemberRole.EDITOR, "en")
    session = (await desk.ask((await desk.sign_in("ada"))["access_token"], "GET", "/me/sign-ins"))[0]["id"]
    proposed = [await propose(desk, one, carl.id, role) for role in (Role.OFFICER, Role.FINANCE)]
    auditor = (await desk.given(one, two, berta.id, Role.AUDITOR))["id"]
    own: Any = {"unbound": "a person's own", "actor": ada.id}
    by_two: Any = {"role": Role.ADMINISTRATOR, "actor": two.id}
    everywhere: Any = {"unbound": "a person is of no region", **by_two}
    reason, place, here = {"reason": "a-reason"}, f"{ROOT}/organisations/{{organisation_id}}", {"organisation_id": studio}
    other, member = {**STUDIO, "country": "DK", "tax_number": "13585628"}, {**here, "person_id": berta.id}
    address = {"email": "d@people.example", "role": "editor", "language": "en"}
    new_role = {"person_id": ada.id, "role": "evaluator", "region": REGION, **reason}
    asked = {"email": "e@people.example", "role": "auditor", "region": REGION, **reason}
    waiting = (await desk.request(one, "POST", "/role-invitations", 201, json=asked))["id"]
    link = (await desk.request(ada, "POST", f"/organisations/{studio}/links", 201, json=LINK))["id"]
    case = Case(studio, Scene(DRAW))
    await desk.deliver(case.submitted())
    of_links = await link_examples(desk, case.about["application_id"], link)
    return {
        **of_links,
        ("GET", f"{ROOT}/me"): Example(**own),
        ("GET", f"{ROOT}/me/mails"): Example(**own),
        ("GET", f"{ROOT}/mails"): Example(REGION, query={"case_id": str(case.about["application_id"])}),
        ("POST", f"{ROOT}/me/email/confirmation"): Example(**own),
        ("GET", f"{ROOT}/me/export"): Example(**own),
        ("GET", f"{ROOT}/me/closure"): Example(**own),
        ("PUT", f"{ROOT}/me"): Example(**own, json={"language": "da"}),
        ("GET", f"{ROOT}/me/sign-ins"): Example(**own),
        ("POST", f"{ROOT}/me/sign-ins/{{sign_in_id}}/end"): Example(**own, path={"sign_in_id": session}),
        ("POST", f"{ROOT}/me/sign-ins/end"): Example(**own, json=reason),
        ("POST", f"{ROOT}/organisations"): Example(**own, json=other),
        ("GET", place): Example(**own, path=here),
        ("PUT", place): Example(**own, path=here, json={**STUDIO, "version": 1}),
        ("GET", f"{place}/members"): Example(**own, path=here),
        ("GET", f"{place}/links"): Example(**own, path=here),
        ("POST", f"{place}/links"): Example(**own, path=here, json={**LINK, "kind": "board"}),
        ("POST", f"{place}/links/{{link_id}}/end"): Example(**own, path={**here, "link_id": link}, json={"valid_until": "2026-01-02"}),
        ("PUT", f"{place}/members/{{person_id}}"): Example(**own, path=member, json={"role": "editor"}),
        ("POST", f"{place}/members/{{person_id}}/end"): Example(**own, path=member),
        ("POST", f"{place}/invitations"): Example(**own, path=here, json=address),
        ("GET", f"{place}/invitations"): Example(**own, path=here),
        ("POST", f"{place}/invitations/{{invitation_id}}/withdrawal"): Example(**own, path={**here, "invitation_id": invitation.id}),
        ("POST", f"{ROOT}/invitations/reading"): Example(unbound="who has the link", actor=carl.id, json={"secret": again}),
        ("POST", f"{ROOT}/invitations/acceptance"): Example(unbound="who has the link", actor=carl.id, json={"secret": again}),
        ("POST", f"{ROOT}/roles"): Example(REGION, **by_two, json=new_role),
        ("GET", f"{ROOT}/roles"): Example(REGION, **by_two, query={"region": REGION}),
        ("POST", f"{ROOT}/roles/{{grant_id}}/confirmation"): Example(REGION, **by_two, path={"grant_id": proposed[0]}, json=reason),
        ("POST", f"{ROOT}/roles/{{grant_id}}/refusal"): Example(REGION, **by_two, path={"grant_id": proposed[1]}, json=reason),
        ("POST", f"{ROOT}/roles/{{grant_id}}/end"): Example(
            unbound="by its holder, too", actor=berta.id, path={"grant_id": auditor}, json=reason
        ),
        ("POST", f"{ROOT}/role-invitations"): Example(REGION, **by_two, json={**asked, "email": "f@people.example"}),
        ("GET", f"{ROOT}/role-invitations"): Example(REGION, **by_two, query={"region": REGION}),
        ("POST", f"{ROOT}/role-invitations/{{invitation_id}}/withdrawal"): Example(
            REGION, **by_two, path={"invitation_id": waiting}, json=reason
        ),
        ("GET", f"{ROOT}/names"): Example(unbound="shows those of the reader's regions", query={"person_id": ada.id}),
        ("GET", f"{ROOT}/persons"): Example(REGION, **by_two, query={"region": REGION}),
        ("POST", f"{ROOT}/persons/{{person_id}}/sign-ins/end"): Example(**everywhere, path={"person_id": berta.id}, json=reason),
        ("POST", f"{ROOT}/persons/{{person_id}}/end"): Example(**everywhere, path={"person_id": berta.id}, json=reason),
        ("POST", f"{ROOT}/machines"): Example(**everywhere, json={"name": "A machine"}),
        ("POST", f"{ROOT}/me/closure"): Example(unbound="a person's own", actor=carl.id),
    }


async def propose(desk: Desk, administrator: Actor, person: str, role: Role) -> str:
    body = {"person_id": person, "role": role, "region": REGION, "reason": "appointed"}
    return str((await desk.request(administrator, "POST", "/roles", 201, json=body))["id"])
