"""The public randomness of a draw, where the rules of the call ask for it: handed in as the beacon gives it."""

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.evaluation import RandomnessInput
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.visit import Visit
from portal.officer.ranking import call_of

REFUSALS = (403, 409, 422)
FILE_NEEDED = _("Paste what the beacon answered for the round")


async def ask_randomness(visit: Visit) -> Response:
    kept = await visit.take_kept()
    return await _page(visit, Reader(kept or (), visit.language), restored=kept is not None)


async def record(visit: Visit) -> Response:
    reader, call = Reader(visit.form, visit.language), await call_of(visit, visit.request.path_params["call_id"])
    file = reader.line("file", FILE_NEEDED)
    if not reader.errors:
        try:
            await visit.services.evaluation.post_call_randomness(await visit.caller(), call.id, RandomnessInput(file=file))
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.errors["file"] = next(iter(problem.fields.values()), problem.detail)
        else:
            return go(f"/calls/{call.number}/draw?done=recorded")
    return await _page(visit, reader)


async def _page(visit: Visit, reader: Reader, *, restored: bool = False) -> Response:
    """With what the draw awaits."""
    call = await call_of(visit, visit.request.path_params["call_id"])
    found = await visit.services.evaluation.get_call_draw(await visit.caller(), call.id)
    return page(
        visit, "officer/randomness.html", status=422 if reader.errors else 200, form=reader, restored=restored, call=call, draw=found,
        back=f"/calls/{call.number}/draw",
    )  # fmt: skip


ROUTES = [staff("/officer/calls/{call_id:uuid}/randomness", ask_randomness, record)]
