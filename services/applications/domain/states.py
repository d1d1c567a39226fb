"""The states of calls and applications, and which state may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.vocabulary import ApplicationState, CallState

_DRAFT, _SUBMITTED, _RETURNED, _WITHDRAWN, _ELIGIBLE, _INELIGIBLE = ApplicationState

LIVE = (_SUBMITTED, _RETURNED, _ELIGIBLE)
"""The application competes: an organisation may have only so many of these in a call."""
UNDECIDED = (_SUBMITTED, _RETURNED)
"""Submitted, and not screened yet. Screening of a call is complete when no application is in these states."""
EDITABLE = (_DRAFT, _RETURNED)
"""The applicant may change the form and submit it."""

CALL_TRANSITIONS: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {
        CallState.PUBLISHED: frozenset({CallState.OPEN}),
        CallState.OPEN: frozenset({CallState.CLOSED}),
        CallState.CLOSED: frozenset(),
    }
)


class DraftState(StrEnum):
    """Of a call that is being written. SUBMITTED waits for the second officer, who publishes it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    DISCARDED = "discarded"


DRAFT_TRANSITIONS: Mapping[DraftState, frozenset[DraftState]] = MappingProxyType(
    {
        DraftState.DRAFT: frozenset({DraftState.SUBMITTED, DraftState.DISCARDED}),
        DraftState.SUBMITTED: frozenset({DraftState.DRAFT, DraftState.PUBLISHED}),
        DraftState.PUBLISHED: frozenset(),
        DraftState.DISCARDED: frozenset(),
    }
)


class SchemeFileState(StrEnum):
    """Of a policy or form that is proposed. SUBMITTED waits for the second officer."""

    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REFUSED = "refused"


SCHEME_FILE_TRANSITIONS: Mapping[SchemeFileState, frozenset[SchemeFileState]] = MappingProxyType(
    {
        SchemeFileState.SUBMITTED: frozenset({SchemeFileState.PUBLISHED, SchemeFileState.REFUSED}),
        SchemeFileState.PUBLISHED: frozenset(),
        SchemeFileState.REFUSED: frozenset(),
    }
)

APPLICATION_TRANSITIONS: Mapping[ApplicationState, frozenset[ApplicationState]] = MappingProxyType(
    {
        _DRAFT: frozenset({_SUBMITTED, _WITHDRAWN}),
        _SUBMITTED: frozenset({_RETURNED, _ELIGIBLE, _INELIGIBLE, _WITHDRAWN}),
        _RETURNED: frozenset({_SUBMITTED, _INELIGIBLE, _WITHDRAWN}),
        _ELIGIBLE: frozenset({_WITHDRAWN}),
        _INELIGIBLE: frozenset(),
        _WITHDRAWN: frozenset(),
    }
)
"""An eligible application is withdrawn only until an award is granted or refused; after that the voucher is declined."""


class ImportOutcome(StrEnum):
    """The result of a row of an imported list."""

    IMPORTED = "imported"
    ALREADY_IMPORTED = "already-imported"
    REFUSED = "refused"
