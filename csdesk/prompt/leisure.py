"""What a desk does while nobody types: the steps of `csdesk tick`, one short transaction after the other.

The desk does them as the system, for the one who sits there has done nothing. Mail leaves by `csdesk tick` alone.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from csdesk.errors import DeskError, Unavailable
from csdesk.services import ticking
from csdesk.services.tx import SYSTEM
from csdesk.store import Store

log = logging.getLogger("csdesk.leisure")


async def tick(store: Store, stop: Callable[[], bool]) -> None:
    """Does what is due, until it is done or `stop` says that a key came. What is refused or broken is in the log and
    never stops the rest; the next round, or `csdesk tick`, meets it again."""
    if store.read_only:
        return
    system = store.acting(SYSTEM)
    with contextlib.suppress(Unavailable):
        for step in ticking.STEPS:
            if stop():
                return
            listed, _ = await _tried(system.read(step.listed))
            for each in listed or ():
                if stop():
                    return
                _, refused = await _tried(system.write(step.act, each))
                if refused and step.otherwise is not None:
                    await _tried(system.write(step.otherwise, each))


async def _tried(work: Awaitable[Any]) -> tuple[Any, bool]:
    """(What came of it, whether it was refused). Raises Unavailable."""
    try:
        return await work, False
    except Unavailable:
        raise
    except DeskError as error:
        log.info("%s", error.message)
        return None, True
    except Exception:
        log.exception("what was due could not be done")
        return None, False
