"""What the office finds of the links of an applicant: a link that nobody declared, or the end of a wrong one. Two officers decide."""

from enum import StrEnum

from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.vocabulary import MemberRole


class CorrectionState(StrEnum):
    """PROPOSED by one officer; CONFIRMED by another one, or REFUSED, also by who proposed it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


def check_stranger(role: MemberRole | None) -> None:
    """`Forbidden` 'own-organisation' for an officer who acts for the organisation."""
    if role is not None:
        raise Forbidden("own-organisation", "You act for this organisation, so another officer has to do this.")


def check_correction(state: CorrectionState, *, confirmed: bool, by: str, proposed_by: str) -> None:
    """`Conflict` 'correction-decided'; `Forbidden` 'own-correction' for who would confirm what they proposed."""
    if state is not CorrectionState.PROPOSED:
        raise Conflict("correction-decided", "This proposal is decided already.")
    if confirmed and by == proposed_by:
        raise Forbidden("own-correction", "You proposed this, so another officer has to confirm it.")
