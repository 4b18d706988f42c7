"""What a server looks after while desks are open: who must leave, who sleeps, what is due by itself."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from csdesk.errors import DeskError
from csdesk.services import sessions
from csdesk.services.sessions import Sitting

if TYPE_CHECKING:
    from csdesk.server.front import Front

TICK_EVERY = 60.0  # seconds
LOOK_EVERY = 2.0  # seconds between two looks at who must leave
LEAVE_SECONDS = 15.0  # so long a desk may take to store and end before it is killed
MOST_UNREAD = 4 << 20  # bytes that wait for a client that asks on and on and reads no answer before its line is cut
IDLE_UNIT = 60.0  # seconds of one `serve_idle`
log = logging.getLogger("csdesk.server")


async def leavers(front: Front) -> None:
    """Ends the desks of who was asked to leave, is disabled, or has not typed for long. Nothing that is written is
    waited for, so that a database that takes no writes keeps nobody at a desk."""
    noted: asyncio.Task[None] | None = None
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if not front.served:
            continue
        try:
            _park_idle(front)
            if noted is None or noted.done():
                noted = front.begin(_note_keys(front))
            for each in await front.store.read(sessions.leaving, list(front.served)):
                if each.id in front.served:
                    _leaves(front, each)
        except DeskError as error:
            log.warning("watching failed", extra={"why": error.message})
        except Exception:
            log.exception("watching failed")


def _leaves(front: Front, who: Sitting) -> None:
    if who.over == sessions.SWEPT:
        log.error("another server has this one's name and ended its sessions; give each a serve_name of its own",
                  extra={"server": front.name, "session": who.id})  # fmt: skip
    front.begin(front.served[who.id].end(f"This desk was ended: {who.leaving}", LEAVE_SECONDS))


def _park_idle(front: Front) -> None:
    now, most = asyncio.get_running_loop().time(), front.settings.serve_idle
    for each in front.served.values():
        if most and now - each.relay.typed_at > most * IDLE_UNIT:
            words = f"Parked after {most} minutes without a key; log in again and go on"
            front.begin(each.end(words, LEAVE_SECONDS))


async def _note_keys(front: Front) -> None:
    """Writes down when desks were last typed at, to the minute."""
    loop, now = asyncio.get_running_loop(), front.store.clock()
    typed = {}
    for each in front.served.values():
        at = now - timedelta(seconds=loop.time() - each.relay.typed_at)
        if at - each.told_typed > timedelta(minutes=1):
            each.told_typed = typed[each.sitting.id] = at
    try:
        if typed:
            await front.store.write(sessions.typed, typed)
    except DeskError as error:
        log.warning("when desks were typed at is not written", extra={"why": error.message})


async def unread(front: Front) -> None:
    """Cuts the lines of clients that read nothing and still make the server answer."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        for each in list(front.visits):
            if each.outlet.unread > MOST_UNREAD:
                front.refused(each.who, "a client that asks on and reads nothing")
                each.outlet.cut()


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
