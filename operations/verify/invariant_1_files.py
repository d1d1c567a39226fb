"""1, files: each file that is kept is in its store as it was written, and no store has another."""

from collections.abc import Iterator

from operations.verify.breach import Found
from operations.verify.facts import Facts, Row, grouped

TABLES = {"applications.files": ("application", "application_id"), "payments.claim_files": ("claim draft", "draft_id")}
"""Table of files → what they belong to, and its column. The ids of files are unique across the stores."""


def _files(facts: Facts) -> Iterator[tuple[str, Row]]:
    """What each file belongs to, and its row."""
    for table, (kind, column) in TABLES.items():
        for row in facts.rows(table):
            yield f"{kind} {row[column]}", row


def _kept_files(facts: Facts) -> Found:
    for subject, row in _files(facts):
        name = object_name(row["id"])
        if not row["deleted_at"] and name not in facts.files:
            yield subject, f"its file {row['id']} is not in the store"
        elif not row["deleted_at"] and facts.files[name] != row["stored_sha256"]:
            yield subject, f"its file {row['id']} is not the one that was stored"


def _deleted_files(facts: Facts) -> Found:
    """An upload whose transaction failed leaves an object for about an hour; what is to go goes within seconds but during a backup."""
    rows = list(_files(facts))
    kept = {object_name(row["id"]) for _, row in rows if not row["gone"]}
    for name in facts.files:
        if name not in kept:
            yield f"object {name}", "no file of an application or a claim names it", True
    for subject, row in rows:
        if row["deleted_at"] and not row["gone"]:
            yield subject, f"the content of its file {row['id']} is to be deleted, and is still there", True


def _refused_files(facts: Facts) -> Found:
    """A refused file of the bank is out of sight only by the last word of a person."""
    decided = grouped(facts.rows("payments.bank_file_acts"), lambda row: row["file_sha256"])
    for row in facts.rows("payments.bank_files"):
        acts = [one for one in decided.get(row["sha256"], []) if one["act"] != "retried"]
        by_person = bool(acts) and acts[-1]["act"] == "dismissed" and acts[-1]["by"] != "system"
        if row["state"] == "refused" and row["dismissed"] != by_person:
            yield f"bank file {row['sha256'][:12]}", "is dismissed without a person" if row["dismissed"] else "is dismissed, and waits"


def object_name(file_id: str) -> str:
    return f"{file_id[-2:]}/{file_id}"


FILE_CHECKS = (_kept_files, _deleted_files, _refused_files)
