"""What the agreement says of a voucher that is hours or places: no money, no claim, how it is used up."""

from services.vouchers.domain.agreement import Terms
from shared.documents import Fact, Part
from shared.policy.benefit import Benefit, BenefitKind, Unit
from shared.texts import say
from shared.texts.formats import money


def given_part(terms: Terms, benefit: Benefit, language: str) -> Part:
    worth = money(terms.amount_minor, terms.currency, language)
    facts = (
        Fact(say(language, "What is given"), _kind(benefit, language)),
        Fact(say(language, "How much"), _units(benefit, language)),
        Fact(say(language, "What it counts as de minimis aid"), worth),
    )
    text = say(language, "No money is paid, to the beneficiary or by it.")
    return Part(say(language, "What the voucher gives"), (text,), facts)


def attendance_part(benefit: Benefit, language: str) -> Part:
    hours = benefit.free_until_hours
    texts = (
        say(language, "The beneficiary books sessions that the region plans, and takes part."),
        say(language, "The host records with the code of the voucher who is there. The beneficiary confirms it or objects."),
        say(language, "A record to which nobody has objected within {count} working days stands.", count=benefit.confirm_within.value),
        say(language, "A booking that is given up at least {count} hours before its session uses nothing up.", count=hours),
        say(language, "Who is absent without that uses the whole session up."),
        say(language, "What is not used up while the voucher is valid goes back to the call."),
    )
    return Part(say(language, "Use"), texts, ())


def _kind(benefit: Benefit, language: str) -> str:
    return {
        BenefitKind.GUIDANCE: say(language, "Guidance"),
        BenefitKind.MENTORING: say(language, "Mentoring"),
        BenefitKind.TRAINING: say(language, "Training"),
        BenefitKind.EVENT: say(language, "Event"),
    }[benefit.kind]


def _units(benefit: Benefit, language: str) -> str:
    if benefit.unit is Unit.PLACES:
        return say(language, "{count} places", count=benefit.units_per_award)
    hours, minutes = divmod(benefit.units_per_award, 60)
    whole = say(language, "{count} hours", count=hours)
    return whole if not minutes else say(language, "{count} hours and {minutes} minutes", count=hours, minutes=minutes)
