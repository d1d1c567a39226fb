"""Requests of officers about the links of an applicant, for the guard test of people."""

from typing import Any
from uuid import UUID

from shared.identity.actor import Actor, Role, grants
from tests.integration.people.conftest import REGION, Desk
from tests.support.routes import Example, Route

ROOT = "/api/people"
LINK = {"kind": "majority-of-votes", "country": "DK", "tax_number": "13585628", "name": "Sample ApS", "valid_from": "2025-01-01"}


async def link_examples(desk: Desk, application_id: UUID, link: str) -> dict[Route, Example]:
    """`link`: one that an owner has declared."""
    officer = Actor((await desk.person("erik")).id, grants({Role.OFFICER}, {REGION}))
    at_case = {"application_id": application_id}
    case_place, found = f"/cases/{at_case['application_id']}", {**LINK, "kind": "agreement", "words": "In the register."}
    wrong = {"valid_until": "2026-01-02", "words": "Another firm."}
    proposed_links = [
        (await desk.request(officer, "POST", f"{case_place}/links", 201, json=found))["id"],
        (await desk.request(officer, "POST", f"{case_place}/links/{link}/end", 201, json=wrong))["id"],
    ]
    of_links: Any = {"region": REGION, "role": Role.OFFICER, "actor": (await desk.person("fred")).id}
    corrections = [{**at_case, "correction_id": one} for one in proposed_links]
    return {
        ("GET", f"{ROOT}/officer-desk"): Example(REGION, query={"region": REGION}),
        ("GET", f"{ROOT}/link-corrections"): Example(REGION, query={"region": REGION}),
        ("GET", f"{ROOT}/cases/{{application_id}}/links"): Example(REGION, path=at_case),
        ("POST", f"{ROOT}/cases/{{application_id}}/links"): Example(**of_links, path=at_case, json=found),
        ("POST", f"{ROOT}/cases/{{application_id}}/links/{{link_id}}/end"): Example(
            **of_links, path={**at_case, "link_id": link}, json=wrong
        ),
        ("POST", f"{ROOT}/cases/{{application_id}}/link-corrections/{{correction_id}}/confirmation"): Example(
            **of_links, path=corrections[0]
        ),
        ("POST", f"{ROOT}/cases/{{application_id}}/link-corrections/{{correction_id}}/refusal"): Example(**of_links, path=corrections[1]),
    }
