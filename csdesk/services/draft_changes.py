"""What every change of a draft does: find the call's draft, save, remember how to undo, audit, show. Internal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from csdesk.errors import NotFound, Refused
from csdesk.ids import new_id
from csdesk.services import audit, calls, customers, drafts, history, memory, pads, revisions
from csdesk.services.customers import Trading
from csdesk.services.drafts import LINES, DraftLine, DraftRow
from csdesk.services.pads import DraftView
from csdesk.services.tx import Tx


def customer(tx: Tx, call_id: int) -> Trading:
    """Who is on the call, and under which terms. Raises Refused while nobody is."""
    call = calls.get(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    return customers.trading(tx, call.customer_id)


def open_draft(tx: Tx, call_id: int, who: Trading) -> DraftRow:
    """The call's open draft, a new one if it has none."""
    draft = drafts.of_call(tx, call_id)
    if draft is not None:
        return draft
    draft = DraftRow(new_id(), call_id, who.id, "new", None, None, None, "", (), "open", 1)
    drafts.create(tx, draft)
    calls.set_draft(tx, call_id, draft.id)
    return draft


def need_draft(tx: Tx, call_id: int) -> DraftRow:
    """The call's open draft. Raises Refused when it has none."""
    draft = drafts.of_call(tx, call_id)
    if draft is None:
        raise Refused("There is no draft to change; type a product code and a quantity first.")
    return draft


def change(
    tx: Tx,
    call_id: int,
    who: Trading,
    before: DraftRow,
    after: DraftRow,
    verb: str,
    words: Callable[[DraftView], str],
    **more: Any,
) -> DraftView:
    """Saves a changed draft, remembers how to undo it (with `more` for later commands), audits it, and shows it."""
    saved = drafts.save(tx, after)
    view = pads.view_of(tx, saved, who)
    undo = {"do": "undraft", **state(before), **more}
    memory.remember(tx, call_id, verb, words(view), undo, who.hold_seconds)
    audit.record(tx, verb, "draft", saved.id, state(before), state(saved))
    return view


def state(draft: DraftRow) -> dict[str, Any]:
    """A draft as undo and audit keep it."""
    wish = draft.requested_on.isoformat() if draft.requested_on else None
    lines = LINES.dump_json(draft.lines).decode()
    return {"draft": draft.id, "lines": lines, "requested_on": wish, "status": draft.status}


def place_of(draft: DraftRow, number: int) -> int:
    """The place of the line with this number. Raises NotFound, Refused for a line that cannot be changed."""
    place = next((place for place, each in enumerate(drafts.numbers_of(draft)) if each == number), None)
    if place is not None:
        if draft.lines[place].fixed:
            raise Refused(f"Line {number} is {draft.lines[place].fixed}; it cannot be changed.", field="line")
        return place
    raise NotFound(f"There is no line {number}; the draft has {len(draft.lines)}.", field="line")


def with_line(draft: DraftRow, place: int, line: DraftLine) -> DraftRow:
    """The draft with another line in that place."""
    return replace(draft, lines=(*draft.lines[:place], line, *draft.lines[place + 1 :]))


def short_place(view: DraftView, number: int | None) -> int:
    """The short line meant: the one named, else the latest that has no answer yet."""
    places = [
        place
        for place, line in enumerate(view.lines)
        if line.short and (line.number == number if number else not line.choice)
    ]
    if not places:
        which = f"Line {number} is not" if number else "No line is"
        raise Refused(f"{which} short; there is nothing to replace or to wait for.", field="line")
    return places[-1]


def untaken(tx: Tx, call_id: int, draft: DraftRow) -> DraftRow:
    """The draft without the alternative that the last command put in; as it is when that was another command."""
    row = memory.last(tx, call_id)
    if row is None or row.verb != "editing.take_alternative":
        return draft
    undo = json.loads(row.undo)
    return replace(draft, lines=LINES.validate_json(undo["start"])) if undo["draft"] == draft.id else draft


def may_leave(tx: Tx, draft: DraftRow) -> None:
    """Raises Refused when something was typed into the draft that would be lost."""
    if draft.order_id is None:
        if draft.lines:
            raise Refused("There is a draft open already; commit it with . or leave it with F12, then amend.")
        return
    order = history.order_view(tx, history.head(tx, draft.order_id))
    day_moved = draft.requested_on != revisions.day_seen(tx, order, draft.base_version)
    if day_moved or any(line.touched for line in draft.lines):
        raise Refused(
            f"The changes of order {order.number} are not applied yet; commit them with . or leave them with F12 first."
        )
