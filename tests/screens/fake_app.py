"""A desk without a database in a real terminal: `python -m tests.screens.fake_app RECORD [FACE] [key=value …]`.

Writes what the desk was told into the file RECORD as JSON when it is stopped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    """Runs it the way `csdesk run` does."""
    from csdesk.server import terminal

    terminal.take()
    from csdesk.app import sit_down
    from csdesk.config import load
    from csdesk.screens.palette import Command
    from tests.screens.fake import FACES, FakeDesk

    record, face = Path(sys.argv[1]), FACES[sys.argv[2] if len(sys.argv) > 2 else "idle"]
    options = dict(each.split("=", 1) for each in sys.argv[3:])

    def stopped(desk: FakeDesk) -> None:
        record.write_text(json.dumps({"said": desk.said, "pressed": desk.pressed, "done": desk.done}))

    desk = FakeDesk(face, on_stop=stopped, slow=float(options.pop("slow", "0")), breaks_on=options.pop("breaks_on", ""))

    async def opening() -> FakeDesk:
        return desk

    settings = load(user="rep7", **options)
    sit_down(settings, opening, lambda: [Command("r", "r", "repeats the last order"), Command("c", "c512.1", "credit")])
    terminal.give_back()


if __name__ == "__main__":
    main()
