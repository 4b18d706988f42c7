"""What each kind of key does at the desk: submit, commit, choose, move, back … One function a kind."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.errors import DeskError, Invalid, Refused
from csdesk.prompt import acts, expansion_acts, guides, helping, keeping, pad_acts
from csdesk.prompt.expansions import refuse_unknown
from csdesk.prompt.keyboard import Effect
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command, names_a_product, parse
from csdesk.prompt.verbs import BY_ID, by_letter
from csdesk.services import calls

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

PAGE_ROWS = 10
ONE_OF_INBOX = ("request:", "held:", "callback:", "escalation:")  # back from them leads to the queue


async def submit(desk: Desk, effect: Effect) -> None:
    """Enter on a typed line: parse it, do it, empty the prompt. A fault leaves the line where it is."""
    refuse_unknown(effect.text, desk.now.mode, expansion_acts.at_hand(desk))
    if desk.now.guide is not None:
        await guides.answer(desk, effect.text)
        return
    try:
        command = replace(parse(effect.text, desk.now.mode), tail=effect.tail)
    except Invalid:
        if names_a_product(effect.text, desk.now.mode) and await pad_acts.pick(desk, effect.text):
            return
        raise
    if command.ask:
        await guides.begin(desk, command.verb)
        return
    await acts.run(desk, command)


async def fire(desk: Desk, effect: Effect) -> None:
    """A letter that acts at once."""
    verb = by_letter(effect.text, desk.now.mode)
    assert verb is not None
    await acts.run(desk, Command(verb, dict.fromkeys(verb.pattern.groupindex, ""), effect.text))


async def commit(desk: Desk, effect: Effect) -> None:
    """A commit key: what is typed is taken first. When that asks something, or leads to another call or out of the
    draft, nothing is committed."""
    now = desk.now
    if effect.text.strip():
        here = now.call and now.call.id
        await submit(desk, Effect("submit", effect.text))
        elsewhere = (now.call and now.call.id) != here or now.draft is None
        if elsewhere or now.choice is not None or now.guide is not None:
            return
    await acts.run(desk, Command(BY_ID["commit"], {}, "."))


async def choose(desk: Desk, effect: Effect) -> None:
    """A numbered choice was made (-1: the one under the cursor)."""
    choice = desk.now.choice
    if choice is None:
        await _choose_row(desk, effect.number)
        return
    if effect.number >= 0 and desk.now.guide is not None and guides.foreseen(desk, effect.number) is not None:
        desk.now.cursor = effect.number  # the last answer of a form is marked: the echo says what Enter does with it
        desk.sync_keys()
        return
    number = desk.now.cursor if effect.number < 0 else effect.number
    desk.now.choice = None
    try:
        await choice.acts[min(number, len(choice.acts) - 1)]()
    except DeskError:
        if not desk.now.keys.text:
            desk.sync_keys(choice.restore)
        raise


async def _choose_row(desk: Desk, number: int) -> None:
    """A digit, or Enter, in a numbered list of the view (approvals)."""
    shown = desk.now.shown
    if shown is not None and shown.acts:
        does = shown.acts if number >= 0 else shown.opens or shown.acts
        await _act(does[min(number if number >= 0 else desk.now.cursor, len(does) - 1)])
        desk.sync_keys()


async def move(desk: Desk, effect: Effect) -> None:
    """Up and Down: the cursor of the list that is shown, first looked up when keys came faster than the hits."""
    if desk.now.keys.text.strip() and desk.now.live is None:
        await desk.look()
    await _go(desk, effect.number)


async def page(desk: Desk, effect: Effect) -> None:
    """Page keys: ten rows on or back, 9 to an end."""
    rows = _rows(desk)
    step = rows if abs(effect.number) == 9 else PAGE_ROWS
    await _go(desk, step * (1 if effect.number > 0 else -1))


async def _go(desk: Desk, step: int) -> None:
    """Moves the cursor; from the last row of a long list on to its next page, from the first one back."""
    now, rows = desk.now, _rows(desk)
    if not rows:
        return
    here = now.shown if now.choice is None and now.live is None else None
    if here is not None and step > 0 and now.cursor == rows - 1 and here.on is not None:
        await here.on()
    elif here is not None and step < 0 and now.cursor == 0 and here.off is not None:
        await here.off()
    else:
        now.cursor = min(max(now.cursor + step, 0), rows - 1)


def _rows(desk: Desk) -> int:
    now = desk.now
    if now.choice is not None:
        return len(now.choice.acts)
    if now.live is not None:
        return len(now.live.acts)
    if now.shown is not None and now.shown.acts:
        return len(now.shown.page.rows)
    return 0


async def row(desk: Desk, effect: Effect) -> None:
    """A row of the pad was left; its quantity, if typed, is set already."""
    if not effect.typed:
        desk.now.echo = Echo()


async def open_(desk: Desk, effect: Effect) -> None:
    """Enter at an empty prompt: takes the choice or a ringing call, opens the row under the cursor of a list."""
    now = desk.now
    if now.choice is not None:
        await choose(desk, Effect("choose", number=-1))
    elif now.live is not None and now.live.acts:
        await _act(now.live.acts[min(now.cursor, len(now.live.acts) - 1)])
    elif now.ringing is not None and now.mode == "idle":
        await acts.take_ringing(desk)
    elif now.shown is not None and now.shown.acts:
        does = now.shown.opens or now.shown.acts
        await _act(does[min(now.cursor, len(does) - 1)])
    elif now.ringing is not None:
        await acts.take_ringing(desk)


async def _act(act: Callable[[], Awaitable[None]] | None) -> None:
    if act is not None:
        await act()


async def back(desk: Desk, effect: Effect) -> None:
    """F3: one step back: out of a choice, a form, an order, a list, to the pad or the customer."""
    now = desk.now
    if now.guide is not None:
        await guides.back(desk)
    elif now.choice is not None or now.keys.text:
        await cancel(desk, effect)
    elif (now.call is not None and now.shown is not None and now.shown.name not in {"pad", "customer"}) or (
        now.call is None
        and now.shown is not None
        and now.shown.name.startswith((*ONE_OF_INBOX, "deduction:", "ticket:", "clocks:", "article:"))
    ):
        await acts.show(desk, _before(desk, now.shown.name))
        now.echo = Echo()
        desk.sync_keys()
    elif now.call is None:
        now.shown, now.echo = None, Echo()
        desk.sync_keys()
    elif now.draft is None:
        now.echo = Echo("This is the first page of the call: k parks it, z ends it.", "info")
    else:
        now.echo = Echo("This is the pad: . places, F12 leaves the draft, k parks the call.", "info")


def _before(desk: Desk, name: str) -> str:
    """The view one step before another one."""
    if name.startswith("article:") and "@" in name:
        return name.partition("@")[2]
    if name.startswith(ONE_OF_INBOX):
        return "inbox"
    if name.startswith("deduction:"):
        return "deductions:account" if desk.now.bar else "deductions"
    if name.startswith("clocks:"):
        whole, _, _ = name.rpartition(":")
        return name.replace("clocks:", "ticket:") if whole == "clocks" else whole
    if name.startswith("ticket:") and not desk.now.bar:
        return "inbox"
    if name.startswith("order:") and desk.now.bar is not None:
        return "history"
    return "pad" if desk.now.draft else "customer" if desk.now.bar else "idle"


async def cancel(desk: Desk, effect: Effect) -> None:
    """F12: clears what is typed; leaves a choice, a form, an edited row; with nothing of these, leaves the draft."""
    now = desk.now
    if now.guide is not None:
        await guides.leave(desk)
    elif now.choice is not None:
        text = now.choice.restore
        now.choice, now.echo = None, Echo()
        desk.sync_keys(text)
    elif now.keys.text or now.keys.row is not None or now.keys.typed:
        await _clear(desk)
    elif now.shown is not None and now.shown.name not in {"pad", "customer"}:
        await back(desk, effect)
    elif now.draft is not None:
        await acts.leave_draft(desk)


async def _clear(desk: Desk) -> None:
    """Takes back what is typed, and what it began by itself: a call without a caller, the order that e opened when
    another one was meant."""
    now, text = desk.now, desk.now.keys.text
    now.live, now.echo = None, Echo()
    desk.sync_keys()
    if now.call is not None and now.call.customer_id is None and not now.call.phone:
        await desk.write(calls.end, now.call.id)
        await desk.load_calls()
        await desk.enter_call(None)
    elif re.fullmatch(r"e\d+", text) and now.draft is not None and now.draft.kind == "amend":
        await _leave_untouched(desk)


async def _leave_untouched(desk: Desk) -> None:
    draft = desk.now.draft
    if draft is not None and not any(line.touched for line in draft.lines):
        await acts.leave_draft(desk)


async def help_(desk: Desk, effect: Effect) -> None:
    """F1: what can be typed here; what is typed stays."""
    helping.lay(desk)


async def list_(desk: Desk, effect: Effect) -> None:
    """F4: the list behind what is being typed: reasons, lines, products; the verbs at an empty prompt."""
    if not await expansion_acts.offer(desk):
        await guides.offer(desk)


async def next_call(desk: Desk, effect: Effect) -> None:
    """F6: the next open call. What is typed is kept, with nobody on the line too; of a form as the line it has made so
    far. Refused where that would read as the name of a caller."""
    now = desk.now
    slots = [call.slot for call in now.calls]
    if not slots:
        now.echo = Echo("No other call is open.", "info")
        return
    if now.call is None and keeping.unkept(desk):
        raise Refused("The form that is begun here belongs to no call: F12 leaves it, then F6 goes there.")
    here = now.call.slot if now.call else 0
    slot = next((each for each in slots if each > here), slots[0])
    await acts.park(desk, Command(BY_ID["park"], {"slot": str(slot)}))


async def end_call(desk: Desk, effect: Effect) -> None:
    """F8: ends the call; with no call open the desk, and what is typed is kept."""
    ended = Command(BY_ID["end"], {}, "z")
    await (acts.run if desk.now.call is not None else acts.ACTS["end"])(desk, ended)


async def nothing(desk: Desk, effect: Effect) -> None:
    """A key that means nothing here, or only edited text after a row was taken."""


MOVES: dict[str, Callable[[Desk, Effect], Awaitable[None]]] = {
    "none": nothing,
    "edit": nothing,
    "submit": submit,
    "fire": fire,
    "commit": commit,
    "choose": choose,
    "move": move,
    "page": page,
    "row": row,
    "open": open_,
    "back": back,
    "cancel": cancel,
    "help": help_,
    "list": list_,
    "next-call": next_call,
    "end-call": end_call,
}
