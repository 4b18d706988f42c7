"""Pictures of the desk: the program in a real terminal, its screen drawn as SVG, cell by cell, in docs/pictures.

Run: python bench/pictures.py [--db URL --user LOGIN] [--out FOLDER] [--png] [NAME …]. Without --db each picture is
taken on a fresh copy of the sample; PNG needs rsvg-convert.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import bed
from pyte.screens import Char, Screen

from tests.screens.tty import Terminal

OUT = bed.ROOT / "docs" / "pictures"
CELL, LINE, SIZE, EDGE = 8.4, 18, 14, 10
GROUNDS = {"dark": ("#0d1117", "#d7dde5"), "light": ("#fbfaf7", "#1d232b"), "mono": ("#000000", "#c8c8c8")}
QUIET = 0.6  # seconds without output after which a screen is taken as settled


@dataclass(frozen=True)
class Scene:
    """A picture: what is typed, burst by burst, each after the screen has settled."""

    name: str
    typed: tuple[str, ...]
    size: tuple[int, int] = (80, 24)
    theme: str = "dark"
    user: str = ""  # who sits there, the rep unless named


def scenes(v: dict[str, str]) -> list[Scene]:
    """The pictures, with the variables of a desk of tasks.toml."""
    return [*order_scenes(v), *money_scenes(v), *ticket_scenes(v), *looks(v)]


def _order(v: dict[str, str]) -> tuple[str, str, str]:
    lines = "".join(f"{v[f'c{n}']} {v[f'q{n}']}\r" for n in range(1, 6))
    return f"{v['phone']}\r", lines, f"{v['short']} {v['short_quantity']}\r"


def order_scenes(v: dict[str, str]) -> list[Scene]:
    """Callers and their orders."""
    caller, order, short = _order(v)
    placed = (caller, order, ".")
    return [
        Scene("idle", ()),
        Scene("hits", (v["phone"][-4:],)),
        Scene("customer", (caller,)),
        Scene("order", (caller, order, f"{v['c1']} 2")),
        Scene("typing", (caller, order, " oil")),
        Scene("draft", (caller, order, short)),
        Scene("placed", placed),
        Scene("repeat", (*placed, "r\x1b[B8")),
        Scene("amend", (*placed, "e", f"\x1b[B\x1b[B{v['third']}", f"d{v['day']}\r")),
        Scene("history", (caller, "h")),
        Scene("help", (caller, "?")),
        Scene("wrong", (caller, "nosuch 5\r")),
        Scene("palette", (caller, "\x10", "or")),
        Scene("parked", (caller, order, "k", v["customer"][:3])),
    ]


def money_scenes(v: dict[str, str]) -> list[Scene]:
    """Ledger, notes, approvals and collections."""
    caller = f"{v['phone']}\r"
    return [
        Scene("ledger", (caller, "s1d\r", "l")),
        Scene("ledger-past", (caller, "@-30\r")),
        Scene("credit-echo", (caller, f"c{v['invoice']}.{v['billed']} 2d")),
        Scene("credit-form", (caller, "c\r", "\r")),
        Scene("inbox", ("q\r", "2"), user="boss1"),
        Scene("cash", (caller, "o+64 part of two\r"), user="cash1"),
        Scene("collections", ("j\r",), user="coll1"),
        Scene("deduction", (caller, "s\r"), user="coll1"),
    ]


def ticket_scenes(v: dict[str, str]) -> list[Scene]:
    """Complaints, their clocks and the queues."""
    caller = f"{v['phone']}\r"
    return [
        Scene("complaint-form", (caller, "t\r", "1", "1")),
        Scene("complaint-credit", (caller, "t2.1d2 2 crushed, driver told\r", "c")),
        Scene("clocks", (caller, "t2.1d2 2 crushed, driver told\r", "l\r")),
        Scene("queue", ("q\r",)),
        Scene("queue-team", ("q\r", "q"), user="lead3"),
        Scene("handover", (">\r", "m truck 3 is late\r"), user="lead3"),
        Scene("articles", (caller, "tq the olive oil is cloudy")),
    ]


def looks(v: dict[str, str]) -> list[Scene]:
    """Themes and sizes of window."""
    caller, order, short = _order(v)
    return [
        Scene("draft-light", (caller, order, short), theme="light"),
        Scene("draft-mono", (caller, order, short), theme="mono"),
        Scene("draft-120", (caller, order, short), (120, 40)),
        Scene("customer-120", (caller,), (120, 40), "light"),
        Scene("draft-200", (caller, order, short), (200, 60)),
    ]


def main() -> None:
    """Takes the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--db", default="")
    parser.add_argument("--user", default="rep7")
    parser.add_argument("--desk", default="sample", help="whose variables of tasks.toml are typed")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--png", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for scene in scenes(variables(asked.desk)):
        if not asked.names or scene.name in asked.names:
            with fresh(asked.db) as db:
                path = asked.out / f"{scene.name}.svg"
                path.write_text(picture(scene, db, scene.user or asked.user), "utf-8")
                if asked.png:
                    png = str(path.with_suffix(".png"))
                    subprocess.run(["rsvg-convert", str(path), "-o", png], check=True)
                print(path)


