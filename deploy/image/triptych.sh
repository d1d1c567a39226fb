#!/bin/sh
# The command `triptych` in the image. Where secrets of an operator are mounted, it works on that installation.
set -eu
if [ -d /run/secrets/operator ]; then
	export TRIPTYCH_HOME="${TRIPTYCH_HOME:-/installation}"
	python -m deploy.compose.installation "$TRIPTYCH_HOME"
fi
exec python -c 'from operations.cli.command import main; main()' "$@"
