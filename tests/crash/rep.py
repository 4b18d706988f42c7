"""A rep at the real program: types, waits for what must show, reads the books by SQL of her own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import text

from csdesk.services import audit, care
from csdesk.services.drafts import LINES
from csdesk.store import Store
from tests.screens.tty import PATIENCE, Terminal

CUSTOMER, OTHER = "20417", "20418"
FIVE = (("4711", 12), ("4720", 6), ("1035", 24), ("2208", 3), ("3319", 10))
ORDER = "".join(f"{code} {quantity}\r" for code, quantity in FIVE)
LOOK = 0.02  # seconds between two looks at the books while nothing is painted


class Desk(Terminal):
    """`csdesk run` of rep7 on a terminal; `module` and `environ` let a test put something in between."""

    def __init__(self, url: str, *, typed: str | bytes = b"", module: str = "csdesk", **more: Any) -> None:
        keys = typed.encode() if isinstance(typed, str) else typed
        super().__init__(["-m", module, "run", "--db", url, "--user", "rep7"], typed=keys, **more)

    def wait(self, check: Callable[[], object], patience: float = PATIENCE) -> None:
        """Reads the screen until `check` holds, also when nothing is painted meanwhile. Fails with the screen."""
        end = monotonic() + patience
        while not check():
            gone = self.process.poll() is not None and not self.read(0)
            if (gone or monotonic() > end) and not check():
                raise AssertionError(f"never came\n{self.text}\n{self.raw[-400:]!r}")
            self.read(LOOK)

    def ready(self) -> None:
        """Waits for the desk behind the first picture."""
        self.wait(lambda: "F9 Commit" in self.lines[-1])

    @property
    def prompt(self) -> str:
        """What stands in the prompt."""
        return self.lines[-2].removeprefix("> ").removeprefix(">")

    @property
    def echo(self) -> str:
        """The two lines above the prompt as one text."""
        return " ".join(line.strip(" ─") for line in self.lines[-4:-2]).strip()

    @property
    def pad(self) -> list[tuple[str, int]]:
        """Code and quantity of the lines of the pad that are seen."""
        found = [re.match(r"^[> ]\s+\d+ (\S+)\s.*?\s(\d+)\s+(?:EA|CASE)\s", line) for line in self.lines]
        return [(each.group(1), int(each.group(2))) for each in found if each]


@dataclass(frozen=True)
class Books:
    """What the database holds, read past the program."""

    store: Store

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def do(self, sql: str, **values: Any) -> None:
        """Changes something behind the program's back."""
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            connection.execute(text(sql), values)

    def calls(self) -> list[tuple[Any, ...]]:
        """(slot, active, customer code, half-typed text) of the open calls."""
        found = self.rows(
            "SELECT c.slot, c.active, u.code, c.prompt FROM call c LEFT JOIN customer u ON u.id = c.customer_id"
            " WHERE c.ended_at IS NULL ORDER BY c.slot"
        )
        return [(slot, bool(active), code, prompt) for slot, active, code, prompt in found]

    def drafts(self) -> list[list[tuple[str, int]]]:
        """The lines of the open drafts, oldest first."""
        codes = dict(self.rows("SELECT id, code FROM product"))
        found = self.rows("SELECT lines FROM draft WHERE status = 'open' ORDER BY id")
        return [[(codes[line.product_id], int(line.quantity)) for line in LINES.validate_json(row[0])] for row in found]

    def orders(self) -> dict[str, list[tuple[str, int]]]:
        """The lines of the orders placed by this test, by number: those of the seed have ids below 10000."""
        found = self.rows(
            "SELECT o.number, p.code, l.quantity / 1000 FROM sales_order o JOIN order_line l ON l.order_id = o.id"
            " JOIN product p ON p.id = l.product_id WHERE o.id > 10000 ORDER BY o.id, l.line"
        )
        orders: dict[str, list[tuple[str, int]]] = {}
        for number, code, quantity in found:
            orders.setdefault(number, []).append((code, int(quantity)))
        return orders

    def times(self) -> Counter[int]:
        """How often each quantity stands in an open draft or a placed order."""
        lines: list[Sequence[tuple[str, int]]] = [*self.drafts(), *self.orders().values()]
        return Counter(quantity for each in lines for _, quantity in each)

    def faults(self) -> list[str]:
        """What the checks of `csdesk check` and the audit trail find wrong."""
        found = [words for each in self.store.read_now(care.check) for words in each.offenders]
        return found + [str(each) for each in self.store.read_now(audit.verify)[1]]
