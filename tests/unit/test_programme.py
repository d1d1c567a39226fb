"""Containers of a simulated programme read its clock from files; a client of Temporal proves who it is, or uses no TLS at all."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.embedded.state import PROGRAMME_START
from shared.runtime.mutual_tls import temporal_tls, temporal_tls_in
from shared.runtime.settings import ClockSettings
from simulation.programme import ProgrammeSettings, write_programme

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)


def test_clock_is_read_from_the_files_that_are_written(tmp_path: Path) -> None:
    write_programme(tmp_path, ProgrammeSettings(day_seconds=2, programme_delay=240), NOW)
    settings = ClockSettings(_secrets_dir=tmp_path / "clock")  # type: ignore[call-arg]
    assert settings.clock().at(NOW + timedelta(seconds=240)) == PROGRAMME_START
    assert settings.day_seconds == 2
    assert (tmp_path / "regions/hr-koprivnica").is_dir()
    assert json.loads((tmp_path / "people.json").read_text())[0]["user_name"]


def test_client_of_temporal_needs_its_own_certificate(tmp_path: Path) -> None:
    for name in ("ca.pem", "temporal.pem", "temporal.key"):
        (tmp_path / name).write_text(name)
    with pytest.raises(ValueError, match="TRIPTYCH_TEMPORAL_CERTIFICATE"):
        temporal_tls(tmp_path / "ca.pem", None, tmp_path / "temporal.key")
    with_tls = temporal_tls_in(tmp_path)
    assert with_tls is not None
    assert (with_tls.server_root_ca_cert, with_tls.client_cert, with_tls.client_private_key) == (
        b"ca.pem",
        b"temporal.pem",
        b"temporal.key",
    )
    assert temporal_tls_in(None) is None
