"""A process that does one act a line: `python -m tests.races.pair URL LOGIN`, acts as JSON in, what came of them out.

Two of these, fed the same moment, race for real: each its own process and connection.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Racer:
    """One of the two, seen from the test."""

    def __init__(self, url: str, login: str, now: datetime) -> None:
        words = [sys.executable, "-m", "tests.races.pair", url, login, now.isoformat()]
        self.process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def begin(self, verb: str, *args: Any) -> None:
        """Sends an act; the answer is waited for by `end`."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([verb, *args]) + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[bool, str]:
        """Whether the act was done, and its words or the sentence it was refused with."""
        assert self.process.stdout is not None
        done, words = json.loads(self.process.stdout.readline())
        return bool(done), str(words)

    def leave(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0


def race(racers: tuple[Racer, Racer], *acts: tuple[Any, ...]) -> list[tuple[bool, str]]:
    """Two acts begun at one moment; what came of each."""
    for racer, act in zip(racers, acts, strict=True):
        racer.begin(*act)
    return [racer.end() for racer in racers]


def verbs() -> dict[str, Any]:
    """What may be raced, by name."""
    from csdesk.services import (
        applying,
        approving,
        callbacks,
        changing,
        handover,
        orders,
        replacing,
        ticket_money,
        ticket_moves,
        ticket_thread,
    )

    return {
        "apply": applying.apply,
        "automatic": applying.automatic,
        "approve": approving.approve,
        "reject": approving.reject,
        "withdraw": changing.withdraw,
        "edit": changing.edit,
        "place": orders.place,
        "answer": ticket_thread.reply,
        "take": ticket_moves.take,
        "accept": handover.accept,
        "keep": callbacks.keep,
        "ticket-credit": ticket_money.credit,
        "ticket-replace": replacing.ask,
    }


def serve(url: str, login: str, now: str) -> None:
    """Does act after act."""
    from csdesk.errors import DeskError
    from csdesk.rules.credit_notes import LineCredit
    from csdesk.services import credits, staff
    from csdesk.store import Store

    store = Store(url, clock=lambda: datetime.fromisoformat(now))
    store = store.acting(store.read_now(staff.sign_in, login))
    known = verbs()
    print("ready", flush=True)
    for line in sys.stdin:
        name, *args = json.loads(line)
        try:
            if name == "credit":
                call, invoice, number, quantity, letter = args
                wanted = (LineCredit(number, Decimal(quantity)),)
                made: Any = store.write_now(credits.ask, call, invoice, wanted, letter)
            else:
                made = store.write_now(known[name], *args)
            print(json.dumps([True, getattr(made, "words", str(made))]), flush=True)
        except DeskError as error:
            print(json.dumps([False, error.message]), flush=True)
    store.close()


if __name__ == "__main__":
    serve(*sys.argv[1:])
