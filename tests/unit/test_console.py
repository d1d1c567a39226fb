"""What others wrote, on the operator's terminal: it is shown, and moves, colours or hides nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from operations.cli import console
from operations.cli.main import app
from operations.verify.bank_files import read_bank
from shared.kernel.printable import printable

HOSTILE = "a\x1b[2Jb\x9b31mce\u202ef\u2028g\x7fh\udcffi[red]j[/k]l:skull:m"
SHOWN = "a\\u001b[2Jb\\u009b31mce\\u202ef\\u2028g\\u007fh\\udcffi[red]j[/k]l:skull:m"


def table(*cells: str) -> Table:
    made = Table("column" * 20, title=HOSTILE)
    for cell in cells:
        made.add_row(cell)
    return made


def fail() -> None:
    with pytest.raises(typer.Exit):
        console.fail(f"It cannot be read: {HOSTILE}")


WAYS: dict[str, Callable[[], object]] = {
    "a line": lambda: console.out.print(HOSTILE),
    "a line with a style": lambda: console.out.print(HOSTILE, style="yellow", highlight=False, soft_wrap=True),
    "a text": lambda: console.out.print(Text(HOSTILE)),
    "a cell": lambda: console.wide().print(table(HOSTILE)),
    "an error": fail,
    "what programs read": lambda: console.echo(HOSTILE),
}


@pytest.mark.parametrize("show", WAYS.values(), ids=WAYS)
def test_foreign_text_is_shown_and_not_obeyed(show: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> None:
    show()
    shown = "".join(capsys.readouterr())
    assert all(one.isprintable() or one == "\n" for one in shown), ascii(shown)
    assert SHOWN in shown.replace("\n", "")


def test_printable_json_is_the_same_json() -> None:
    written = json.dumps({"title": HOSTILE + "\U000e0001", "lines": "one\ntwo"}, ensure_ascii=False, indent=1)
    assert json.loads(printable(written, keep="\n")) == json.loads(written)
    assert printable("one\r\ntwo\x07 é 😀") == "one\\r\\ntwo\\u0007 é 😀"


def test_bank_file_with_a_name_of_two_lines_is_named_on_one(tmp_path: Path) -> None:
    for folder in ("outgoing", "incoming"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.xml\nOK, nothing is wrong.xml").write_text("<")
        os.mkfifo(tmp_path / folder / "\x1b[2J.xml")
    unreadable = read_bank(tmp_path / "outgoing", tmp_path / "incoming", tmp_path / "none").unreadable
    assert len(unreadable) == 4
    assert all(one.isprintable() for one in unreadable)


def test_logs_obey_nothing_that_was_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "bank.log").write_bytes(b"file \x1b]0;x\x07\x1b[2J[/x].xml ignored\n")
    shown = CliRunner().invoke(app, ["logs"])
    assert shown.exit_code == 0
    assert shown.output == "bank | file \\u001b]0;x\\u0007\\u001b[2J[/x].xml ignored\n"
