"""The verbs of a call: find and identify the caller, history, notes, park, undo, end, jump, help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import NotFound, Refused
from csdesk.prompt import dispute_acts, escalation_acts, helping, ticket_work_acts
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.pages.hits import customers_page
from csdesk.prompt.parse import Command
from csdesk.prompt.verbs import CALLBACK, HANDOVER, INBOX, OPENED
from csdesk.services import calls, editing, previews, search, undo, undo_own

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def find(desk: Desk, command: Command) -> None:
    """Finds the caller: the top hit, the one under the cursor, or a numbered choice when several fit as well."""
    text = command.args["text"]
    hits = await desk.store.read(search.customers, text)
    if not hits:
        raise NotFound(f"Nobody is found by '{text.strip()}'; try a phone number, a name or a code.", field="text")
    if desk.now.cursor:
        await identify(desk, hits[min(desk.now.cursor, len(hits) - 1)].id)
        return
    tied = [hit for hit in hits if hit.rank == hits[0].rank]
    if len(tied) == 1:
        await identify(desk, hits[0].id)
        return
    page = customers_page(hits[:9], "Which one? Type its number, or arrows and Enter")
    ask(desk, page, [partial(identify, desk, hit.id) for hit in hits[:9]], _fit(len(tied), len(hits)), text)


def _fit(tied: int, shown: int) -> str:
    more = "; there may be more: type more of the name" if shown >= 9 else ""
    return f"{tied} fit alike: 1-{min(shown, 9)} chooses{more}"


async def identify(desk: Desk, customer_id: int) -> None:
    """The caller is known: context bar, usual list and open orders appear. On another customer's call: a new call."""
    now = desk.now
    now.choice, now.live = None, None
    if now.call is None or (now.call.customer_id not in (None, customer_id)):
        await _leave(desk)
        await desk.begin_call()
    assert now.call is not None
    now.call = await desk.write(calls.identify, now.call.id, customer_id)
    await refresh(desk)
    await show(desk, "pad" if now.draft else "customer")
    bar = now.bar
    assert bar is not None
    done(desk, f"{bar.code} {bar.name}{', ' + bar.town if bar.town else ''}")
    desk.sync_keys()


async def _leave(desk: Desk) -> None:
    """The call at hand is parked as it stands; what was typed led away from it and is no text of it."""
    desk.sync_keys()
    await desk.pause()


async def take_ringing(desk: Desk) -> None:
    """Takes the call that rings: a new call, the caller found by the number when it is known."""
    ringing = desk.now.ringing
    assert ringing is not None
    await _leave(desk)
    await desk.begin_call(ringing.phone, ringing.id)
    desk.now.ringing = await desk.store.read(calls.ringing)
    await desk.enter_call(desk.now.call)
    hits = await desk.store.read(search.customers, ringing.phone)
    sure = [hit for hit in hits if hit.rank == hits[0].rank] if hits else []
    if len(sure) == 1 and sure[0].matched == "phone":
        await identify(desk, sure[0].id)
    else:
        desk.sync_keys(ringing.phone)
        desk.now.echo = Echo(f"Call from {ringing.phone}: nobody known has this number; find the caller.", "ask")


async def history_(desk: Desk, command: Command) -> None:
    """h: the customer's history."""
    await show(desk, "history")
    desk.now.echo = Echo("Enter opens a row, F3 goes back", "info")


async def info(desk: Desk, command: Command) -> None:
    """i3 / i4711: all about a line's product or a product."""
    what = command.args["what"].strip()
    draft = desk.now.draft
    if draft is not None and what.isdecimal() and any(each.number == int(what) for each in draft.lines):
        what = next(each.code for each in draft.lines if each.number == int(what))
    found = await desk.store.read(previews.resolve, customer_id(desk), what)
    if found is None:
        hits = await desk.store.read(search.products, what, 9, customer_id(desk))
        if not hits:
            raise NotFound(f"No product is found by '{what}'.", field="what")
        what = hits[0].code
        found = await desk.store.read(previews.resolve, customer_id(desk), what)
    assert found is not None
    await show(desk, "info", str(found.product_id))
    done(desk, f"{found.code} {found.name}; F3 goes back")


