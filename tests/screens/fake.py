"""A desk without a database: canned faces, every key recorded, delays and faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from csdesk.prompt.page import Column, Echo, Face, Fact, Page, Row, Tab

KEYS = (("F1", "Help"), ("F3", "Back"), ("F4", "List"), ("F9", "Commit"), ("F12", "Cancel"))
PAD = (
    Column("ln", 2, "right"),
    Column("item", 7),
    Column("name", 16, flex=True),
    Column("qty", 5, "right"),
    Column("unit", 4),
    Column("price", 8, "right"),
    Column("net", 9, "right"),
    Column("ready", 9),
    Column("list", 8, "right", wide=100),
    Column("deal", 10, wide=110),
    Column("location", 9, wide=140),
)
CONTEXT = (
    Fact("", "20417 HARBOUR VIEW DELI"),
    Fact("BAL", "5210.40"),
    Fact("OD!", "412.50", "warn"),
    Fact("LEFT", "2289.60"),
    Fact("PD", "1180.00 2JUN"),
    Fact("T", "1"),
    Fact("HOLD", "", "warn"),
    Fact("TERMS", "30 days net"),
    Fact("ROUTE", "N4 Tue Fri"),
)
TABS = (Tab(1, "HARBOUR VIEW", 192, True), Tab(2, "SMITHS", 41, False))


def line(number: int, code: str, name: str, qty: str, price: str, net: str, ready: str, tone: str = "plain") -> Row:
    """A row of the order pad."""
    cells = (str(number), code, name, qty, "case", price, net, ready, price, "SPRING10", "A-04-2")
    return Row(cells, tone)  # type: ignore[arg-type]


LINES = (
    line(1, "4711", "Olive oil extra virgin 6x1 l", "12", "18.40", "220.80", "Tue 3JUN"),
    line(2, "4720", "Chopped tomatoes 12x400 g", "6", "9.95", "59.70", "Tue 3JUN"),
    line(3, "1035", "Basmati rice 4x5 kg", "24", "31.20", "748.80", "!OUT 0/24", "warn"),
    Row(("   a  1036 Basmati rice Golden 4x5 kg     80 ready   32.10   +0.90",), span=True),
    Row(("   a2 1041 Jasmine rice 4x5 kg            40 ready   29.80   -1.40",), span=True),
    line(4, "2208", "Sea salt flakes 8x250 g", "3", "14.00", "42.00", "Tue 3JUN"),
    line(5, "3319", "Espresso beans 6x1 kg", "10", "52.75", "527.50", "Tue 3JUN"),
)
TOTAL = Row(("5 lines   order 1,598.80   ready 850.00   wanted Tue 3 JUN   route N4   ref -",), "strong", span=True)

IDLE = Face(
    who="rep7  North",
    clock="14:03",
    page=Page(
        "Who is calling?",
        lead=(Row(("Good afternoon, Rita. 3 callbacks are due, 1 approval waits for you.",), "strong", span=True),),
        columns=(Column("due", 6), Column("what", 20, flex=True), Column("customer", 24)),
        rows=(
            Row(("14:00", "callback: promise on 770498", "Harbour View Deli"), "warn"),
            Row(("14:30", "callback: delivery short by two cases", "Smiths of Leith")),
            Row(("15:00", "ticket T-118 answer due today", "Blue Door Café")),
        ),
        foot=(
            Row(("Type a phone number, a name, a code or a document number.   ? help   q queue",), "dim", span=True),
        ),
    ),
    keys=(("F1", "Help"), ("F4", "Queue"), ("/", "Jump"), ("F12", "Cancel")),
)
DRAFT = Face(
    tabs=TABS,
    who="rep7  North",
    clock="14:03",
    context=CONTEXT,
    page=Page("Order pad - new order", PAD, LINES, foot=(TOTAL,), cursor=2),
    echo=Echo("1035 24 case: none ready before 9 JUN. a takes 1036 Basmati rice Golden, a2 takes 1041.", "ask"),
    keys=KEYS,
)
AMEND = replace(
    DRAFT,
    page=Page(
        "Order 100140 - amendment, nothing changed yet on the order itself",
        (
            Column("ln", 2, "right"),
            Column("item", 7),
            Column("name", 16, flex=True),
            Column("was", 5, "right"),
            Column("now", 6, "right"),
            Column("net", 9, "right"),
            Column("wanted", 8),
        ),
        (
            Row(("1", "4711", "Olive oil extra virgin 6x1 l", "12", "12", "220.80", "12 JUN")),
            Row(("2", "4720", "Chopped tomatoes 12x400 g", "6", "6", "59.70", "12 JUN")),
            Row(("3", "1035", "Basmati rice 4x5 kg", "24", "36", "1,123.20", "12 JUN"), "strong"),
        ),
        foot=(Row(("was 1,029.30   now 1,403.70   +374.40   credit left after 1,915.20",), "strong", span=True),),
        cursor=2,
        edit="36",
        edit_column=4,
    ),
    echo=Echo("Line 3: 24 to 36 cases, +374.40; wanted on Thu 12 JUN. '.' applies it."),
)
HISTORY = replace(
    DRAFT,
    page=Page(
        "History",
        (Column("date", 9), Column("what", 12), Column("text", 20, flex=True), Column("amount", 10, "right")),
        tuple(
            Row((f"{n % 28 + 1:02} MAY", "order", f"order 1001{n:02}, five lines", f"{n * 13}.40")) for n in range(60)
        ),
        cursor=30,
    ),
    echo=Echo("Order 100131 of 4 MAY, placed by rep3, delivered in full."),
)
HITS = replace(
    IDLE,
    prompt="smi",
    cursor=3,
    page=Page(
        "Callers",
        (
            Column("#", 2, "right"),
            Column("no", 8),
            Column("name", 20, flex=True),
            Column("town", 14),
            Column("phone", 14),
        ),
        tuple(Row((str(n + 1), f"204{n:02}", f"Smith & Sons {n}", "Leith", f"0131 55501{n:02}")) for n in range(9)),
        cursor=0,
    ),
    echo=Echo("Enter opens 20400 Smith & Sons 0, Leith"),
)
HOSTILE_NAME = "[bold red]Evil[/x] \x1b[31m\x07\u202etxt.exe\u2066 👨‍👩‍👧‍👦 \t漢字 " + "ﷺ" * 3 + "Z̴̢͇a̷l" * 5 + "n" * 200
HOSTILE = replace(
    DRAFT,
    tabs=(Tab(1, HOSTILE_NAME, 5, True), *(Tab(n, HOSTILE_NAME, 360000, False) for n in range(2, 12))),
    who=HOSTILE_NAME,
    ringing=HOSTILE_NAME,
    context=(Fact("", HOSTILE_NAME), Fact("BAL", "1.00"), Fact(HOSTILE_NAME, HOSTILE_NAME)),
    page=Page(
        HOSTILE_NAME,
        PAD,
        (
            Row((HOSTILE_NAME,) * 11, "warn"),
            Row((HOSTILE_NAME,), span=True),
            Row(("1", "4711", HOSTILE_NAME, "1234567890123", "case", "1.00", "1.00", "x", "", "", "")),
        ),
        lead=(Row((HOSTILE_NAME,), span=True),),
        foot=(Row((HOSTILE_NAME, HOSTILE_NAME)),),
        cursor=0,
        edit=HOSTILE_NAME,
        edit_column=2,
    ),
    echo=Echo(HOSTILE_NAME * 3, "wrong", fault=3),
    prompt=HOSTILE_NAME,
    cursor=40,
    keys=((HOSTILE_NAME, HOSTILE_NAME), *KEYS),
)
FACES = {
    "idle": IDLE,
    "draft": DRAFT,
    "amend": AMEND,
    "history": HISTORY,
    "hits": HITS,
    "hostile": HOSTILE,
}


@dataclass
class FakeDesk:
    """Keeps the contract: text keys edit the prompt, Enter appends the prompt to `said`, everything is in `pressed`."""

    face: Face = IDLE
    quitting: bool = False
    away: bool = False
    slow: float = 0.0
    gate: asyncio.Event | None = None
    breaks_on: str = ""
    on_stop: Callable[[FakeDesk], None] | None = None
    pressed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)

    async def start(self) -> None:
        """Notes it."""
        self.done.append("start")

    async def leisure(self, stop: Callable[[], bool]) -> None:
        """Notes it."""
        self.done.append("leisure")

    async def press(self, key: str) -> None:
        """Edits the prompt."""
        if self.gate is not None:
            await self.gate.wait()
        if self.slow:
            await asyncio.sleep(self.slow)
        self.pressed.append(key)
        if key == self.breaks_on:
            raise RuntimeError("broken on purpose")
        prompt, cursor = self.face.prompt, self.face.cursor
        if key == "enter":
            self.said.append(prompt)
            tabs = TABS if prompt == "open" else () if prompt == "close" else self.face.tabs
            self.quitting = prompt == "bye"
            face = FACES.get(prompt, self.face)
            self.face = replace(face, tabs=tabs or face.tabs, prompt="", cursor=0, echo=Echo(f"did {prompt}", "done"))
        elif key == "backspace":
            self.face = replace(
                self.face, prompt=prompt[: max(0, cursor - 1)] + prompt[cursor:], cursor=max(0, cursor - 1)
            )
        elif key == "left":
            self.face = replace(self.face, cursor=max(0, cursor - 1))
        elif key == "end":
            self.face = replace(self.face, cursor=len(prompt))
        elif len(key) == 1:
            self.face = replace(
                self.face, prompt=prompt[:cursor] + key + prompt[cursor:], cursor=cursor + 1, echo=Echo()
            )

    def paste(self, text: str) -> tuple[list[str], str]:
        """Every line with its Enter, one at a time; a text in brackets stays in the prompt."""
        if text.startswith("("):
            self.face = replace(self.face, prompt=self.face.prompt + text, cursor=len(self.face.prompt + text))
            return [], ""
        line, end, rest = text.partition("\n")
        return [*line, *(["enter"] if end else [])], rest

    async def look(self) -> bool:
        """Says what is typed."""
        self.face = replace(self.face, echo=Echo(f"looked at {self.face.prompt}")) if self.face.prompt else self.face
        return bool(self.face.prompt)

    async def pause(self) -> None:
        """Notes what was half typed."""
        self.done.append(f"pause {self.face.prompt}")

    async def ring(self, phone: str) -> None:
        """Shows the number."""
        self.face = replace(self.face, ringing=f"RINGING {phone}")

    async def stop(self) -> None:
        """Notes it."""
        self.done.append("stop")
        if self.on_stop is not None:
            self.on_stop(self)

    def resize(self, width: int, height: int) -> None:
        """Notes it."""
        self.size = (width, height)
