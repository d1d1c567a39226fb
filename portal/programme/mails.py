"""Mails of a case as the record names them."""

from portal.kit.texts import text


def kinds(language: str) -> dict[str, str]:
    """Template → what it is about."""
    return {
        "receipt": text(language, "Receipt of an application"),
        "returned": text(language, "Application returned for correction"),
        "deadline-moved": text(language, "End of the call moved"),
        "call-corrected": text(language, "Words of the call corrected"),
        "list-published": text(language, "List published"),
        "appeal-received": text(language, "Appeal received"),
        "appeal-decided": text(language, "Appeal decided"),
        "decision": text(language, "Decision"),
        "offer": text(language, "Offer of a voucher"),
        "voucher-extended": text(language, "Voucher extended"),
        "change-decided": text(language, "Change decided"),
        "claim-returned": text(language, "Claim returned for correction"),
        "claim-accepted": text(language, "Claim accepted"),
        "claim-rejected": text(language, "Claim rejected"),
        "attendance-recorded": text(language, "Attendance recorded"),
        "session-cancelled": text(language, "Session cancelled"),
        "question-answered": text(language, "Question answered"),
        "order-rerouted": text(language, "Order given to another provider"),
        "order-taken-back": text(language, "Order taken back"),
        "digest": text(language, "What waits, once a day"),
        "link-corrected": text(language, "Link of firms corrected"),
        "invited": text(language, "Invitation to the second step"),
        "invitation": text(language, "Invitation to an organisation"),
        "role-invitation": text(language, "Invitation to a role"),
        "role-granted": text(language, "Role granted"),
    }


def states(language: str) -> dict[str, str]:
    return {
        "waiting": text(language, "waits to be sent"),
        "sent": text(language, "sent"),
        "failed": text(language, "did not arrive"),
        "bounced": text(language, "refused by the recipient's server"),
    }
