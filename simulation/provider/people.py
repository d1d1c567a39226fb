"""The people of the demonstration: of every role and region, with names that are plainly fictional."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from operations.cli.actors import AUDITOR, OFFICER, SECOND_OFFICER
from shared.policy.loader import policy_files

PASSWORD = "demonstration"
LANGUAGES = {"gr": "el", "hr": "hr", "pl": "pl", "dk": "da", "be": "nl"}
NUMBERS = {"administrator": 2, "officer": 3, "finance": 7, "evaluator": 11, "auditor": 1, "applicant": 5}
"""How many of each kind: as many as the duties of a case need, for the actors of the demonstration are these. An applicant has no role."""
EVERYWHERE = {OFFICER.subject: "officer", SECOND_OFFICER.subject: "officer", AUDITOR.subject: "auditor", "gone-mail": "applicant"}
"""Who acts at the command line, in all regions; and an applicant whose mail comes back (`simulation/mailbox/returns.py`)."""


class DemonstrationPerson(BaseModel):
    """Who may sign in at the provider of the demonstration. `kind`: a role of the agency, or applicant. `region`: empty for all regions."""

    model_config = ConfigDict(frozen=True)

    user_name: str
    name: str
    email: str
    language: str
    kind: str
    region: str
    password: str = PASSWORD


def user_name(kind: str, number: int, region: str) -> str:
    """`region`: an id such as 'hr-koprivnica'."""
    return f"{kind}-{number}.{_place(region)}"


def demonstration_people(regions: Iterable[str]) -> Iterator[DemonstrationPerson]:
    """`regions`: ids. In the order of regions, kinds and numbers; who acts in all regions stands last."""
    for region in sorted(regions):
        place, language = _place(region), LANGUAGES.get(region.partition("-")[0], "en")
        for kind, number in NUMBERS.items():
            for one in range(1, number + 1):
                written = f"Demo {kind.title()} {one} of {place.replace('-', ' ').title()}"
                name, email = user_name(kind, one, region), f"{kind}-{one}@{place}.example"
                yield DemonstrationPerson(user_name=name, name=written, email=email, language=language, kind=kind, region=region)
    for name, kind in EVERYWHERE.items():
        written = f"Demo {name.replace('-', ' ').title()}"
        yield DemonstrationPerson(user_name=name, name=written, email=f"{name}@programme.example", language="en", kind=kind, region="")


def regions_in(policies: Path) -> set[str]:
    """Of a folder of policies."""
    return {path.parent.parent.name for path in policy_files(policies)}


def _place(region: str) -> str:
    return region.partition("-")[2]
