"""Ways to break the bank's side: payment files, statements and the book. Each function returns the case that verify has to name."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.verify_payments import Folders

Ids = Mapping[str, str]


def _payment_file(folders: Folders, ids: Ids) -> Path:
    return next(path for path in folders.outgoing.iterdir() if path.stem.endswith(ids["batch"].replace("-", "")))


def statement_of(folders: Folders, ids: Ids) -> Path:
    return next(path for path in folders.incoming.glob("*camt*") if ids["paid_attempt"].replace("-", "") in path.read_text())


def _file_gone(folders: Folders, ids: Ids) -> str:
    _payment_file(folders, ids).unlink()
    return f"batch {ids['batch']}"


def _file_changed(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.write_text(path.read_text().replace("Studio Example", "Studio Elsewhere"))
    return f"batch {ids['batch']}"


def _file_twice(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.with_name("again.xml").write_bytes(path.read_bytes())
    return f"attempt {ids['paid_attempt']}"


def _file_of_a_stranger(folders: Folders, ids: Ids) -> str:
    path, other = _payment_file(folders, ids), "0" * 31 + "1"
    path.with_name("other.xml").write_text(path.read_text().replace(ids["disbursement"].replace("-", ""), other))
    return "disbursement 00000000-0000-0000-0000-000000000001"


def _file_unreadable(folders: Folders, ids: Ids) -> str:
    path = _payment_file(folders, ids)
    path.write_text(path.read_text()[:100])
    return f"file {path.name}"


def _file_is_a_pipe(folders: Folders, ids: Ids) -> str:
    os.mkfifo(folders.outgoing / "pipe.xml")
    return "file pipe.xml"


def _file_is_a_folder(folders: Folders, ids: Ids) -> str:
    (folders.outgoing / "folder.xml").mkdir()
    return "file folder.xml"


def _file_is_a_link(folders: Folders, ids: Ids) -> str:
    (folders.outgoing / "link.xml").symlink_to(_payment_file(folders, ids))
    return "file link.xml"


def _statement_is_a_pipe(folders: Folders, ids: Ids) -> str:
    os.mkfifo(folders.incoming / "pipe.xml")
    return "file pipe.xml"


def _taken_is_a_link(folders: Folders, ids: Ids) -> str:
    path = statement_of(folders, ids)
    (folders.incoming / "taken").symlink_to(folders.incoming)
    return f"file {path.name}"


def _statement_gone(folders: Folders, ids: Ids) -> str:
    statement_of(folders, ids).unlink()
    return f"disbursement {ids['disbursement']}"


def _statement_of_another_amount(folders: Folders, ids: Ids) -> str:
    path = statement_of(folders, ids)
    path.write_text(path.read_text().replace(">3000.00<", ">2999.99<"))
    return f"disbursement {ids['disbursement']}"


def _booked_twice(folders: Folders, ids: Ids) -> str:
    path = statement_of(folders, ids)
    path.with_name("again.xml").write_text(path.read_text() + "<!-- the next day -->")
    return f"disbursement {ids['disbursement']}"


def _first_attempt_stands_too(folders: Folders, ids: Ids) -> str:
    change_book(folders, "UPDATE transfers SET state = 'booked', returned_on = NULL")
    return f"disbursement {ids['disbursement']}"


def _never_booked(folders: Folders, ids: Ids) -> str:
    change_book(folders, "UPDATE transfers SET state = 'waiting', booked_on = NULL WHERE state = 'booked'")
    return f"disbursement {ids['disbursement']}"


def _booked_for_a_stranger(folders: Folders, ids: Ids) -> str:
    change_book(folders, "UPDATE transfers SET end_to_end_id = 'unknown' WHERE state = 'booked'")
    return "disbursement unknown"


def _taken_and_not_known(folders: Folders, ids: Ids) -> str:
    path = statement_of(folders, ids)
    (folders.incoming / "taken").mkdir()
    path.rename(folders.incoming / "taken" / path.name)
    return f"bank file {path.name}"


def change_book(folders: Folders, statement: str) -> None:
    with sqlite3.connect(folders.book) as book:
        assert book.execute(statement).rowcount
    book.close()


BANK_BREAKS: list[Callable[[Folders, Ids], str]] = [
    _file_gone, _file_changed, _file_twice, _file_of_a_stranger, _file_unreadable, _file_is_a_pipe, _file_is_a_folder, _file_is_a_link,
    _statement_is_a_pipe, _taken_is_a_link, _statement_gone, _statement_of_another_amount,
    _booked_twice, _first_attempt_stands_too, _never_booked, _booked_for_a_stranger,
    _taken_and_not_known,
]  # fmt: skip
