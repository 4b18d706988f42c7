"""What a desk does while nobody types: the steps of `csdesk tick`, one short transaction after the other.

The desk does them as the system, for the one who sits there has done nothing. Mail leaves by `csdesk tick` alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from csdesk.errors import DeskError, Unavailable
from csdesk.services import ticking
from csdesk.services.tx import SYSTEM
from csdesk.store import Store

log = logging.getLogger("csdesk.leisure")


async def tick(store: Store, stop: Callable[[], bool]) -> None:
    """Does what is due, until it is done or `stop` says that a key came. What is refused or broken is in the log; the
    next round, or `csdesk tick`, meets it again."""
    if store.read_only:
        return
    system = store.acting(SYSTEM)
    try:
        for step in ticking.STEPS:
            if stop():
                return
            for each in await system.read(step.listed):
                if stop():
                    return
                await _act(system, step, each)
    except Unavailable:
        return
    except Exception:
        log.exception("what was due could not be done")


async def _act(system: Store, step: ticking.Step, subject: int) -> None:
    try:
        await system.write(step.act, subject)
    except Unavailable:
        raise
    except DeskError as error:
        log.info("%s", error.message)
        if step.otherwise is not None:
            await system.write(step.otherwise, subject)
