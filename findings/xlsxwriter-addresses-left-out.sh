#!/usr/bin/env bash
# XlsxWriter: a text that looks like an address leaves its cell empty when it is long, or when there are many.
#
# Version:  XlsxWriter 3.3.1.
# Expected: what cannot be a link is written as text, as a text is that is no address.
# Happens:  `write` of an address of more than 2,079 letters, and of the 65,531st address of a sheet, writes nothing: the cell is empty.
#           There is a warning, and a return code that nobody reads; the same text by write_string is there.
# Matters:  a list of firms with a column of web pages has gaps, which look like missing answers.
# Guard:    write_string for all that people typed, or strings_to_urls=False.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check xlsxwriter==3.3.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import io
import warnings
import zipfile
from importlib.metadata import version

import xlsxwriter

print("XlsxWriter", version("xlsxwriter"))


def cells(addresses: list[str], **options) -> int:
    """How many cells the sheet has after each address was written into one."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **options})
    sheet = book.add_worksheet()
    for line, address in enumerate(addresses):
        sheet.write(line, 0, address)
    book.close()
    return zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode().count("<c ")


MANY, LONG = [f"https://firm.example/{number}" for number in range(65_532)], ["https://firm.example/" + "x" * 2_080]
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    many, long = cells(MANY), cells(LONG)
    as_text = [cells(addresses, strings_to_urls=False) for addresses in (MANY, LONG)]
print(f"{len(MANY)} addresses: {many} cells; one long address: {long} cells; as text: {as_text}")
print("warnings:", len(said))
assert (many, long, as_text) == (65_530, 0, [65_532, 1])
print("as described")
PYTHON
