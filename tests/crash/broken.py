"""`csdesk` with a fault inside: `python -m tests.crash.broken run …`; the fault is named by the variable FAULT.

"line": adding 6 pieces of anything fails. "paint": painting a prompt that begins with `99boom` fails.
"""

from __future__ import annotations

import os

from csdesk.cli import main
from csdesk.prompt import acts, pad_acts
from csdesk.prompt.desk import Desk
from csdesk.prompt.parse import Command
from csdesk.screens.widgets import strips


def _break_line() -> None:
    line = pad_acts.line

    async def broken(desk: Desk, command: Command) -> None:
        if command.args.get("quantity") == "6":
            raise ZeroDivisionError("broken on purpose")
        await line(desk, command)

    acts.ACTS["line"] = broken


def _break_paint() -> None:
    prompt_line = strips.prompt_line

    def broken(text: str, *rest: object, **more: object) -> object:
        if text.startswith("99boom"):
            raise ZeroDivisionError("broken on purpose")
        return prompt_line(text, *rest, **more)  # type: ignore[arg-type]

    strips.prompt_line = broken  # type: ignore[assignment]


if __name__ == "__main__":
    {"line": _break_line, "paint": _break_paint}[os.environ["FAULT"]]()
    main()
