"""When Apache Kafka cannot run, one line says why."""

from pathlib import Path

import pytest

from deploy.embedded.binaries import MissingServer
from deploy.embedded.kafka import install


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the search path; Kafka is not downloaded yet."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(install.KAFKA, "cache", tmp_path / "cache")
    return tmp_path


def java(path: Path, version: str) -> None:
    program(path, "java", f"echo 'openjdk version \"{version}\"' >&2")


def test_missing_java_is_reported(path: Path) -> None:
    assert "java was not found" in str(install.why_unavailable())


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22", "16"])
def test_old_java_is_reported(path: Path, version: str) -> None:
    java(path, version)
    assert f'is: openjdk version "{version}"' in str(install.why_unavailable())


def test_missing_maven_is_reported(path: Path) -> None:
    java(path, "17.0.15")
    assert "mvn was not found" in str(install.why_unavailable())


def test_failed_download_reports_first_error_each_time(path: Path) -> None:
    java(path, "21")
    program(path, "mvn", "echo '[ERROR] no such host'; echo '[ERROR] more'; exit 1")
    for _ in range(2):
        with pytest.raises(MissingServer, match=r"no such host$"):
            install.libraries()


def test_downloaded_kafka_is_not_downloaded_again(path: Path) -> None:
    java(path, "21")
    program(path, "mvn", 'for word in "$@"; do case "$word" in -DoutputDirectory=*) /bin/mkdir -p "${word#*=}";; esac; done')
    assert install.why_unavailable() is None
    (path / "mvn").unlink()
    assert install.why_unavailable() is None
