"""A process that submits prepared drafts: `python -m tests.races.worker URL LOGIN MODE SEED ID…`.

Each says "ready" and begins when it reads a line. Modes: "desk" places through the store, every fifth submit twice, and
says "placed" after each draft; "decide" decides about requests as they were looked at and says as JSON what it was
told, '' for each that went through.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable

from csdesk.errors import Refused
from csdesk.services import approving, changing, orders, staff
from csdesk.services.asking import Change
from csdesk.store import Store

# Mode -> the verb with what follows the request: the version that was looked at is the first one.
DECIDING: dict[str, tuple[Callable[..., object], tuple[object, ...]]] = {
    "approve": (approving.approve, (1,)),
    "edit": (changing.edit, (Change("d", value="299.00"), 1)),
    "withdraw": (changing.withdraw, ()),
}


def ready() -> None:
    """Says that this process can begin, and waits until it is told to."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def desk(url: str, login: str, seed: int, ids: list[int]) -> None:
    store = Store(url)
    store = store.acting(store.read_now(staff.sign_in, login))
    twice = random.Random(seed)
    ready()
    for draft in ids:
        for _ in range(2 if twice.random() < 0.2 else 1):
            store.write_now(orders.place, draft, request_id=f"place-{draft}")
        sys.stdout.write("placed\n")
        sys.stdout.flush()
    store.close()


def decide(url: str, items: list[str]) -> None:
    """Decides each LOGIN/VERB/REQUEST once, from the moment a line is read, and says what it was told."""
    store = Store(url)
    tasks = [(login, *DECIDING[verb], int(request)) for login, verb, request in (each.split("/") for each in items)]
    stores = {login: store.acting(store.read_now(staff.sign_in, login)) for login, *_ in tasks}
    ready()
    told = []
    for login, verb, more, request in tasks:
        try:
            stores[login].write_now(verb, request, *more)
            told.append("")
        except Refused as error:
            told.append(error.message)
    store.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    url, login, mode, seed, *rest = sys.argv[1:]
    if mode == "decide":
        decide(url, rest)
    else:
        desk(url, login, int(seed), [int(each) for each in rest])
