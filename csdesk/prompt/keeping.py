"""What is half typed, stored at every pause: with the call on the line, an answer on a ticket as its draft; with nobody
on the line by itself, with the page it is typed at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.errors import Invalid, NotFound, Refused, Unavailable
from csdesk.ids import new_id
from csdesk.prompt import ticket_drafting
from csdesk.prompt.expansions import FREE_QUESTIONS
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import names_a_caller
from csdesk.prompt.questions import Guide
from csdesk.services import calls, half_typed
from csdesk.services.half_typed import Kept
from csdesk.store import AWAY, Along

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

NOTHING = Kept()


async def keep(desk: Desk) -> None:
    """Stores the typed text and its view; begins a call when somebody is being typed in."""
    now = desk.now
    await ticket_drafting.keep(desk)
    text = now.keys.text
    if now.call is None:
        if now.guide is not None or not names_a_caller(text, now.mode):
            await _keep_alone(desk)
            return
        if not desk.away:
            desk.attempt = new_id()
        await desk.begin_call()
    assert now.call is not None
    state = (now.call.id, text, now.shown.name if now.shown else "")
    if state != now.kept:
        await desk.store.write(calls.keep, *state)
        now.kept = state


async def _keep_alone(desk: Desk) -> None:
    """With nobody on the line: writes only what is another text than the one that is stored."""
    if desk.alone is None or desk.store.read_only:
        return
    text, shown = line(desk), desk.now.shown
    state = Kept(text, shown.name if shown is not None else "") if text else NOTHING
    if state != desk.alone:
        await desk.store.write(half_typed.keep, state.prompt, state.view)
        desk.alone = state


def line(desk: Desk) -> str:
    """What is half typed while nobody is on the line; '' for nothing, a single sign and the name of a caller. Of an
    answer or a note that is a draft already the letter and a blank, for its words are kept there."""
    now = desk.now
    drafted = ticket_drafting.drafting(desk)
    if drafted is not None:
        return ticket_drafting.mark(drafted[1])
    text = now.keys.text
    if isinstance(now.guide, Guide):
        text = _so_far(now.guide, text.strip())
    elif not text.strip() and now.choice is not None:
        text = now.choice.restore
    few = len(text.strip()) < 2  # a verb alone is as soon typed again, and mostly done at once
    return "" if few or names_a_caller(text, now.mode) else text.rstrip()


def _so_far(guide: Guide, text: str) -> str:
    """The line that a form has made so far; the one it was opened behind while its words are still to be asked for."""
    from csdesk.prompt.guides import short_form  # which has the acts, and these the desk

    asked = guide.questions[: len(guide.answers) + 1]
    if not (guide.answers or text) or (guide.said and not FREE_QUESTIONS.intersection(asked)):
        return guide.typed or guide.verb.letter
    return short_form(replace(guide, answers=(*guide.answers, text) if text else guide.answers))


def unkept(desk: Desk) -> bool:
    """Whether a form has answers that cannot be kept, for the line they make so far reads as the name of a caller."""
    guide = desk.now.guide
    said = isinstance(guide, Guide) and bool(guide.answers or desk.now.keys.text.strip())
    return said and not line(desk)


async def bring(desk: Desk) -> str:
    """Shows the page at which something was half typed while nobody was on the line, and gives the text. Of a page that
    can be shown no more the echo tells it; it stays stored until something else is typed."""
    from csdesk.prompt import acts

    if desk.alone is None:
        return ""
    desk.alone = kept = await desk.store.read(half_typed.mine)
    try:
        if kept.view:
            await acts.show(desk, kept.view)
        return await ticket_drafting.brought(desk, kept.prompt)
    except (NotFound, Invalid, Refused):
        desk.now.shown, desk.alone = None, NOTHING
        desk.now.echo = Echo(f"What you had typed stood on a page that is out of your sight: {kept.prompt}", "wrong")
        return ""


def lost(desk: Desk, error: Unavailable) -> Echo:
    """What is said of a database that did not do it: since when it is away, when that is why."""
    since = desk.store.away_since
    if since is None or error.message != AWAY:
        return Echo(error.message, "wrong")
    return Echo(AWAY.replace(" away", f" away since {since.astimezone(desk.now.zone):%H:%M}"), "wrong")


def along(desk: Desk) -> Along | None:
    """What goes with a line that is carried out: the text that is stored of it, or it would be there again beside its
    effect after a crash. That of a call goes by itself, see services.memory."""
    return half_typed.take if desk.now.call is None and desk.alone not in (None, NOTHING) else None