def variables(desk: str) -> dict[str, str]:
    """The variables of a desk of tasks.toml."""
    values = dict(tomllib.loads((bed.ROOT / "bench" / "tasks.toml").read_text("utf-8"))["desk"][desk])
    values |= {f"c{n}": code for n, code in enumerate(values.pop("codes"), 1)}
    values |= {f"q{n}": quantity for n, quantity in enumerate(values.pop("quantities"), 1)}
    return values


class fresh:
    """A database for one picture: a SQLite file given is copied, without one the sample is."""

    def __init__(self, db: str) -> None:
        self.given = db
        self.folder = tempfile.TemporaryDirectory(prefix="csdesk-pictures-")

    def __enter__(self) -> str:
        path = Path(self.folder.name) / "desk.db"
        if self.given:
            path.write_bytes(Path(self.given).read_bytes())
        else:
            from csdesk.sample import copy

            copy.fresh(path)
        return str(path)

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


def picture(scene: Scene, db: str, user: str) -> str:
    """Plays a scene; the SVG of its last screen."""
    environ = {"CSDESK_CONFIG": os.devnull, "NO_COLOR": ""} | ({"NO_COLOR": "1"} if scene.theme == "mono" else {})
    theme = "dark" if scene.theme == "mono" else scene.theme
    arguments = ["-m", "csdesk", "run", "--db", db, "--user", user, "--theme", theme]
    with Terminal(arguments, width=scene.size[0], height=scene.size[1], environ=environ) as terminal:
        terminal.until(lambda: "F12" in terminal.lines[-1])
        for burst in scene.typed:
            settle(terminal)
            terminal.type(burst)
        settle(terminal)
        return svg(terminal.screen, *GROUNDS[scene.theme])


def settle(terminal: Terminal) -> None:
    """Reads until the screen is quiet."""
    while terminal.read(QUIET):
        pass


def svg(screen: Screen, ground: str, ink: str) -> str:
    """The screen as SVG; every word has its own x, so that no font shifts what stands below each other."""
    width, height = screen.columns * CELL + 2 * EDGE, screen.lines * LINE + 2 * EDGE
    font = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{font}" font-size="{SIZE}" '
        'style="font-variant-ligatures: none">',
        f'<rect width="100%" height="100%" rx="6" fill="{ground}"/>',
    ]
    for y in range(screen.lines):
        for x, text, char in runs(screen, y):
            parts += drawn(x, y, text, char, ground, ink)
    return "\n".join([*parts, "</svg>\n"])


def runs(screen: Screen, y: int) -> Iterator[tuple[int, str, Char]]:
    """Pieces of a line that look alike: first column, text, the look."""
    cells = [(x, screen.buffer[y][x]) for x in range(screen.columns)]
    for _, group in groupby(cells, lambda cell: cell[1]._replace(data="")):
        found = list(group)
        yield found[0][0], "".join(char.data or " " for _, char in found), found[0][1]


def drawn(x: int, y: int, text: str, char: Char, ground: str, ink: str) -> Iterator[str]:
    """Ground and letters of a piece."""
    front, back = colour(char.fg, ink), colour(char.bg, ground)
    if char.reverse:
        front, back = back, front
    left, top, wide = EDGE + x * CELL, EDGE + y * LINE, len(text) * CELL
    if back != ground:
        yield f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{LINE}" fill="{back}"/>'
    if char.underscore and text.strip():
        under = top + LINE - 3
        yield f'<path d="M{left:.1f} {under}h{wide:.1f}" stroke="{front}" stroke-width="1"/>'
    if text.strip() and set(text.strip()) == {"─"}:
        start, dashes = left + (len(text) - len(text.lstrip())) * CELL, len(text.strip()) * CELL
        yield f'<path d="M{start:.1f} {top + LINE / 2}h{dashes:.1f}" stroke="{front}" stroke-width="1"/>'
        return
    weight = ' font-weight="bold"' if char.bold else ""
    style = ' font-style="italic"' if char.italics else ""
    words = [(found.start(), found.group()) for found in re.finditer(r"\S+", text)]
    spans = "".join(f'<tspan x="{left + at * CELL:.1f}">{escape(word)}</tspan>' for at, word in words)
    if spans:
        yield f'<text y="{top + LINE - 5}" fill="{front}"{weight}{style}>{spans}</text>'


def colour(name: str, default: str) -> str:
    """A colour of the screen as CSS."""
    return default if name == "default" else f"#{name}" if len(name) == 6 else name


if __name__ == "__main__":
    main()
