"""Whether what is held about an organisation may be erased."""

from collections.abc import Iterable

from services.applications.domain.states import UNDECIDED
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome

_FINAL = (DecisionOutcome.GRANTED, DecisionOutcome.INVITED, DecisionOutcome.REFUSED)


def check_erasure(applications: Iterable[tuple[str, str | None, bool]], *, held: bool) -> None:
    """`applications`: state and decision of each application of the organisation, and whether its call is closed. `held`: a legal hold on
    it or on one of them is in force.

    `Conflict` 'erasure-held' while it is held, 'erasure-undecided' while one competes or a draft may still be submitted, 'erasure-kept'
    when one was granted: what was paid has to be accounted for (retention of the records of public money), so its data stays until that
    time is over.
    """
    if held:
        raise Conflict("erasure-held", "A legal hold on this organisation or on an application of it is in force.")
    for state, decision, call_closed in applications:
        may_be_submitted = state == ApplicationState.DRAFT and not call_closed
        if may_be_submitted or state in UNDECIDED or (state == ApplicationState.ELIGIBLE and decision not in _FINAL):
            raise Conflict("erasure-undecided", "An application of this organisation is not decided yet.")
        if decision == DecisionOutcome.GRANTED:
            raise Conflict("erasure-kept", "An application of this organisation was granted: the records of public money are kept.")
