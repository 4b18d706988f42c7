"""A served desk for tests: the real server in a process of its own, people with keys, and OpenSSH on a terminal."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncssh
import psutil
import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError
from csdesk.services import access_keys, care, founding
from csdesk.services import audit as trail
from csdesk.services.drafts import LINES
from csdesk.store import Store
from tests.crash.rep import CUSTOMER, FIVE, ORDER, Books, Desk
from tests.screens.tty import PATIENCE, ROOT, Terminal

LOOK = 0.02
HALF = "4711 7"
SOON = 20.0  # a desk that is asked to end has fifteen seconds; the rest is for a busy machine
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


@dataclass(frozen=True)
class Person:
    """Somebody with a login, and where he sits: an address of this machine that no other test uses."""

    login: str
    key: Path
    address: str
    staff_id: int


@dataclass
class Server:
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

    # -- what it wrote -------------------------------------------------------------------------------------------

    @property
    def raw_log(self) -> str:
        """All it and its children wrote to standard error."""
        return (self.folder / "log").read_text("utf-8", "replace")

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log; fails when a line of it is no JSON object."""
        return [json.loads(line) for line in self.raw_log.splitlines()]

    def logged(self, event: str, **what: str) -> list[dict[str, Any]]:
        """Lines of the log with a text, whose entries hold what is named."""
        return [
            line
            for line in self.log
            if event in line["event"] and all(part in str(line.get(name)) for name, part in what.items())
        ]

    def trail(self, verb: str, **what: str) -> list[dict[str, Any]]:
        """What audit entries of a verb say, those whose entries hold what is named."""
        found = [json.loads(row[0]) for row in self.books.rows("SELECT after FROM audit WHERE verb = :v"
                                                               " ORDER BY lane, seq", v=verb)]  # fmt: skip
        return [each for each in found if all(part in str(each.get(name)) for name, part in what.items())]

    def refused(self, who: Person, why: str, *, login: str | None = None) -> bool:
        """Whether a refusal is in the log and in the trail, with login and address."""
        given = {"login": who.login if login is None else login, "address": who.address, "why": why}
        return bool(self.logged("refused", **given) and self.trail("access.refused", **given))

    def sessions(self, who: Person) -> list[tuple[int, int, str]]:
        """(id, pid, why it ended or '') of the sessions of somebody, oldest first."""
        found = self.books.rows(
            "SELECT id, pid, ended_at, ended_why FROM desk_session WHERE staff_id = :s ORDER BY id", s=who.staff_id
        )
        return [(row[0], row[1], row[3] if row[2] else "") for row in found]

    def pid(self, who: Person) -> int:
        """The process of the desk somebody sits at; waits until it is known."""
        until(lambda: [each for each in self.sessions(who) if not each[2] and each[1]])
        return next(pid for _, pid, why in self.sessions(who) if not why)

    def over(self, who: Person) -> str:
        """Waits until the last session of somebody has ended, its process too; why it did."""
        until(lambda: self.sessions(who)[-1][2], SOON)
        _, pid, why = self.sessions(who)[-1]
        until(lambda: not alive(pid), SOON)
        return why

    def calls(self, who: Person) -> list[tuple[str, str]]:
        """(customer code, half-typed text) of the open calls of somebody."""
        found = self.books.rows(
            "SELECT u.code, c.prompt FROM call c LEFT JOIN customer u ON u.id = c.customer_id"
            " WHERE c.ended_at IS NULL AND c.staff_id = :s ORDER BY c.slot", s=who.staff_id
        )  # fmt: skip
        return [(code, prompt) for code, prompt in found]

    def drafts(self, who: Person) -> list[list[tuple[str, int]]]:
        """Code and quantity of the lines of somebody's open drafts."""
        codes = dict(self.books.rows("SELECT id, code FROM product"))
        found = self.books.rows("SELECT lines FROM draft WHERE status = 'open' AND staff_id = :s", s=who.staff_id)
        return [[(codes[line.product_id], int(line.quantity)) for line in LINES.validate_json(row[0])] for row in found]

    def faults(self) -> list[str]:
        """What the checks find wrong, the trail's among them."""
        found = [words for each in self.store.read_now(care.check) for words in each.offenders]
        return found + [str(each) for each in self.store.read_now(trail.verify)[1]]


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


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(check: Any, patience: float = PATIENCE) -> None:
    """Waits until a condition holds that another process brings about. Fails when it never does."""
    end = monotonic() + patience
    while not check():
        assert monotonic() < end, "never came"
        sleep(LOOK)


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
