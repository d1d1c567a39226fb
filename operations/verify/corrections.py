"""What two persons have taken back of what they had said of a payment."""

from operations.verify.facts import Logged


def corrected_sign(event: Logged) -> int:
    """Of DisbursementCorrected: a booking is no longer paid, a return is paid again, another answer has moved nothing."""
    return {"paid": -1, "returned": 1}.get(event.body["undone"], 0)
