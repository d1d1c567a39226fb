"""A guard switched off: a copy of the repository in which one text is replaced."""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deploy.embedded.data_directory import REPOSITORY


@dataclass(frozen=True)
class Mutant:
    """`guard` describes the guard. Replacing the text `was` by `now` in `file` switches it off."""

    name: str
    guard: str
    file: str
    was: str
    now: str


@dataclass(frozen=True)
class Attack(Mutant):
    """`test` fails without the guard. No `breaks`: nothing is left that a record could show."""

    test: str = ""
    breaks: tuple[str, ...] = ()


Switched = TypeVar("Switched", bound=Mutant)


def count_missed(mutants: Sequence[Switched], names: Sequence[str], is_found: Callable[[Switched], bool]) -> int:
    """How many of the mutants with these names, or of all, are not found. Prints each before it is tried."""
    missed = 0
    for mutant in mutants:
        if not names or mutant.name in names:
            sys.stdout.write(f"{mutant.name}: {mutant.guard}\n")
            missed += not is_found(mutant)
            sys.stdout.flush()
    return missed


@contextmanager
def copy_without(mutant: Mutant) -> Iterator[tuple[Path, Path]]:
    """Yields the interpreter of a copy of the repository without the guard, and an empty folder for what it writes."""
    top = Path(tempfile.mkdtemp(prefix="triptych-mutant-"))
    copy, folder = top / "code", top / "written"
    try:
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, tracked):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
        changed = copy / mutant.file
        text = changed.read_text()
        if text.count(mutant.was) != 1:
            raise RuntimeError(f"{mutant.file} does not contain the guard of {mutant.name} once: {mutant.was}")
        changed.write_text(text.replace(mutant.was, mutant.now))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", copy / ".venv"], check=True)
        packages = next((copy / ".venv" / "lib").glob("python*/site-packages"))
        (packages / "mutant.pth").write_text(f"{copy}\n{sysconfig.get_path('purelib')}\n")  # the copy takes precedence over the original
        for program in Path(sysconfig.get_path("scripts")).iterdir():  # the servers that are installed as packages
            if not (copy / ".venv" / "bin" / program.name).exists():
                (copy / ".venv" / "bin" / program.name).symlink_to(program)
        folder.mkdir()
        yield copy / ".venv" / "bin" / "python", folder
    finally:
        shutil.rmtree(top, ignore_errors=True)
