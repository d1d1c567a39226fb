#!/usr/bin/env bash
# sepaxml: a second export() of one transfer file pays twice, under the same message id, and validates.
#
# Version:  sepaxml 2.7.0.
# Expected: export() gives the file; called again, the same one, or an error.
# Happens:  each call adds the batches to the document once more. The second file has each payment twice, with equal ids; its header counts
#           three transfers and three times the sum of one, and the package's own validation by the XSD passes, as the XSD adds nothing up.
# Matters:  export() is called twice by a retry, a preview or a log. A bank that does not compare the header pays twice.
# Guard:    call export() once and keep its bytes; compare number and sum of the header with the transfers before anything is sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sepaxml==2.7.0
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import re
from datetime import date
from importlib.metadata import version

from sepaxml import SepaTransfer

print("sepaxml", version("sepaxml"))
config = {"name": "Agency", "IBAN": "GR1601101250000000012300695", "BIC": "ERBKGRAA", "batch": True, "currency": "EUR"}
payment = {
    "name": "Payee", "IBAN": "HR1210010051863000160", "BIC": "ZABAHR2X", "amount": 10_000, "execution_date": date(2026, 3, 2),
    "description": "Voucher", "endtoend_id": "A",
}
transfer = SepaTransfer(config, schema="pain.001.001.03", clean=True)
transfer.add_payment(payment)


def facts(data):
    header = data.partition(b"<PmtInf>")[0]
    numbers = [re.search(rb"<%s>([^<]+)" % name, header)[1].decode() for name in (b"MsgId", b"NbOfTxs", b"CtrlSum")]
    return [*numbers, re.findall(rb"<EndToEndId>([^<]+)", data)]


first, second = facts(transfer.export(validate=True)), facts(transfer.export(validate=True))
print("first", first, "second", second, sep="\n")
assert first[1:] == ["1", "100.00", [b"A"]]
assert second == [first[0], "3", "300.00", [b"A", b"A"]]
print("as described")
PYTHON
