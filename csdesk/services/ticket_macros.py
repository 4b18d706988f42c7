"""Macros at a ticket: what a canned text says is to become of it, done as one step.

A macro is planned of the same plans as the steps that are typed one by one, so it refuses what they refuse; all of it
is done or nothing, and it is taken back whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Staff, table
from csdesk.services import (
    canned,
    seeing,
    ticket_drafts,
    ticket_moves,
    ticket_newer,
    ticket_resolving,
    ticket_thread,
    ticket_waiting,
)
from csdesk.services.canned import Acts, CannedView
from csdesk.services.ticket_steps import Plan, Planner, Stepped, alive, in_turn, joined, put
from csdesk.services.tx import Tx, reads, writes

STAFF = table(Staff)
ROOM = 132  # signs that say a macro: two lines of the narrowest usual window, with the ticket's number before them
LEAST = 16  # signs of its text that are said in any case
MOST_NAMED = 12
_LETTERS = {name: letter for letter, name in ticket_waiting.PARTIES.items()}


@dataclass(frozen=True)
class MacroRow:
    """A macro in a list: `does` says it in words."""

    code: str
    title: str
    does: str


@reads("customer.read")
def macros(tx: Tx) -> tuple[MacroRow, ...]:
    """All macros by code."""
    return tuple(MacroRow(each.code, each.title, _does(each.acts)) for each in canned.listed(tx) if each.acts)


def _does(acts: Acts) -> str:
    """What a macro does at any ticket, in a few words."""
    said = {"visible": "replies", "internal": "notes inside"}
    states = {"open": "opens or goes on", "resolved": "resolves", "closed": "resolves and closes"}
    days = f"{acts.days} {'day' if acts.days == 1 else 'days'}"
    waits = f"waits {days} for {ticket_waiting.NAMES[acts.wait]}" if acts.wait else ""
    about = f"category {acts.category}" if acts.category else ""
    return ", ".join(each for each in (about, said.get(acts.reply), waits, states.get(acts.state)) if each)


@reads("ticket.work")
def preview(
    tx: Tx, ticket_id: int, macro: str, cause: str = "", version: int = 0, call_id: int | None = None
) -> str:  # fmt: skip
    """What a macro would do to a ticket, part by part. Raises like `carry_out`."""
    row = seeing.one(tx, ticket_id)
    seeing.allowed(tx, row)
    return _plan(tx, row, macro, cause, version, call_id).words


@writes("ticket.work")
def carry_out(
    tx: Tx, ticket_id: int, macro: str, cause: str = "", version: int = 0, call_id: int | None = None
) -> Stepped:  # fmt: skip
    """Carries a macro out at a ticket of the actor's own, as one step: opens it, category, reply or note, wait, end.

    What the ticket is already is left as it is. `cause` is the letter of a root cause, wanted where a complaint is
    resolved: its decision is the text then. `version` is the ticket that was looked at. Raises NotFound for a macro
    there is none of, Invalid for a variable without a value or a missing cause, Refused where the ticket is not the
    actor's, its state does not allow it or nobody can be written to, Conflict when the customer saw, wrote or said
    something since; then nothing of it is done.
    """
    row = seeing.working(tx, ticket_id)
    return put(
        tx, "ticket_macros.carry_out", row, lambda tx, row: _plan(tx, row, macro, cause, version, call_id), call_id
    )


@dataclass(frozen=True)
class _Use:
    """A macro at a ticket: its acts, its text and question filled in, and how the step was asked for."""

    code: str
    title: str
    acts: Acts
    text: str
    question: str
    cause: str
    version: int
    call_id: int | None
    request: str

    @property
    def ends(self) -> bool:
        return self.acts.state in ("resolved", "closed")


def _plan(tx: Tx, row: Row[Any], macro: str, cause: str, version: int, call_id: int | None) -> Plan:
    found = _found(tx, macro)
    assert found.acts is not None
    _own(tx, row, found.code)
    wants_text = bool(found.acts.reply) or found.acts.state in ("resolved", "closed")
    text = _filled(tx, row, found.code, found.body) if wants_text else ""
    question = _filled(tx, row, found.code, found.acts.question) if found.acts.wait else ""
    request = f"send-{tx.request_id}" if tx.request_id else ""
    use = _Use(found.code, found.title, found.acts, text, question, cause, version, call_id, request)
    if cause and not use.ends:
        raise Invalid(f";{use.code} resolves nothing, so there is no root cause to it; type ;{use.code} alone.",
                      field="cause")  # fmt: skip
    parts = _parts(tx, row, use)
    if not parts:
        raise Refused(f"Ticket {row.number} is already as ;{use.code} leaves it; nothing was done.")
    whole = joined(in_turn(tx, row, parts))
    words = _fitted(f";{use.code}: {whole.words}", use.text)
    return replace(whole, words=words, told={"macro": use.code, **whole.told})


def _found(tx: Tx, macro: str) -> CannedView:
    """The macro of a code. Raises NotFound with those that begin so, else all; Invalid for a text that is none."""
    code, there = macro.strip().lower(), {each.code: each for each in canned.listed(tx)}
    found = there.get(code)
    if found is not None and found.acts is not None:
        return found
    if found is not None:
        raise Invalid(f";{code} is a text, no macro: 'r ;{code}' answers with it, 'i ;{code}' keeps it inside.",
                      field="macro")  # fmt: skip
    known = [f"{each.code} {each.title}" for each in there.values() if each.acts is not None]
    meant = [each for each in known if each.startswith(code)] or known
    told = f"there are {'; '.join(meant[:MOST_NAMED])}" if meant else "there are none yet"
    raise NotFound(f"There is no macro ;{code[:20]}; {told}.", field="macro")


def _own(tx: Tx, row: Row[Any], code: str) -> None:
    """Raises Refused for a ticket that is not the actor's: a macro does several things, to one's own tickets alone."""
    if row.owner_id is None:
        raise Refused(f"Ticket {row.number} is nobody's yet; t takes it, then ;{code}.")
    if row.owner_id != tx.actor.id:
        name = tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == row.owner_id))
        raise Refused(f"Ticket {row.number} is {name}'s; t and a reason takes it over, then ;{code}.")


def _filled(tx: Tx, row: Row[Any], code: str, text: str) -> str:
    made = canned.fill(tx, text, row.id)
    if made.missing:
        names = ", ".join(f"{{{name}}}" for name in made.missing)
        raise Invalid(f"{names} {'is' if len(made.missing) == 1 else 'are'} not known for ticket {row.number}: "
                      f"'r ;{code}' puts the text into the line to be completed.", field="macro")  # fmt: skip
    return made.text


def _parts(tx: Tx, row: Row[Any], use: _Use) -> list[Planner]:
    """What is to be done, in the order in which one rests on the other."""
    parts: list[Planner] = []
    acts = use.acts
    if acts.state == "open" and row.state not in ("new", "open"):
        parts.append(partial(_goes_on, why=use.title))
    if acts.category and ticket_moves.category_of(tx, acts.category).code != row.category:
        parts.append(partial(_about, typed=acts.category))
    resolves = use.ends and row.state not in ("resolved", "closed")
    complains = resolves and bool(ticket_resolving.complaints_of(tx, row))
    if acts.reply == "internal":
        parts.append(partial(_note, use=use))
    elif acts.reply and not complains:  # what a complaint is resolved with goes to the customer by itself
        parts.append(partial(_answer, use=use))
    if acts.wait:
        parts.append(partial(_waits, use=use))
    if resolves:
        parts.append(partial(_resolved, use=use, complains=complains))
    if acts.state == "closed" and row.state != "closed":
        parts.append(partial(ticket_resolving.end_plan, letter="", text="", call_id=None, version=use.version))
    return parts


def _goes_on(tx: Tx, row: Row[Any], why: str) -> Plan:
    return ticket_waiting.go_on_plan(tx, row, why)


def _about(tx: Tx, row: Row[Any], typed: str) -> Plan:
    made = ticket_moves.category_plan(tx, row, typed)
    return replace(made, words=f"category {ticket_moves.category_of(tx, typed).name}")


def _answer(tx: Tx, row: Row[Any], use: _Use) -> Plan:
    ticket_newer.current(tx, row, use.version)
    made = ticket_thread.answer_plan(tx, row, use.text, use.request)
    to = made.words.removeprefix("answered: mail to ")
    return replace(made, words=f"reply to {to}: '{_line(use.text)}'", also=_drafted(tx, row, use, True))


def _note(tx: Tx, row: Row[Any], use: _Use) -> Plan:
    made = ticket_thread.note_plan(tx, row, use.text)
    return replace(made, words=f"note: '{_line(use.text)}'{_heard(made)}", also=_drafted(tx, row, use, False))


def _heard(note: Plan) -> str:
    """What a word of safety in a note brings, as it says itself."""
    return "; a matter of SAFETY now" if any(event == "safety" for event, _ in note.events) else ""


def _drafted(tx: Tx, row: Row[Any], use: _Use, visible: bool) -> tuple[Callable[[Tx, Row[Any]], list[list[Any]]], ...]:
    """The actor's own draft goes only where it says just this; other words that he has begun stay."""
    same = ticket_drafts.begun(tx, row.id, tx.actor.id, visible).strip() == use.text.strip()
    return (ticket_drafts.said(use.text, visible, use.version),) if same else ()


