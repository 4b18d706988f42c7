"""The demonstration without a terminal: a scripted call through line mode on a copy of the sample desk."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.sample import copy
from csdesk.services import staff
from csdesk.store import Store

# What is said, and what is typed for it; each line is one Enter of the rep.
SCRIPT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("A caller; the last digits of the phone are enough", ("550142",)),
    ("Five lines, then a point places the order", ("4711 12", "4720 6", "1035 24", "2208 3", "3319 10", ".")),
    ("The same again, two quantities changed", ("r", "1=8", "4=4", ".")),
    ("A short product: the first alternative is one key", ("{short} 6", "a", ".")),
    ("The order before that: line 3 to 36, all on the 12th", ("e{repeated}", "3=36", "d12", ".")),
    ("The customer changed her mind about line 4 of it", ("e{repeated}", "x4c")),
    ("And the last command taken back", ("u",)),
)


def play(out: Callable[[str], None] = print) -> int:
    """Plays the script on a fresh copy of the sample and prints every answer. Returns 1 when a line was refused."""
    with tempfile.TemporaryDirectory(prefix="csdesk-demo-") as folder:
        store = Store(f"sqlite:///{copy.fresh(Path(folder) / 'demo.db')}")
        try:
            desk = Desk(store.acting(store.read_now(staff.sign_in, "rep7")))
            return asyncio.run(_play(desk, out))
        finally:
            store.close()


async def _play(desk: Desk, out: Callable[[str], None]) -> int:
    await desk.start()
    refused, known = 0, {"short": copy.SHORT_CODE, "repeated": ""}
    for words, typed in SCRIPT:
        out(f"== {words}")
        for each in typed:
            text = each.format(**known)
            out(f"> {text}")
            good = await line.enter(desk, text)
            refused |= not good
            done = desk.now.echo.text
            for answer in line.as_text(desk.face, page=each == typed[-1])[: None if each == typed[-1] else 1]:
                out(f"  {answer}".rstrip())
            if text == "." and " placed:" in done and "{short}" not in " ".join(typed):
                known["repeated"] = done.split()[1]
        out("")
    return int(bool(refused))
