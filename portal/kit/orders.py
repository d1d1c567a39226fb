"""Orders in words: states, and a sentence for each side: what happened, who has it, until when, what comes next."""

from portal.client.payments import OrderView
from portal.kit.formats import last_moment
from portal.kit.texts import text

COLOURS = {
    "placed": "yellow", "accepted": "blue", "redeemed": "blue", "invoiced": "orange", "confirmed": "green", "declined": "red",
    "cancelled": "grey", "rerouted": "orange",
}  # fmt: skip
ENDED = ("confirmed", "declined", "cancelled", "rerouted")


def states(language: str) -> dict[str, str]:
    return {
        "placed": text(language, "Waits for the provider"),
        "accepted": text(language, "Accepted"),
        "redeemed": text(language, "Delivered"),
        "invoiced": text(language, "Waits for the beneficiary"),
        "confirmed": text(language, "Confirmed"),
        "declined": text(language, "Declined"),
        "cancelled": text(language, "Cancelled"),
        "rerouted": text(language, "Needs another provider"),
    }


def for_provider(one: OrderView, zone: str, language: str) -> str:
    match one.state:
        case "placed" if one.answer_by:
            words = text(language, "Accept or decline it until %(moment)s. If you do neither, the beneficiary can choose another provider.")
            return words % {"moment": last_moment(one.answer_by, zone, language)}
        case "placed":
            return text(language, "Accept or decline it. Until then the beneficiary waits.")
        case "accepted":
            return text(language, "Deliver what was agreed. Then ask the beneficiary for the code of the voucher, and redeem it here.")
        case "redeemed" if one.remark:
            return text(language, "The beneficiary objects. Correct the invoices, or talk to the beneficiary, then send them again.")
        case "redeemed":
            return text(language, "The voucher is redeemed. Add each invoice with its file, then send them to the beneficiary.")
        case "invoiced":
            return text(language, "The beneficiary has your invoices and confirms the delivery, or objects. You need to do nothing now.")
        case "confirmed":
            return text(language, "The beneficiary has confirmed the delivery. The region checks the claim and pays you.")
        case "declined":
            return text(language, "You have declined it. Nothing is to be done.")
        case "cancelled":
            return text(language, "It is cancelled: by the beneficiary, or because the voucher has ended. Deliver nothing.")
        case _:
            return text(
                language, "You left the catalogue before it was delivered, so the beneficiary chooses another provider. Deliver nothing."
            )


def for_beneficiary(one: OrderView, zone: str, language: str) -> str:
    if one.state == "placed" and one.answer_by:
        words = text(language, "The provider accepts or declines it until %(moment)s. You can cancel it and choose another one.")
        return words % {"moment": last_moment(one.answer_by, zone, language)}
    if one.state == "redeemed" and one.remark:
        return text(language, "You objected, and the provider has to correct the invoices. It sends them to you again.")
    if one.state == "rerouted" and one.replaced_by:
        return text(language, "The provider left the catalogue. You have chosen another one.")
    return {
        "placed": text(language, "The provider accepts or declines it. You can cancel it and choose another one."),
        "accepted": text(language, "The provider delivers. When you have what you ordered, show the code of the voucher to the provider."),
        "redeemed": text(language, "The provider has redeemed the voucher and writes its invoices. You need to do nothing now."),
        "invoiced": text(language, "Read the invoices. Confirm the delivery, and the provider is paid; or object, and say what is wrong."),
        "confirmed": text(language, "You have confirmed the delivery. The region checks the claim and pays the provider."),
        "declined": text(language, "The provider has declined it. Choose another provider."),
        "cancelled": text(language, "It is cancelled: by you, or because the voucher has ended. While it is valid you can order again."),
        "rerouted": text(
            language, "The provider left the catalogue before it delivered. Choose another one: what you agreed stays as it is."
        ),
    }[one.state]
