"""What a served desk wrote, for tests: its log, the trail, its sessions, drafts and calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil

from csdesk.services import audit as trail
from csdesk.services import care
from csdesk.services.drafts import LINES
from csdesk.store import Store
from tests.crash.rep import Books
from tests.screens.tty import PATIENCE

LOOK = 0.02
SOON = 20.0  # a desk that is asked to end has fifteen seconds; the rest is for a busy machine


@dataclass(frozen=True)
class Person:
    """Somebody with a login, and where he sits: an address of this machine that no other test uses."""

    login: str
    key: Path
    address: str
    staff_id: int


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


class Records:
    """What is read of a server from outside."""

    folder: Path
    store: Store
    books: Books

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
