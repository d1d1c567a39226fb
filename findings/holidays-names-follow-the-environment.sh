#!/usr/bin/env bash
# holidays: what a holiday is called depends on the environment of the process, and an unknown language is no error.
#
# Version:  holidays 0.109.
# Expected: without `language=` the names are in the language of the country, which its documentation calls the default; an unknown
#           language is refused.
# Happens:  with LANG=en_US the names of Greece are in English, with LANG=C they are Greek. language='xx' is taken, and gives the names in
#           the default language.
# Matters:  the same service names a holiday otherwise under systemd than in a shell, and a comparison of names, or a hash of the table,
#           differs.
# Guard:    always pass `language=`, and compare days and never names.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check holidays==0.109
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import os
import subprocess
import sys

import holidays

ASK = "import holidays; print(holidays.country_holidays('GR', years=2026{options})['2026-01-06'])"


def name(environment: dict[str, str], options: str = "") -> str:
    clean = {key: value for key, value in os.environ.items() if key not in ("LANG", "LANGUAGE") and not key.startswith("LC_")}
    command = [sys.executable, "-c", ASK.format(options=options)]
    settings = clean | environment | {"PYTHONUTF8": "1"}
    return subprocess.run(command, env=settings, capture_output=True, check=True, encoding="utf-8").stdout.strip()


print("holidays", holidays.__version__)
english, plain = name({"LANG": "en_US.UTF-8"}), name({"LANG": "C"})
unknown = name({"LANG": "C"}, ", language='xx'")
print(f"LANG=en_US.UTF-8: {english}; LANG=C: {plain}; language='xx': {unknown}")
print("with language='el' and LANG=en_US.UTF-8:", name({"LANG": "en_US.UTF-8"}, ", language='el'"))
assert english == "Epiphany" and plain == "Θεοφάνεια" == name({"LANG": "en_US.UTF-8"}, ", language='el'")
assert unknown == plain
print("as described")
PYTHON
