"""The figures of the regions: counts, sums and links of what was submitted, for every region and who works for any."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from services.applications.tables import ApplicationRow
from shared.identity.actor import Actor, Role, grants
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, FIRM, HERE, OTHER_FIRM

ELSEWHERE = Actor("auditor-9", grants({Role.AUDITOR}, {"pl-malopolska"}))


async def test_figures_count_what_was_submitted(desk: Desk, call_id: str) -> None:
    answers = {"project__s3_field": "tourism", "project__partner_region": "dk-kolding"}
    good = await desk.submitted(call_id, FIRM, **answers)
    await desk.submitted(call_id, OTHER_FIRM, firm__staff=300, project__title="Another project")
    await desk.draft(call_id, UUID(int=3))
    async with desk.sessions.begin() as session:  # a form that asks for them
        await session.execute(update(ApplicationRow).where(col(ApplicationRow.id) == UUID(good)).values(transitions=["green", "social"]))
    desk.clock.instant += timedelta(hours=30)
    await desk.screen(good)
    found = await desk.request(ELSEWHERE, "GET", "/figures")
    assert [view["region"] for view in found] == sorted(policy for policy in {policy.region for policy in BOOK.all()})
    [mine] = [view for view in found if view["region"] == HERE]
    assert mine["states"] == {"eligible": 1, "submitted": 1, "draft": 1}
    assert (mine["calls"], mine["submitted"], mine["success_bp"], mine["decisions"]) == (1, 2, None, {})
    assert mine["requested"]["minor"] == mine["requested"]["eur_minor"] > 0
    assert mine["spreads"] == [{"stage": "submission-to-screening", "cases": 1, "median_hours": 30, "most_hours": 30}]
    assert {"code": "tourism", "submitted": 1, "granted": 0} in mine["s3_fields"]
    assert {"code": "dk-kolding", "submitted": 1, "granted": 0} in mine["partner_regions"]
    assert ([one["code"] for one in mine["transitions"]], mine["transitions_asked"]) == (["green", "social"], 1)


@pytest.mark.parametrize(("region", "minor", "euro"), [("pl-malopolska", 42_345, 10_000), ("dk-kolding", 1, 0), ("be-kortrijk", 7, 7)])
def test_own_currency_in_euro(region: str, minor: int, euro: int) -> None:
    assert {policy.to_eur_minor(minor) for policy in of_region(BOOK, region)} == {euro}


def of_region(book: PolicyBook, region: str) -> list[Policy]:
    return [policy for policy in book.all() if policy.region == region]
