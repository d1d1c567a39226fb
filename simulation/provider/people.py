"""The people of the demonstration: of every role and region, with names that are plainly fictional."""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

PASSWORD = "demonstration"
LANGUAGES = {"gr": "el", "hr": "hr", "pl": "pl", "dk": "da", "be": "nl"}
NUMBERS = {"administrator": 2, "officer": 2, "finance": 2, "evaluator": 3, "auditor": 1, "applicant": 3}
"""How many of each kind: as many as a decision by two needs, and one more than its duties exclude. An applicant has no role."""


class DemonstrationPerson(BaseModel):
    """Who may sign in at the provider of the demonstration. `kind`: a role of the agency, or applicant."""

    model_config = ConfigDict(frozen=True)

    user_name: str
    name: str
    email: str
    language: str
    kind: str
    region: str
    password: str = PASSWORD


def demonstration_people(regions: Iterable[str]) -> Iterator[DemonstrationPerson]:
    """`regions`: ids such as 'hr-koprivnica'. In the order of regions, kinds and numbers."""
    for region in sorted(regions):
        country, _, place = region.partition("-")
        for kind, number in NUMBERS.items():
            for one in range(1, number + 1):
                name = f"{kind}-{one}.{place}"
                written = f"Demo {kind.title()} {one} of {place.replace('-', ' ').title()}"
                yield DemonstrationPerson(
                    user_name=name,
                    name=written,
                    email=f"{kind}-{one}@{place}.example",
                    language=LANGUAGES.get(country, "en"),
                    kind=kind,
                    region=region,
                )
