"""A served desk for tests: the real server in a process of its own, people with keys, and OpenSSH on a terminal."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import psutil
import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError
from csdesk.services import access_keys, founding
from csdesk.store import Store
from tests.crash.rep import CUSTOMER, FIVE, ORDER, Books, Desk
from tests.screens.tty import PATIENCE, ROOT, Terminal
from tests.server.records import SOON, Person, Records

HALF = "4711 7"
_numbers = itertools.count(1)


def openssh() -> None:
    """Skips the test where there is no OpenSSH client, and fails it on a CI machine."""
    missing = [name for name in ("ssh", "ssh-keygen") if shutil.which(name) is None]
    if not missing:
        return
    words = f"NO OPENSSH CLIENT ({', '.join(missing)}): what the server does for real clients is NOT tested here"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(words)
    pytest.skip(words)


def new_key(folder: Path, name: str, kind: str = "ssh-ed25519") -> Path:
    """A new pair of keys; gives the private one's file."""
    path = folder / name
    key = asyncssh.generate_private_key(kind)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(key.export_private_key())
    path.with_name(f"{name}.pub").write_bytes(key.export_public_key())
    return path


def public(path: Path) -> str:
    """The public key of a private one's file, "type base64"."""
    return " ".join(path.with_name(f"{path.name}.pub").read_text().split()[:2])


@dataclass
class Server(Records):
    """`csdesk serve` on a database, with a folder, a home and a port of its own."""

    folder: Path
    url: str
    settings: Mapping[str, object] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    module: str = "csdesk"

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700, parents=True)
        self.store = Store(self.url)
        self.books = Books(self.store)
        self.start()

    def start(self) -> None:
        """Starts it, anew after it has ended; it is there when this returns."""
        own = {"serve_folder": self.folder / "serve", "serve_host": "127.0.0.1", "serve_port": 0, "serve_reserve": 1,
               "serve_name": "here", "db": self.url, **self.settings}  # fmt: skip
        self.env = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "LANG")},
            **{f"CSDESK_{name.upper()}": str(value) for name, value in own.items()},
            "HOME": str(self.home), "CSDESK_CONFIG": str(self.folder / "none.toml"), "PYTHONPATH": str(ROOT),
            **self.environ,
        }  # fmt: skip
        self._log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, "serve"], env=self.env, cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self._log, start_new_session=True, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = ""  # on standard output
        while not (line := self.process.stdout.readline()).startswith("Serving desks at port "):
            assert line, f"{self.said}\n{self.raw_log}"
            self.said += line
        self.port = int(line.split()[-1].rstrip("."))
        host_key = (self.folder / "serve" / "host_ed25519_key.pub").read_text().split()
        (self.folder / "known").write_text(f"* {host_key[0]} {host_key[1]}\n")

    def stop(self) -> None:
        """Ends it and everything it has started."""
        ours = [each for each in psutil.Process().children() if each.pid == self.process.pid]
        family = [*ours, *itertools.chain.from_iterable(each.children(recursive=True) for each in ours)]
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.kill()
        self.process.wait()
        self._log.close()
        self.store.close()

    @property
    def zygote(self) -> int:
        """The pid of the process desks are forked from."""
        made = []
        for each in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # or a zombie: one that was killed
                made += [each.pid] if "zygote" in " ".join(each.cmdline()) else []
        return made[0] if made else 0

    # -- people --------------------------------------------------------------------------------------------------

    def hire(self, role: str = "rep", login: str = "") -> Person:
        """Somebody new with a key of his own."""
        number = next(_numbers)
        login = login or f"{role}{1000 + number}"
        self.store.write_now(founding.add_staff, login, f"Test {login}", role)
        return self.with_key(login)

    def with_key(self, login: str) -> Person:
        """Somebody who has a login, with a key of his own from now on."""
        number = next(_numbers)
        key = new_key(self.folder, f"key{number}")
        self.store.write_now(access_keys.add_key, login, public(key))
        ((staff_id,),) = self.books.rows("SELECT id FROM staff WHERE login = :login", login=login)
        return Person(login, key, f"127.0.{number // 250 + 1}.{number % 250 + 2}", staff_id)

    def client(self, who: Person, *options: str, key: Path | None = None, login: str = "") -> list[str]:
        """The arguments of ssh for somebody, what is run there not among them."""
        given = {
            "IdentityFile": key or who.key, "IdentitiesOnly": "yes", "IdentityAgent": "none",
            "BindAddress": who.address, "UserKnownHostsFile": self.folder / "known",
            "GlobalKnownHostsFile": "/dev/null", "LogLevel": "ERROR", "StrictHostKeyChecking": "yes",
            "NumberOfPasswordPrompts": 3,
        }  # fmt: skip
        words = [part for name, value in given.items() for part in ("-o", f"{name}={value}")]
        return ["-F", "none", *options, *words, "-p", str(self.port), "-l", login or who.login, "127.0.0.1"]

    def sit(self, who: Person, *options: str, key: Path | None = None, **more: Any) -> Guest:
        """Somebody logs in from a terminal."""
        return Guest(self.client(who, *options, key=key), **more)

    def run(self, who: Person, *options: str, command: tuple[str, ...] = (), **more: Any) -> tuple[int, str]:
        """ssh without a terminal, to its end: its exit code and all it said."""
        client = self.client(who, *options, **more)
        done = subprocess.run(
            ["ssh", *client, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.returncode, done.stdout + done.stderr

    def command(self, *words: str) -> tuple[int, str]:
        """A command of csdesk with the settings of this server."""
        done = CliRunner().invoke(app, list(words), env=self.env)
        said = done.output + (done.exception.message if isinstance(done.exception, DeskError) else "")
        return done.exit_code, said


class Guest(Desk):
    """ssh on a terminal."""

    def __init__(self, client: list[str], **more: Any) -> None:
        Terminal.__init__(self, client, program="ssh", **more)

    def closed(self, patience: float = SOON) -> int:
        """Reads until ssh has ended; its exit code."""
        self.wait(lambda: self.process.poll() is not None, patience)
        while self.read(0):
            pass
        return int(self.process.returncode)

    def send(self, sign: signal.Signals) -> None:
        """A signal to ssh itself."""
        os.kill(self.process.pid, sign)


def half_typed(desk: Guest) -> None:
    """A call, five lines, and one that is not finished."""
    desk.ready()
    desk.type(f"{CUSTOMER}\r{ORDER}{HALF}")
    desk.wait(lambda: desk.pad == list(FIVE) and desk.prompt == HALF)


def finds_all(desk: Guest) -> None:
    """What `half_typed` left is on the screen, without a key."""
    desk.ready()
    desk.wait(lambda: desk.pad == list(FIVE) and desk.prompt == HALF)


def is_kept(server: Server, who: Person) -> bool:
    """Whether the database holds what `half_typed` left."""
    return server.drafts(who) == [list(FIVE)] and server.calls(who) == [(CUSTOMER, HALF)]


def asked(desk: Guest) -> None:
    """Waits for the question of a second login."""
    desk.wait(lambda: "Enter takes it over, q leaves it." in desk.text)


@contextlib.contextmanager
def serving(folder: Path, url: str, **more: Any) -> Iterator[Server]:
    """A server, ended afterwards whatever happens; then the books must be right."""
    openssh()
    server = Server(folder, url, **more)
    try:
        yield server
        assert server.faults() == []
    finally:
        server.stop()
