"""What officers read in the place of ids and codes."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from portal.client.base import ApiProblem
from portal.kit.texts import text
from portal.kit.visit import Visit

MOST = 200
TAGS = {"granted": "green", "invited": "green", "reserve": "yellow", "refused": "red"}


def outcome_name(outcome: str | None, language: str) -> str:
    names = {
        "granted": text(language, "To be granted"), "invited": text(language, "Invited"), "reserve": text(language, "Reserve list"),
        "refused": text(language, "Refused"),
    }  # fmt: skip
    return names.get(outcome or "", "")


def rule_name(rule: str, language: str) -> str:
    """Why an application is refused."""
    names = {
        "below-threshold": text(language, "Below the least total"),
        "below-criterion-threshold": text(language, "Below the least points of a criterion"),
        "envelope-exhausted": text(language, "The money ends before it"),
        "reserve-list-ended": text(language, "The reserve list has ended"),
        "de-minimis-ceiling": text(language, "Above the ceiling of de minimis aid"),
        "withdrawn": text(language, "Withdrawn"),
    }
    return names.get(rule, rule)


def barring_name(rule: str, language: str) -> str:
    """Why an evaluator may not take a seat."""
    names = {
        "held-before": text(language, "Holds or held a seat of this application"),
        "conflict": text(language, "Has a relation to the applicant"),
        "tied-to-call": text(language, "Has a relation to another applicant of the call"),
        "other-language": text(language, "Does not read the language of the application"),
        "took-other-step": text(language, "Took a step of this call that does not go with scoring, or was chosen by who did"),
    }
    return names.get(rule, rule)


def ended_name(reason: str | None, language: str) -> str:
    """Why an evaluator lost a seat."""
    names = {
        "conflict-declared": text(language, "Declared a conflict of interest"),
        "conflict-found": text(language, "A conflict of interest was found"),
        "replaced": text(language, "Given to another evaluator"),
        "appeal-upheld": text(language, "Scored again by others after an appeal"),
    }
    return names.get(reason or "", "")


async def titles_of_call(visit: Visit, call_id: UUID) -> dict[UUID, str]:
    """Application → its title, 5,000 at most."""
    caller, found, cursor = await visit.caller(), dict[UUID, str](), None
    for _page in range(25):
        listing = await visit.services.applications.list_applications(caller, call_id=call_id, limit=MOST, cursor=cursor)
        found |= {one.id: title_of(one.title, one.sequence, visit.language) for one in listing.items}
        cursor = listing.next
        if cursor is None:
            break
    return found


async def titles_of(visit: Visit, applications: Iterable[UUID]) -> dict[UUID, str]:
    """Of some applications, one request each."""
    caller = await visit.caller()

    async def one(application_id: UUID) -> tuple[UUID, str]:
        try:
            found = await visit.services.applications.get_application(caller, application_id)
        except ApiProblem as problem:
            if problem.status not in (403, 404):
                raise
            return application_id, title_of(None, None, visit.language)
        return application_id, title_of(found.title, found.sequence, visit.language)

    return dict(await asyncio.gather(*(one(each) for each in set(applications))))


def title_of(title: str | None, sequence: int | None, language: str) -> str:
    if title:
        return title
    return text(language, "Application %(number)s") % {"number": sequence if sequence is not None else "–"}
