"""Events that `payments` publishes about the de minimis aid of what is no money."""

from shared.contracts.common import Code, Currency, MinorUnits, VoucherEvent
from shared.contracts.payments import FUNDS


class AidEvent(VoucherEvent, abstract=True, topic=FUNDS):
    """About the de minimis aid of a voucher that is no money: `amount_minor` is what its hours or places are worth as aid."""

    amount_minor: MinorUnits
    currency: Currency


class AidReserved(AidEvent):
    """The answer to UnitsReserved: the ceiling leaves enough, and the offer counts under it from now on."""


class AidReservationRefused(AidEvent):
    """The single undertaking would have too much de minimis aid (`rule` de-minimis-ceiling): the ceiling leaves `headroom_minor`."""

    rule: Code
    headroom_minor: MinorUnits
