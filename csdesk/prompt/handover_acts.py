"""Handing over at the prompt: what the shift before leaves, accepting lines, packing, ending one's shift."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.errors import Invalid, Refused
from csdesk.prompt.acting import done, refresh, show
from csdesk.prompt.approval_acts import places
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.services import handover

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def list_(desk: Desk, command: Command) -> None:
    """>: the latest pack of one's team."""
    await show(desk, "handover")
    some = desk.now.shown is not None and desk.now.shown.acts
    words = "Enter shows a line, a digit accepts it, y1-5 several; m packs for the next shift, e ends yours"
    desk.now.echo = Echo(words if some else "nothing is handed over; m packs for the next shift, e ends yours", "info")
    desk.sync_keys()


async def accept(desk: Desk, command: Command) -> None:
    """y1-5: takes these lines over."""
    pack_id, lines = _chosen(desk, command)
    await take(desk, pack_id, *lines)


async def take(desk: Desk, pack_id: int, *lines: int) -> None:
    """Takes lines of the pack that is shown over."""
    handed = await desk.write(handover.accept, pack_id, lines)
    await refresh(desk)
    await show(desk, "handover")
    done(desk, handed.words)


def _chosen(desk: Desk, command: Command) -> tuple[int, list[int]]:
    """The pack that is shown, and its lines by the places that are shown: a reader sees those that are for him. Raises
    Refused when there is none, Invalid for a place there is not."""
    shown = desk.now.shown
    if shown is None or not shown.subjects:
        raise Refused("Nothing is handed over to your team yet; m packs for the next shift.")
    wanted, many = places(command.args["places"]), len(shown.subjects)
    if wanted[-1] > many or wanted[0] < 1:
        raise Invalid(f"The pack has {many} lines; y1-5 takes numbers of them.", field="places")
    return shown.subjects[0][0], [shown.subjects[place - 1][1] for place in wanted]


async def accept_words(desk: Desk, command: Command) -> str:
    """Which lines would be taken over. Raises like the act where that can be seen."""
    _chosen(desk, command)
    wanted = places(command.args["places"])
    return f"takes over line{'s' * (len(wanted) > 1)} {', '.join(map(str, wanted))}"


async def make(desk: Desk, command: Command) -> None:
    """m: packs for the next shift, with a note."""
    handed = await desk.write(handover.pack, "", command.args.get("text") or "")
    await show(desk, "handover")
    done(desk, handed.words)


async def make_words(desk: Desk, command: Command) -> str:
    """What would be packed."""
    note = command.args.get("text")
    noting = f", noting: {note}" if note else ""
    mine = "" if desk.store.actor.may("ticket.lead") else "of yours "
    return f"packs what {mine}is due in the next shift of {desk.store.actor.team or 'the desk'}{noting}"


async def end(desk: Desk, command: Command) -> None:
    """e: ends one's shift."""
    done(desk, await desk.write(handover.end_shift))


async def end_words(desk: Desk, command: Command) -> str:
    """What ending it would do. Raises like the act."""
    return await desk.store.read(handover.preview_end)


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "handover": list_, "handover-accept": accept, "handover-make": make, "handover-end": end,
}  # fmt: skip
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "handover-accept": accept_words, "handover-make": make_words, "handover-end": end_words,
}  # fmt: skip
