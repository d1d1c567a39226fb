"""The bank profiles: everything that differs between the payment schemes in which the programme pays.

A new profile is one entry here and its name in `shared/policy/sections.py: Bank`; its currency needs its minor digits
(`shared/kernel/money.py`) and its bank days (`shared/calendars/banks.py`). Tests hold the four against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_SEPA_LARGEST_MINOR = 999_999_999_99
"""EPC rulebook. The Danish and Polish schemes set no upper amount; SEPA's is used."""


@dataclass(frozen=True, slots=True)
class BankProfile:
    """One payment scheme.

    `country` (ISO 3166): accounts have to be there; None where the scheme crosses borders. `bban_digits`: the length of a domestic
    account number that is accepted beside an IBAN; None where only an IBAN is. `service_level` and `charge_bearer` are the ISO 20022
    codes that the scheme's banks expect.
    """

    name: str
    currency: str
    country: str | None
    service_level: str
    charge_bearer: str
    bban_digits: int | None = None
    largest_minor: int = _SEPA_LARGEST_MINOR

    @property
    def takes_bban(self) -> bool:
        return self.bban_digits is not None


SEPA_SCT = BankProfile(name="SEPA_SCT", currency="EUR", country=None, service_level="SEPA", charge_bearer="SLEV")
DK_DOMESTIC = BankProfile(
    name="DK_DOMESTIC", currency="DKK", country="DK", service_level="NURG", charge_bearer="SHAR", bban_digits=14
)  # registration number (4 digits) and account number (10)
PL_DOMESTIC = BankProfile(name="PL_DOMESTIC", currency="PLN", country="PL", service_level="NURG", charge_bearer="SHAR")

PROFILES: Mapping[str, BankProfile] = MappingProxyType({one.name: one for one in (SEPA_SCT, DK_DOMESTIC, PL_DOMESTIC)})
"""By the name that a policy gives (`[bank] profile`)."""
