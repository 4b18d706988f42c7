"""The commands that sit a rep down: run, demo, pop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.cells import cell_len
from sqlalchemy import select

from csdesk.commands.desk import _greeting
from csdesk.models import Ringing, table
from csdesk.screens.widgets.columns import MARGIN
from csdesk.store import Store
from tests.screens.tty import ROOT, Terminal
from tests.support.seed import Seeded


def csdesk(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "csdesk", *arguments],
        cwd=ROOT, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_desk_without_a_terminal_says_what_to_use_instead() -> None:
    done = csdesk("run")
    assert (done.returncode, done.stderr) == (
        2,
        "The desk needs a terminal; 'csdesk line' takes plain lines instead.\n",
    )


def test_csdesk_alone_is_run() -> None:
    assert csdesk().stderr == csdesk("run").stderr


def test_a_terminal_that_places_no_cursor_is_none() -> None:
    with Terminal(["-m", "csdesk"], environ={"TERM": "dumb"}) as terminal:
        assert terminal.end() == 2
        assert "csdesk line" in terminal.text


def test_a_wrong_setting_is_told_in_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[keys]\ncomit = "f5"\n', "utf-8")
    with Terminal(["-m", "csdesk", "run"], environ={"CSDESK_CONFIG": str(config)}) as terminal:
        assert terminal.end() == 1
        assert "'comit' in the settings is no key of the desk" in terminal.text
        assert "Traceback" not in terminal.text


def test_a_call_popped_by_the_telephone_shows_at_the_open_desk(store: Store, database_url: str, seeded: Seeded) -> None:
    with Terminal(["-m", "csdesk", "run", "--db", database_url, "--user", "rep7"]) as terminal:
        terminal.until("READY")
        terminal.type("har")
        terminal.until("> har")
        popped = csdesk("pop", "+12025550142", "--db", database_url, "--user", "rep7")
        assert popped.stdout == "+12025550142 rings at rep7\n"
        terminal.until("RINGING +12025550142")
        assert terminal.lines[22] == "> har"
    with store.engine.connect() as connection:
        assert connection.execute(select(table(Ringing).c.phone)).scalars().all() == ["+12025550142"]


def test_a_call_for_a_closed_desk_waits_in_the_database(database_url: str, seeded: Seeded) -> None:
    popped = csdesk("pop", "550142", "--db", database_url, "--user", "rep7")
    assert popped.stdout == "550142 rings at rep7; no desk of theirs is open, it will show when one is\n"
    unknown = csdesk("pop", "550142", "--db", database_url, "--user", "nobody")
    assert (unknown.returncode, unknown.stderr) == (1, "Nobody here has the login nobody.\n")


def test_the_demonstration_welcomes_and_leaves_with_one_key(tmp_path: Path) -> None:
    with Terminal(["-m", "csdesk", "demo"], environ={"XDG_DATA_HOME": str(tmp_path)}) as terminal:
        terminal.until("Welcome")
        terminal.until("550142")
        terminal.type("\x11")
        assert terminal.end() == 0


def test_the_welcome_fits_its_window() -> None:
    assert [row for row in _greeting().rows if cell_len(row.cells[0]) > 80 - MARGIN] == []
