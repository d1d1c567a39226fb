"""An order read back by two libraries that share no code with its writer, nor with each other: each value that a bank acts on.

`pyiso20022`: classes made of ISO's schemas, filled by the parser of `xsdata`. `xmlschema`: a reader that takes the schema itself, in the
copy that another package has.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.metadata import distribution
from itertools import product
from typing import Any

import pytest

from services.payments.iso20022.model import Address, OrderForm, payment_reference, reference
from services.payments.iso20022.pain001 import MESSAGES, OLDER, build_batch
from services.payments.iso20022.profiles import DK_DOMESTIC, PL_DOMESTIC, PROFILES, SEPA_SCT, BankProfile
from shared.kernel.money import Money
from tests.support.bank_files import BATCH_ID, PAYEES, batch, transfer

ADDRESS = Address("HR", "Koprivnica", "Ulica", "7", "48000", ("Lokal 3",))
NAMES = {SEPA_SCT: "Obrt Zuti Camac", DK_DOMESTIC: "Groen Aeske ApS", PL_DOMESTIC: "Pracownia Zolw"}
ACCOUNTS = {SEPA_SCT: "HR1210010051863000160", DK_DOMESTIC: "00400440116243", PL_DOMESTIC: "PL61109010140000071219812874"}
PAYING = {SEPA_SCT: "GR1601101250000000012300695", DK_DOMESTIC: "00400440116243", PL_DOMESTIC: "PL61109010140000071219812874"}


def read_by_classes(data: bytes, message: str) -> dict[str, Any]:
    """By pyiso20022: its names are those of the schema in lower case."""
    document = import_module(f"pyiso20022.pain.{message.replace('.', '_')}").Document
    parsers = import_module("xsdata.formats.dataclass.parsers")
    order = parsers.XmlParser().from_bytes(data, document).cstmr_cdt_trf_initn
    [group] = order.pmt_inf
    day = group.reqd_exctn_dt if message == OLDER else group.reqd_exctn_dt.dt
    return {
        "message": order.grp_hdr.msg_id, "count": (order.grp_hdr.nb_of_txs, group.nb_of_txs),
        "sums": (order.grp_hdr.ctrl_sum, group.ctrl_sum), "by": order.grp_hdr.initg_pty.id.org_id.othr[0].id, "group": group.pmt_inf_id,
        "booking": group.btch_bookg, "day": date.fromisoformat(str(day)), "bearer": group.chrg_br.value,
        "level": _one(group.pmt_tp_inf.svc_lvl).cd, "from": (_number(group.dbtr_acct), group.dbtr_acct.ccy),
        "transfers": [
            {
                "ids": (one.pmt_id.instr_id, one.pmt_id.end_to_end_id), "amount": (one.amt.instd_amt.value, one.amt.instd_amt.ccy),
                "name": one.cdtr.nm, "to": _number(one.cdtr_acct), "text": _one(one.rmt_inf.ustrd),
                "address": (one.cdtr.pstl_adr.strt_nm, one.cdtr.pstl_adr.bldg_nb, one.cdtr.pstl_adr.pst_cd, one.cdtr.pstl_adr.twn_nm,
                            one.cdtr.pstl_adr.ctry, tuple(one.cdtr.pstl_adr.adr_line)),
            }
            for one in group.cdt_trf_tx_inf
        ],
    }  # fmt: skip


def read_by_schema(data: bytes, message: str) -> dict[str, Any]:
    """By xmlschema: dictionaries with the names of the schema, numbers as decimals."""
    order = _schema(message).decode(data.decode(), decimal_type=Decimal)["CstmrCdtTrfInitn"]
    header, [group] = order["GrpHdr"], order["PmtInf"]
    day = group["ReqdExctnDt"] if message == OLDER else group["ReqdExctnDt"]["Dt"]
    return {
        "message": header["MsgId"], "count": (header["NbOfTxs"], group["NbOfTxs"]), "sums": (header["CtrlSum"], group["CtrlSum"]),
        "by": header["InitgPty"]["Id"]["OrgId"]["Othr"][0]["Id"], "group": group["PmtInfId"], "booking": group["BtchBookg"],
        "day": date.fromisoformat(str(day)), "bearer": group["ChrgBr"], "level": _one(group["PmtTpInf"]["SvcLvl"])["Cd"],
        "from": (_number_in(group["DbtrAcct"]), group["DbtrAcct"]["Ccy"]),
        "transfers": [
            {
                "ids": (one["PmtId"]["InstrId"], one["PmtId"]["EndToEndId"]),
                "amount": (one["Amt"]["InstdAmt"]["$"], one["Amt"]["InstdAmt"]["@Ccy"]), "name": one["Cdtr"]["Nm"],
                "to": _number_in(one["CdtrAcct"]), "text": _one(one["RmtInf"]["Ustrd"]),
                "address": (*(one["Cdtr"]["PstlAdr"][tag] for tag in ("StrtNm", "BldgNb", "PstCd", "TwnNm", "Ctry")),
                            tuple(one["Cdtr"]["PstlAdr"]["AdrLine"])),
            }
            for one in group["CdtTrfTxInf"]
        ],
    }  # fmt: skip


@cache
def _schema(message: str) -> Any:
    return import_module("xmlschema").XMLSchema(str(distribution("sepaxml").locate_file(f"sepaxml/schemas/{message}.xsd")))


def _one(values: Any) -> Any:
    """What may stand several times in the newer version, and stands once."""
    if isinstance(values, list):
        [values] = values
    return values


def _number(account: Any) -> str:
    return str(account.id.iban or account.id.othr.id)


def _number_in(account: Any) -> str:
    return str(account["Id"].get("IBAN") or account["Id"]["Othr"]["Id"])


@pytest.mark.parametrize("read", [read_by_classes, read_by_schema])
@pytest.mark.parametrize(("message", "profile"), list(product(MESSAGES, PROFILES.values())), ids=str)
def test_two_libraries_read_each_value_of_an_order(message: str, profile: BankProfile, read: Any) -> None:
    payee = replace(PAYEES[profile], address=ADDRESS)
    transfers = [transfer(number, Money(minor, profile.currency), payee) for number, minor in ((1, 123_456), (2, 5))]
    data = build_batch(replace(batch(profile, *transfers), form=OrderForm(message=message, initiating_id="0207437468")))
    assert read(data, message) == {
        "message": reference(BATCH_ID), "count": ("2", "2"), "sums": (Decimal("1234.61"), Decimal("1234.61")), "by": "0207437468",
        "group": f"{reference(BATCH_ID)}-1", "booking": True, "day": date(2026, 3, 2), "bearer": profile.charge_bearer,
        "level": profile.service_level, "from": (PAYING[profile], profile.currency),
        "transfers": [
            {
                "ids": (reference(one.attempt_id), payment_reference(one.disbursement_id, one.number)),
                "amount": (amount, profile.currency),
                "name": NAMES[profile], "to": ACCOUNTS[profile], "text": "Voucher TST-0000-0001",
                "address": ("Ulica", "7", "48000", "Koprivnica", "HR", ("Lokal 3",)),
            }
            for one, amount in zip(transfers, (Decimal("1234.56"), Decimal("0.05")), strict=True)
        ],
    }  # fmt: skip
