"""What goes wrong in a process that has no line to the server and no terminal: told on the standard error all share."""

from __future__ import annotations

import json
import sys
import traceback


def tell(event: str, fault: BaseException) -> None:
    """Writes a fault down as a line of JSON like those of the server's log."""
    told = {"event": event, "level": "error", "exception": "".join(traceback.format_exception(fault))}
    print(json.dumps(told), file=sys.stderr, flush=True)  # noqa: T201
