"""A desk killed in the middle of work: the next start shows every call as it was; nothing lost, nothing double."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from time import monotonic

import pytest

from tests.crash.rep import CUSTOMER, FIVE, OTHER, Books, Desk
from tests.support.seed import ORDER_CODES

PARKED = "k"  # at an empty prompt
NEXT = "\x1b[17~"  # F6
LONG = os.environ.get("CSDESK_LONG") == "1"
SEEDS = range(10) if LONG else range(1)
ROUNDS = 20 if LONG else 4


def test_two_calls_a_draft_and_half_typed_texts_come_back(desk: Callable[..., Desk], books: Books) -> None:
    half = "3319 1"
    order = "".join(f"{code} {quantity}\r" for code, quantity in FIVE[:3])
    with desk(typed=f"{CUSTOMER}\r{order}{PARKED}{OTHER}\r{half}") as terminal:
        terminal.wait(lambda: [call[3] for call in books.calls()] == ["", half])
    assert [call[:3] for call in books.calls()] == [(1, False, CUSTOMER), (2, True, OTHER)]
    with desk() as terminal:
        terminal.wait(lambda: terminal.prompt == half)
        assert terminal.lines[0].startswith("1*Harbour View Deli")
        assert "2>Smiths Hotel" in terminal.lines[0]
        assert terminal.lines[1].startswith(f"{OTHER} Smiths Hotel")
        terminal.type(f"0{NEXT}")
        terminal.wait(lambda: terminal.pad == list(FIVE[:3]) and terminal.prompt == "")
        terminal.type(f"2208 3\r3319 10\r.{NEXT}")
        terminal.wait(lambda: terminal.prompt == f"{half}0")
    assert list(books.orders().values()) == [list(FIVE)]
    assert books.faults() == []


def test_half_typed_texts_of_parked_calls_stay_theirs(desk: Callable[..., Desk], books: Books) -> None:
    with desk(typed=f"{CUSTOMER}\r{PARKED}{OTHER}\rm called twice{NEXT}4711 1") as terminal:
        terminal.wait(lambda: [call[3] for call in books.calls()] == ["4711 1", "m called twice"])
        terminal.type(NEXT)
        terminal.wait(lambda: terminal.prompt == "m called twice")
    with desk() as terminal:
        terminal.wait(lambda: terminal.prompt == "m called twice")
        terminal.type(NEXT)
        terminal.wait(lambda: terminal.prompt == "4711 1")


def test_a_line_that_was_taken_does_not_come_back_as_typed_text(desk: Callable[..., Desk], books: Books) -> None:
    """Its text was stored half-typed; the same save that takes the line must take the text away, else Enter after
    the restart would double it."""
    for typed, taken in (("4711 12", lambda: books.drafts() == [[("4711", 12)]]), ("m hello", lambda: noted(books))):
        with desk(typed=f"{CUSTOMER}\r" * (not books.calls()) + typed) as terminal:
            terminal.wait(lambda: [call[3] for call in books.calls()] == [typed])  # noqa: B023
            terminal.type("\r")
            terminal.wait(taken)
        assert [call[3] for call in books.calls()] == [""]


def test_what_is_typed_on_a_ticket_with_nobody_on_the_line_comes_back(desk: Callable[..., Desk], books: Books) -> None:
    half = "a spoke of the li"
    with desk(typed=f"{CUSTOMER}\rtq about the list\rz/26000001\r") as terminal:
        terminal.wait(lambda: "TICKET 26000001" in terminal.text and not books.calls())
        terminal.type(half)
        terminal.wait(lambda: alone(books) == [half])
        terminal.process.kill()
    with desk() as terminal:
        terminal.wait(lambda: terminal.prompt == half)
        assert "TICKET 26000001" in terminal.text
        terminal.type("st\r")
        terminal.wait(lambda: books.rows("SELECT body FROM ticket_item ORDER BY id")[1:] == [("spoke of the list",)])
        terminal.process.kill()
    assert alone(books) == []
    assert books.faults() == []


def alone(books: Books) -> list[str]:
    """What is kept of texts that belong to no call."""
    return [row[0] for row in books.rows("SELECT prompt FROM half_typed")]


def noted(books: Books) -> bool:
    """Whether the note is there."""
    return books.rows("SELECT note FROM call") == [("hello",)]


class Typist:
    """Types orders whose quantities are all different, so that each line can be told from every other, and notes what
    the screen confirmed."""

    def __init__(self, books: Books, seed: int) -> None:
        self.books = books
        self.chance = random.Random(seed)
        self.next = 1
        self.lines: set[int] = set()
        self.orders: set[str] = set()

    def keys(self) -> str:
        """Some lines, and now and then a placed order."""
        lines = []
        for _ in range(self.chance.randint(1, 4)):
            lines.append(f"{self.chance.choice(ORDER_CODES)} {self.next}\r")
            self.next += 1
        return "".join(lines) + self.chance.choice(["", ".", "."])

    def look(self, terminal: Desk) -> None:
        """Notes what the echo says was taken."""
        if found := re.match(r"✓ line \d+: (\d+) EA ", terminal.echo):
            self.lines.add(int(found.group(1)))
        if found := re.match(r"✓ Order (\d+) placed", terminal.echo):
            self.orders.add(found.group(1))

    def work(self, terminal: Desk, seconds: float) -> None:
        """Types on for some time: mostly one command after the echo of the last, sometimes ahead of it."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            if self.chance.random() < 0.5:
                terminal.type(self.keys())
            while terminal.read(min(left, 0.03)):
                self.look(terminal)
                left = end - monotonic()


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_again_and_again_at_any_moment(desk: Callable[..., Desk], books: Books, seed: int) -> None:
    books.do("UPDATE stock SET on_hand = 1000000000")
    books.do("UPDATE credit_account SET credit_limit = NULL")
    typist = Typist(books, seed)
    for _ in range(ROUNDS):
        known = any(call[2] for call in books.calls())
        early = typist.chance.random() < 0.3
        burst = f"{CUSTOMER}\r" * (not known) + typist.keys()
        with desk(typed=burst if early else "") as terminal:
            if typist.chance.random() < 0.8:
                terminal.ready()
                if not early:
                    terminal.type(burst)
                typist.work(terminal, typist.chance.uniform(0.05, 1.5))
            else:
                typist.work(terminal, typist.chance.uniform(0.3, 2.0))
            terminal.process.kill()
    check(books, typist)
    with desk() as terminal:
        terminal.ready()
        terminal.wait(lambda: terminal.lines[0].startswith("1>Harbour View Deli"))
        expected = books.drafts()
        terminal.type("\x03" + "." * bool(expected))
        terminal.wait(lambda: not books.drafts())
    check(books, typist)


def check(books: Books, typist: Typist) -> None:
    """What was confirmed is there, once; nothing is there twice; every check and the audit trail hold."""
    times = books.times()
    assert {quantity: count for quantity, count in times.items() if count != 1} == {}
    assert typist.lines <= set(times)
    assert typist.orders <= set(books.orders())
    assert max(times, default=0) < typist.next
    assert len(books.calls()) == 1
    assert len(books.drafts()) <= 1
    assert books.faults() == []
