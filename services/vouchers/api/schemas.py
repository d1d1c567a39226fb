"""Request bodies of vouchers."""

from shared.web.instants import Instant
from shared.web.schemas import Reason


class ExtensionInput(Reason):
    """Validity is extended to the end of the local day of `valid_until`."""

    valid_until: Instant
