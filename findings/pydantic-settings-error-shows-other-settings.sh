#!/usr/bin/env bash
# pydantic-settings: the error about one missing setting prints the values of the others.
#
# Expected: the error names the setting that is missing.
# Happens:  its text ends with `input_value={...}`, which holds every value that was read, also those of fields of type SecretStr: they
#           are still plain text before validation.
# Matters:  a service that starts with one variable too few writes its passwords to its log.
# Guard:    `SettingsConfigDict(hide_input_in_errors=True)`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pydantic==2.14.3 pydantic-settings==2.16.3
EXAMPLE_PASSWORD=plain-example "$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="EXAMPLE_")
    address: str
    password: SecretStr


class Quiet(Settings):
    model_config = SettingsConfigDict(env_prefix="EXAMPLE_", hide_input_in_errors=True)


def text_of(settings: type[BaseSettings]) -> str:
    try:
        settings()
    except ValidationError as error:
        return str(error)
    raise AssertionError("one setting is missing")


shown, hidden = ("plain-example" in text_of(settings) for settings in (Settings, Quiet))
print(f"pydantic-settings {version('pydantic-settings')}: the password is in the error: {shown}; with hide_input_in_errors: {hidden}")
sys.exit(not shown or hidden)
PYTHON
