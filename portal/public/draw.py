"""The proof of a list and its draw: what was committed to, published and drawn, computed once more, with the lines to do it oneself.

How it is drawn is in `services/evaluation/domain/draw.py`; nothing of that is used here, so that a fault there is seen.
"""

import hashlib
import hmac
from uuid import UUID

from starlette.responses import Response

from portal.client.evaluation import DrawView
from portal.kit.pages import page
from portal.kit.reader import call_number
from portal.kit.routing import public
from portal.kit.visit import Visit

MOST_SHOWN = 200
"""Places of the order on the page; all are in what the lines compute."""
PROGRAM = """import hashlib, hmac, json
text = open("list-NUMBER.json", "rb").read()
nonce, randomness = "NONCE", "RANDOMNESS"
sha256 = lambda given: hashlib.sha256(given).hexdigest()
print("commitment  ", sha256(bytes.fromhex(nonce)))
print("hash of list", sha256(text))
seed = sha256(bytes.fromhex(sha256(text) + nonce + randomness))
print("seed        ", seed)
key = lambda one: hmac.new(bytes.fromhex(seed), one.encode(), hashlib.sha256).hexdigest()
for one in sorted((entry["application_id"] for entry in json.loads(text)["entries"]), key=key):
    print(one, key(one))
"""


def program_of(draw: DrawView, number: int) -> str:
    """The lines with the values of this draw."""
    randomness = draw.randomness.randomness if draw.randomness else ""
    return PROGRAM.replace("NUMBER", str(number)).replace("NONCE", draw.nonce or "").replace("RANDOMNESS", randomness)


def checks_of(draw: DrawView) -> dict[str, bool]:
    """Whether the published values follow from one another. Empty before the draw."""
    if draw.list_text is None or draw.list_hash is None or draw.nonce is None or draw.seed is None:
        return {}
    seed, randomness = bytes.fromhex(draw.seed), draw.randomness.randomness if draw.randomness else ""
    drawn = [(one.draw_key, str(one.application_id)) for one in draw.order]
    keys = [(hmac.new(seed, identity.encode(), hashlib.sha256).hexdigest(), identity) for _key, identity in drawn]
    return {
        "commitment": _sha256(bytes.fromhex(draw.nonce)) == draw.nonce_hash,
        "list": _sha256(draw.list_text.encode()) == draw.list_hash,
        "seed": _sha256(bytes.fromhex(draw.list_hash + draw.nonce + randomness)) == draw.seed,
        "order": sorted(keys) == drawn,
    }


def _sha256(given: bytes) -> str:
    return hashlib.sha256(given).hexdigest()


async def draw(visit: Visit) -> Response:
    """`as=list` in the query: the published list, as it was hashed."""
    call = await visit.services.applications.get_open_call(visit.anybody, call_number(visit.request.path_params["number"]))
    await visit.at(call.region)
    found = await visit.services.evaluation.get_open_draw(visit.anybody, call.id)
    if visit.request.query_params.get("as") == "list" and found.list_text is not None:
        headers = {"Content-Disposition": f'attachment; filename="list-{call.number}.json"'}
        return Response(found.list_text, media_type="application/json", headers=headers)
    places = list(enumerate(found.order, start=1))
    own = await _own(visit, call.id)
    shown = [*places[:MOST_SHOWN], *(pair for pair in places[MOST_SHOWN:] if pair[1].application_id in own)]
    return page(
        visit, "public/draw.html", call=call, draw=found, checks=checks_of(found), program=program_of(found, call.number), places=shown,
        all=len(places), own=own, hands_in=call.region in visit.regions_by_role.get("officer", ()),
    )  # fmt: skip


async def _own(visit: Visit, call_id: UUID) -> dict[UUID, str]:
    """Applications of the organisation for which the person acts → their receipt numbers."""
    if visit.session is None or visit.session.organisation is None:
        return {}
    mine = await visit.services.applications.list_applications(await visit.caller(), call_id=call_id)
    return {one.id: one.receipt or "" for one in mine.items}


ROUTES = [public("/calls/{number}/draw", draw)]
