"""What reps do on a call in the soak: orders and their changes, money, tickets, notes; and their queue in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from soak_board import Command, Customer
from soak_seat import CLEAR, DOWN, F1, F3, F12, PATIENCE, UP, Row, Seat, Stuck

PLACED = r"Order (\d+) placed"


class Caller(Seat):
    """A rep on a call."""

    callers: Iterator[Customer]
    customer: Customer | None = None
    order = ""  # the number of the latest order of this call
    ticket = ""

    # -- a call --------------------------------------------------------------------------------------------------

    async def find(self, customer: Customer) -> None:
        """Finds the caller by phone, code or name."""
        await self.home()
        if self.title != "READY":
            await self.end()  # of a call that was left open
        name = " ".join(word[:4].lower() for word in re.findall(r"[A-Za-z]+", customer.name.replace("'", ""))[:2])
        digits = re.sub(r"\D", "", customer.phone)[-6:]
        way = self.dice.choice([digits, customer.code, name if len(name) > 4 else customer.code])
        command = self.board.command("find the caller", self.login, self.board.ref())
        self.pending = command, r"^✓ \S+ "
        await self.write(way)
        await self.think(0.3, 1.0)
        command.sent, self.entered = self.board.now, True
        await self.key("\r")
        found = await self.wait(lambda: self.title == "CUSTOMER" or "fit alike" in self.text, PATIENCE)
        if found and self.title != "CUSTOMER":
            await self.key("1")  # several fit
        if not await self.wait(lambda: self.title == "CUSTOMER" and self.line(1), PATIENCE):
            raise Stuck(f"{way!r} finds nobody: {self.title}; {self.echo}; {self.line(1)!r}; {self.prompt!r}")
        self.board.acked(command)
        self.customer = self.board.customer(self.line(1).split()[0])
        self.pending, self.typed, self.seen, self.order, self.ticket = None, "", "", "", ""

    async def five_lines(self) -> None:
        """An order of five lines by code; then perhaps a change, or a line cancelled."""
        for code in self.dice.sample(self.board.products, 5):
            quantity = str(self.dice.randint(1, 9))
            await self.write(f"{code} {quantity}")
            if await self.row_in(rf"line \d+: {quantity} \S+ {code} "):
                self.pad.append((code, quantity))
            await self.think(0.1, 1.5)
        await self.place()
        if self.order and self.dice.random() < 0.35:
            await self.amend()
        if self.order and self.dice.random() < 0.25:
            await self.cancel_line()

    async def change(self, place: int, quantity: str) -> None:
        """Another quantity on a line of the pad."""
        await self.write(f"{place}={quantity}")
        self.becomes = place, quantity
        if await self.row_in(rf"line {place}: {quantity}"):
            await self.settle()
            self.pad = self.rows
        self.becomes = None

    async def place(self) -> None:
        """Places what is on the pad, as an order that no other one is like."""
        assert self.customer is not None
        await self.settle()
        while (command := self._order_of(self.rows)) is None and self.rows:
            await self.change(1, str(self.dice.randint(10, 60)))
        if command is None or not self.rows:
            return
        self.pad = self.rows
        found = await self.send(command, PLACED, ".")
        if found:
            self.pad, self.order = [], found.group(1)
        else:
            await self.drop()

    def _order_of(self, rows: list[Row]) -> Command | None:
        assert self.customer is not None
        command = self.board.command("order", self.login, (self.customer.code, tuple(rows)))
        return command if command.login == self.login and not (command.acked or command.refused) else None

    async def drop(self) -> None:
        """Leaves a draft."""
        self.entered, self.becomes = True, None  # from here it may be gone
        for _ in range(3):
            if not self.rows:
                break
            await self.press(F12, lambda: not self.rows, 5.0)
        self.pad = []

    async def repeat(self) -> None:
        """The last order again with two other quantities."""
        if not await self.press("r", lambda: "NEW ORDER" in self.title and self.rows):
            return await self.clear()
        await self.settle()
        self.pad = self.rows
        for place in (1, min(2, len(self.pad))):
            quantity = str(self.dice.randint(1, 60))
            await self.change(place, quantity)
        await self.think()
        await self.place()

    async def amend(self) -> None:
        """Another quantity on a line of the order just placed."""
        if not await self.press("e", lambda: f"CHANGE ORDER {self.order}" in self.title):
            return await self.drop()
        await self.settle()
        before, place = self.rows, self.dice.randint(1, len(self.rows) or 1)
        self.pad = before
        for each in [DOWN] * (place - 1) or [UP]:  # digits right behind e would name another order
            await self.key(each)
        self.entered = True
        self.becomes = place, str(self.dice.randint(10, 60))
        await self.key(self.becomes[1])
        await self.key("\r")
        if not await self.wait(lambda: len(self.rows) == len(before) and self.rows != before, 30.0):
            return await self.drop()
        await self.settle()
        self.pad, self.becomes = self.rows, None
        command = self.board.command("amend", self.login, (self.order, tuple(self.pad)))
        if not await self.send(command, rf"Order {self.order} amended", "."):
            await self.drop()
        self.pad = []

    async def cancel_line(self) -> None:
        """Cancels a line of the order just placed, where it is the customer's latest."""
        place = self.dice.randint(1, 4)
        await self.write(f"x{place}c")
        if not await self.wait(lambda: self.order in self.echo, 5.0):
            return await self.clear()
        command = self.board.command("cancel a line", self.login, (self.order, place))
        await self.send(command, rf"Order {self.order} .*cancelled", "\r")

    async def look(self) -> None:
        """Ledger and history."""
        for key, name in (("l", "LEDGER"), ("l", "LEDGER"), ("h", "HISTORY")):
            await self.press(key, lambda: name in self.title.upper(), 20.0)  # noqa: B023
            await self.think()
        if self.dice.random() < 0.5:
            await self.key("\r")
            await self.think()
        await self.home()

    async def note(self) -> None:
        """A note on the call."""
        ref = self.board.ref()
        await self.line_in("note on the call", ref, f"m {ref} asked when the truck comes", "Noted")

    async def complain(self) -> None:
        """A complaint on a line of the latest delivery, then credit or dispute from its ticket."""
        assert self.customer is not None
        line, ref = self.board.next_line(self.customer), self.board.ref()
        if not line:
            return
        found = await self.line_in("complaint", ref, f"t1.{line}d1 {ref} crushed", r"Ticket (\d+): complaint")
        if found:
            self.ticket = found.group(1)
            await self.on_ticket(complaint=True)
        await self.home()

    async def ask(self) -> None:
        """A query, with notes on its ticket."""
        ref = self.board.ref()
        found = await self.line_in("query", ref, f"tq {ref} where is the invoice", r"Ticket (\d+): query")
        if found:
            self.ticket = found.group(1)
            await self.on_ticket(complaint=False)
        await self.home()

    async def on_ticket(self, *, complaint: bool) -> None:
        """Work on the ticket that is shown."""
        if complaint and self.dice.random() < 0.4:
            await self.line_in("credit from a ticket", self.ticket, "c", r"Credit request \d+")
        elif complaint and self.dice.random() < 0.5:
            await self.line_in("dispute from a ticket", self.ticket, "s", r"[Dd]ispute")
        for kind, letter, answer in (("note inside", "i", "noted"), ("reply", "r", "."), ("spoke", "a", ".")):
            mail = letter != "r" or (self.customer is not None and self.customer.mail)
            if self.dice.random() < 0.4 and mail:
                ref = self.board.ref()
                await self.line_in(kind, ref, f"{letter} {ref} we look into it", answer)
            await self.think(0.2, 2.0)

    async def promise(self) -> None:
        """A promise to pay an open item."""
        assert self.customer is not None
        number = self.board.next_item(self.customer)
        if number:
            await self.line_in("promise to pay", number, f"p{number[-6:]} +3", r"[Pp]romise")

    async def callback(self) -> None:
        """A callback tomorrow."""
        ref = self.board.ref()
        await self.line_in("callback", ref, f"b+1 10 {ref}", "Callback promised")

    async def fumble(self) -> None:
        """Wrong keys, and help."""
        if self.dice.random() < 0.5:
            await self.press(F1, lambda: "HELP" in self.text.upper(), 10.0)
            await self.think(0.5, 2.0)
            await self.press(F3, lambda: self.title == "CUSTOMER", 10.0)
            return
        await self.write("99zz")
        await self.enter(lambda: False)

    async def end(self) -> None:
        """The end of the call."""
        if self.title == "READY":
            self.customer = None
            return
        if self.rows:
            await self.place()
        if self.rows:
            await self.drop()
        command = self.board.command("end of a call", self.login, self.board.ref())
        if await self.send(command, r"Call \d+ ended", "z"):
            self.customer, self.order = None, ""
            await self.think(1.0, 5.0)
        else:
            await self.home()

    async def home(self) -> None:
        """Back to the customer's page, or to nobody on the line."""
        for key in (*[F3] * 4, F12, CLEAR, F3):
            if self.title in ("CUSTOMER", "READY") and not self.prompt:
                return
            await self.press(key, lambda: self.title in ("CUSTOMER", "READY"), 1.5)
        if self.rows:
            await self.drop()

    # -- the queue -----------------------------------------------------------------------------------------------

    async def queue(self) -> None:
        """Looks at what waits, or takes the next ticket and works on it."""
        await self.home()
        if self.dice.random() < 0.5:
            await self.write("q")
            await self.enter(lambda: "QUEUE" in self.title)
            await self.think()
            return await self.home()
        found = await self.line_in("claim the next", self.board.ref(), "n", r"Ticket (\d+) is yours")
        if found:
            self.ticket, self.customer = found.group(1), None
            await self.on_ticket(complaint=False)
            if self.dice.random() < 0.7:
                await self.line_in("free a ticket", self.board.ref(), "f", r"\d+")
        await self.home()
