"""Providers in words: services, states, and a sentence for each state."""

from datetime import date

from portal.client.payments import ProviderDetail, ProviderView
from portal.kit.formats import day
from portal.kit.texts import text

COLOURS = {
    "applied": "yellow", "in-check": "blue", "approved": "green", "refused": "red", "suspended": "orange", "withdrawn": "grey",
}  # fmt: skip


def services(language: str) -> dict[str, str]:
    return {
        "innovation-advice": text(language, "Advice on innovation"),
        "research": text(language, "Research and testing"),
        "design": text(language, "Design"),
        "prototyping": text(language, "Prototypes"),
        "digital": text(language, "Digital services"),
        "marketing": text(language, "Marketing"),
        "intellectual-property": text(language, "Intellectual property"),
        "training": text(language, "Training"),
    }


def states(language: str) -> dict[str, str]:
    return {
        "applied": text(language, "Waits for an officer"),
        "in-check": text(language, "Being checked"),
        "approved": text(language, "Approved"),
        "refused": text(language, "Refused"),
        "suspended": text(language, "Suspended"),
        "withdrawn": text(language, "Withdrawn"),
    }


def sentence(one: ProviderView | ProviderDetail, language: str) -> str:
    """What happened, who has it, and what comes next, for the provider."""
    match one.state:
        case "applied":
            return text(language, "Your registration waits for an officer of the region. Until it is taken up, you can correct it.")
        case "in-check":
            return text(language, "An officer of the region checks your registration. You need to do nothing now.")
        case "refused":
            return text(language, "The region has refused your registration. Read the reason, correct what it names, and apply again.")
        case "suspended":
            return text(
                language,
                "The region has suspended you: beneficiaries cannot choose you until it ends. Ask the region's office for what it needs.",
            )
        case "withdrawn":
            return text(language, "You have withdrawn your registration. You can apply again at any time.")
        case _:
            return _approved(one, language)


def _approved(one: ProviderView | ProviderDetail, language: str) -> str:
    since, until = one.since or date.min, one.until
    days = {"since": day(since, language), "until": day(until, language) if until else ""}
    if one.listed and until:
        return text(language, "You are in the catalogue until %(until)s. Beneficiaries of the region can choose you.") % days
    if one.listed:
        return text(language, "You are in the catalogue since %(since)s. Beneficiaries of the region can choose you.") % days
    if until and until < (one.decided_at.date() if one.decided_at else since):
        return text(language, "Your approval ended on %(until)s. Withdraw this registration, then apply again.") % days
    return text(language, "You are approved for the days from %(since)s on. On other days beneficiaries cannot choose you.") % days
