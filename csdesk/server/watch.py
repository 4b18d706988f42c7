"""What a server looks after while desks are open: who must leave, who sleeps, what is due by itself."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from csdesk.errors import DeskError
from csdesk.services import sessions

if TYPE_CHECKING:
    from csdesk.server.front import Front

TICK_EVERY = 60.0  # seconds
LOOK_EVERY = 2.0  # seconds between two looks at who must leave
LEAVE_SECONDS = 15.0  # so long a desk may take to store and end before it is killed
MOST_UNREAD = 4 << 20  # bytes that wait for a client that asks on and on and reads no answer before its line is cut
IDLE_UNIT = 60.0  # seconds of one `serve_idle`
log = logging.getLogger("csdesk.server")


async def leavers(front: Front) -> None:
    """Ends the desks of who was asked to leave, is disabled, or has not typed for long."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if not front.served:
            continue
        try:
            for each in await front.store.read(sessions.leaving, front.name):
                if each.id in front.served:
                    front.begin(front.served[each.id].end(f"This desk was ended: {each.leaving}", LEAVE_SECONDS))
            await _park_idle(front)
        except DeskError as error:
            log.warning("watching failed", extra={"why": error.message})
        except Exception:
            log.exception("watching failed")


async def _park_idle(front: Front) -> None:
    loop, now, most = asyncio.get_running_loop(), front.store.clock(), front.settings.serve_idle
    typed = {}
    for each in front.served.values():
        idle = loop.time() - each.relay.typed_at
        if most and idle > most * IDLE_UNIT:
            words = f"Parked after {most} minutes without a key; log in again and go on"
            front.begin(each.end(words, LEAVE_SECONDS))
        at = now - timedelta(seconds=idle)
        if at - each.told_typed > timedelta(minutes=1):
            each.told_typed = typed[each.sitting.id] = at
    if typed:
        await front.store.write(sessions.typed, typed)


async def unread(front: Front) -> None:
    """Cuts the lines of clients that read nothing and still make the server answer."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        for each in list(front.visits):
            if each.unread > MOST_UNREAD:
                front.refused(each.who, "a client that asks on and reads nothing")
                each.cut()


async def ticks(front: Front) -> None:
    """What is due by itself; desks of a server sleep until a key comes."""
    while True:
        await asyncio.sleep(TICK_EVERY)
        try:
            await front.nursery.tick(asdict(front.settings))
        except DeskError as error:
            log.warning("the tick failed", extra={"why": error.message})
        except Exception:
            log.exception("the tick failed")
