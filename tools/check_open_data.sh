#!/usr/bin/env bash
# The 360Giving Data Standard's own checker, on awards as open data: check_open_data.sh FILE
# It is a program of its own (AGPL) in an environment of its own, which is removed again: never a dependency. It needs the internet, for itself,
# for the schema of the standard and for the list of registers. CHECKER: another source of it, for instance a folder.
set -euo pipefail
CHECKER=${CHECKER:-git+https://github.com/ThreeSixtyGiving/dataquality@783b746fb031208e92553bdb47a37af8fc84fd32}
file=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$CHECKER"
cd "$folder"
venv/bin/python venv/bin/cove_checks.py "$file" | tee report
if ! grep -q "'validation_errors_count': 0," report; then
	echo "The file does not follow the standard: see validation_errors above." >&2
	exit 1
fi
echo "The file follows the standard. What could be more useful stands above, under usefulness_checks."
