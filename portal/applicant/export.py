"""All that the services hold about an organisation, as a file for who acts for it."""

from starlette.responses import Response

from portal.applicant.organisations import ORGANISATION
from portal.client.base import ApiProblem
from portal.client.people import OrganisationView
from portal.kit import subjects
from portal.kit.pages import page
from portal.kit.routing import personal
from portal.kit.visit import Visit


async def show(visit: Visit) -> Response:
    return page(visit, "applicant/export.html", organisation=await _organisation(visit), nothing=False)


async def take(visit: Visit) -> Response:
    """From now on in the name of the organisation, which the services check: they give the file to no other."""
    organisation = await _organisation(visit)
    if visit.person.organisation != organisation.id:
        await visit.act_for(organisation.id)
    try:
        return await subjects.export(visit, organisation.id)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return page(visit, "applicant/export.html", organisation=organisation, nothing=True)


async def _organisation(visit: Visit) -> OrganisationView:
    return await visit.services.people.get_organisation(await visit.caller(), visit.request.path_params["organisation_id"])


ROUTES = [personal(ORGANISATION + "/export", show, take)]
