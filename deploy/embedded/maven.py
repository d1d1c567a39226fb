"""Java programs without containers: Maven downloads them, once, into a folder of the repository that git ignores."""

import fcntl
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from deploy.embedded.binaries import MissingServer

DOWNLOAD_SECONDS = 300


@dataclass
class JavaProgram:
    """What `pom` depends on: its jars (`copy-dependencies`), or the content of its archive (`unpack-dependencies`).

    It is stored in `cache`, in a folder named after the hash of the pom: another version gets a folder of its own.
    """

    name: str
    pom: Path
    goal: Literal["copy-dependencies", "unpack-dependencies"]
    cache: Path
    oldest_java: int = 17

    def java(self) -> Path:
        """The path of Java. Raises `MissingServer` when there is none, or one that is too old."""
        needed = f"{self.name} needs Java {self.oldest_java} or newer"
        found = shutil.which("java")
        if found is None:
            raise MissingServer(f"{needed}; java was not found (Debian: default-jre-headless).")
        output = _release(found)
        version = re.search(r'version "(?:1\.)?(\d+)', output)
        if version is None or int(version[1]) < self.oldest_java:
            raise MissingServer(f"{needed}; {found} is: {_first_line(output)}")
        return Path(found)

    def classes(self) -> Path:
        """Where its classes are kept as this release of Java has them in memory, if somebody has kept them. Java takes them for jars in the
        same place only."""
        folder = self.folder()
        place = hashlib.sha256(f"{folder}\n{_release(str(self.java()))}".encode()).hexdigest()[:12]
        return self.cache / f"{folder.name}-{place}.jsa"

    def folder(self) -> Path:
        """Where it is, after the download if needed. Raises `MissingServer` when that fails."""
        folder = self.cache / hashlib.sha256(self.pom.read_bytes()).hexdigest()[:12]
        if not folder.exists():
            self.cache.mkdir(exist_ok=True)
            with (self.cache / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # test processes run in parallel
                if not folder.exists():
                    self._download(folder)
        return folder

    def _download(self, folder: Path) -> None:
        """Uses a temporary name until it is complete: an interrupted download must not be taken for a whole one."""
        maven = shutil.which("mvn")
        if maven is None:
            raise MissingServer(f"{self.name} is downloaded by Maven; mvn was not found (Debian: maven).")
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        options = (f"-DoutputDirectory={unfinished}", f"-DmarkersDirectory={unfinished}/.markers", "-DincludeScope=runtime")
        command = [maven, "-q", "-B", "-f", str(self.pom), f"dependency:{self.goal}", *options]
        try:
            maven_run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise MissingServer(f"Maven did not download {self.name} within {DOWNLOAD_SECONDS} s.") from error
        if maven_run.returncode != 0 or not unfinished.is_dir():
            raise MissingServer(f"Maven could not download {self.name}: {_first_error(maven_run.stdout)}")
        unfinished.rename(folder)

    def why_unavailable(self) -> str | None:
        """One line that says why it cannot run here, or None when it can. Downloads it if needed."""
        try:
            self.java()
            self.folder()
        except MissingServer as reason:
            return str(reason)
        return None


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "ERROR" in line), _first_line(text))[:300]


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no output"])[0]


@cache
def _release(java: str) -> str:
    return subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=60).stderr