async def note(desk: Desk, command: Command) -> None:
    """m text."""
    done(desk, await desk.write(calls.note, call_id(desk), command.args["text"]))


async def wrap_up(desk: Desk, command: Command) -> None:
    """vq."""
    done(desk, await desk.write(calls.code, call_id(desk), command.args["code"]))


async def park(desk: Desk, command: Command) -> None:
    """k / k2, F6, F3: keeps this call as it is and goes to another, or to none; only a typed k2 is no text of it."""
    if command.text:
        desk.sync_keys()
    await desk.pause()
    slot = int(command.args["slot"]) if command.args.get("slot") else None
    here = desk.now.call
    call = await desk.store.write(calls.switch, slot)
    await desk.load_calls()
    await desk.enter_call(call)
    parked = f"call {here.slot} parked" if here and (call is None or call.id != here.id) else ""
    on = f"call {call.slot} {call.customer_name}".rstrip() if call else ""
    done(desk, "; ".join(each for each in (parked, on) if each) or "no call is open")


async def undo_(desk: Desk, command: Command) -> None:
    """u: takes the last command of this call back; in the queue and at handover one's own newest act there."""
    for undo_step in (dispute_acts.undo_step, ticket_work_acts.undo_step, escalation_acts.undo_step):
        if await undo_step(desk):
            return
    call, mode = desk.now.call, desk.now.mode
    if mode in (INBOX, OPENED, HANDOVER) or (mode == CALLBACK and desk.now.bar is None):
        await _own_undo(desk)
        return
    if call is None:
        raise Refused("There is nothing to undo; no call is open.")
    taken = await desk.write(undo.last, call.id)
    await refresh(desk)
    if desk.now.draft is not None and desk.now.draft.kind == "amend":
        desk.now.draft = await desk.write(editing.rebase, call.id)
    shown = desk.now.shown.name if desk.now.shown is not None else ""
    usual = "pad" if desk.now.draft else "customer" if desk.now.bar else "idle"
    await show(desk, shown if shown.startswith("ticket:") else usual)
    done(desk, taken.words)


async def _own_undo(desk: Desk) -> None:
    """In the queue and at handover: one's own newest act there; a decision is shown whole again."""
    back = await desk.write(undo_own.newest)
    await refresh(desk)
    if back.request_id is not None:
        await show(desk, "request", str(back.request_id))
    else:
        await show(desk, "handover" if desk.now.mode == HANDOVER else "inbox")
    done(desk, back.words)


async def end(desk: Desk, command: Command) -> None:
    """z: ends the call; another open call comes forward only when it is asked for."""
    call = desk.now.call
    if call is None and desk.now.calls:
        raise Refused("No call is at hand; F6 goes to a parked one.")
    if call is None:
        desk.quitting = True
        done(desk, "Good bye.")
        return
    words = await desk.write(calls.end, call.id)
    await desk.load_calls()
    await desk.enter_call(None)
    done(desk, words)


async def jump(desk: Desk, command: Command) -> None:
    """/text: the first hit of anything, or the one under the cursor."""
    from csdesk.prompt.looking import jump_shown

    shown = await jump_shown(desk, command.args["text"])
    if not shown.acts:
        raise NotFound(f"Nothing is found by '{command.args['text']}'.", field="text")
    act = shown.acts[min(desk.now.cursor, len(shown.acts) - 1)]
    assert act is not None
    desk.now.echo = Echo()  # what it said of Enter is done
    await act()


async def help_(desk: Desk, command: Command) -> None:
    """?: help for where the rep is."""
    helping.lay(desk, command.args.get("about", ""))