def _waits(tx: Tx, row: Row[Any], use: _Use) -> Plan:
    alive(row)
    made = ticket_waiting.wait_plan(tx, row, _LETTERS[use.acts.wait], f"+{use.acts.days}", "", use.question)
    asked = made.told["question"]
    return replace(made, words=f"{made.words.partition(f': {asked}')[0]}: {ticket_newer.short(asked)}")


def _resolved(tx: Tx, row: Row[Any], use: _Use, complains: bool) -> Plan:
    """The end of the ticket: of a complaint the text is the decision, unless it is for inside; of others what became of
    it."""
    if complains and not use.cause:
        known = " ".join(f"{each} {name.lower()}" for each, (_, name, _) in ticket_resolving.causes(tx).items())
        raise Invalid(f"A complaint wants its root cause: ;{use.code} and a letter ({known}).", field="cause")
    told = use.text if use.acts.reply == "visible" else ""
    words = told if complains else use.title if use.acts.reply else use.text
    made = ticket_resolving.end_plan(tx, row, use.cause, words, use.call_id, use.version)
    return replace(made, words=made.words.replace(words, _line(words)) if words else made.words)


def _line(text: str) -> str:
    return " ".join(text.split())


def _fitted(words: str, text: str) -> str:
    """What is done in so many signs that all of it is seen: the text of the macro gives way."""
    plain, over = _line(text), len(words) - ROOM
    if over <= 0 or not plain:
        return words
    keep = max(LEAST, len(plain) - over)
    return words.replace(plain, f"{plain[: keep - 1]}…") if keep < len(plain) else words
