"""1, files: each file that is kept is in the store as it was written, and the store has no other."""

from operations.verify.breach import Found
from operations.verify.facts import Facts


def _kept_files(facts: Facts) -> Found:
    for row in facts.rows("applications.files"):
        name = object_name(row["id"])
        if not row["deleted_at"] and name not in facts.files:
            yield f"application {row['application_id']}", f"its file {row['id']} is not in the store"
        elif not row["deleted_at"] and facts.files[name] != row["stored_sha256"]:
            yield f"application {row['application_id']}", f"its file {row['id']} is not the one that was stored"


def _deleted_files(facts: Facts) -> Found:
    """An upload whose transaction failed leaves an object for about an hour; what is to go goes within seconds but during a backup."""
    rows = facts.by("applications.files", "id")
    kept = {object_name(row["id"]) for row in rows.values() if not row["gone"]}
    for name in facts.files:
        if name not in kept:
            yield f"object {name}", "no file of an application names it", True
    for row in rows.values():
        if row["deleted_at"] and not row["gone"]:
            yield f"application {row['application_id']}", f"the content of its file {row['id']} is to be deleted, and is still there", True


def object_name(file_id: str) -> str:
    return f"{file_id[-2:]}/{file_id}"


FILE_CHECKS = (_kept_files, _deleted_files)
