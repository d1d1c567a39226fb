"""/organisations/{organisation_id}/links: what makes an organisation one undertaking with other firms."""

from uuid import UUID

from services.people.api.dependencies import SignedIn
from services.people.api.schemas import LinkEndInput, LinkInput
from services.people.commands.declare_link import declare_link
from services.people.commands.end_link import end_link
from services.people.queries.undertakings import link_view, list_links
from services.people.queries.views import UndertakingLinkView
from shared.web.auth import api_router
from shared.web.hash_key import HashKey

router = api_router("undertakings", prefix="/organisations/{organisation_id}/links")


@router.get("")
async def get_organisation_links(context: SignedIn, organisation_id: UUID) -> list[UndertakingLinkView]:
    return await list_links(context, organisation_id)


@router.post("", status_code=201)
async def post_organisation_link(context: SignedIn, organisation_id: UUID, body: LinkInput, hash_key: HashKey) -> UndertakingLinkView:
    return link_view(await declare_link(context, organisation_id, body.link(), hash_key=hash_key))


@router.post("/{link_id}/end")
async def post_organisation_link_end(
    context: SignedIn, organisation_id: UUID, link_id: UUID, body: LinkEndInput, hash_key: HashKey
) -> UndertakingLinkView:
    return link_view(await end_link(context, organisation_id, link_id, body.valid_until, hash_key=hash_key))
