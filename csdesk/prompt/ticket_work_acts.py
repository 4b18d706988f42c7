"""What the verbs of working a ticket do: each a step through the store, then the ticket as it is now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from csdesk.errors import Conflict, DeskError, Unavailable
from csdesk.prompt import ticket_drafting
from csdesk.prompt.acting import done, show
from csdesk.prompt.parse import Command
from csdesk.prompt.seen import meant
from csdesk.prompt.ticket_acts import act, became, on_line, shown_id
from csdesk.services import (
    ticket_drafts,
    ticket_lines,
    ticket_merging,
    ticket_moves,
    ticket_receipts,
    ticket_referring,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_undo,
    ticket_waiting,
)
from csdesk.services.ticket_subjects import Dropped

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

Doing = Callable[["Desk", Command], Awaitable[None]]
Saying = Callable[["Desk", Command], Awaitable[str]]


def _step(verb: Callable[..., Any], *names: str) -> Doing:
    """A step that takes arguments of the typed line as they are, and the call that is on the line."""

    async def doing(desk: Desk, command: Command) -> None:
        await act(desk, verb, *(command.args.get(name, "") for name in names), on_line(desk))

    return doing


def _said(preview: Callable[..., str], *names: str) -> Saying:
    """What such a step would do. Raises like it."""

    async def words(desk: Desk, command: Command) -> str:
        return await desk.store.read(preview, shown_id(desk), *(command.args.get(name, "") for name in names))

    return words


async def reply(desk: Desk, command: Command) -> None:
    """r text: answers by mail. Refused, the words are a draft; what came meanwhile is shown."""
    await _written(desk, ticket_thread.reply, command.args["text"], True)


async def note(desk: Desk, command: Command) -> None:
    """i text: keeps it inside."""
    await _written(desk, ticket_thread.note, command.args["text"], False)


async def _written(desk: Desk, verb: Callable[..., Any], text: str, visible: bool) -> None:
    ticket = shown_id(desk)
    looked_at = (ticket_drafting.looked_at(desk),) if visible else ()
    try:
        await act(desk, verb, text, *looked_at, on_line(desk))
    except Unavailable:
        raise
    except DeskError as error:
        await ticket_drafting.store(desk, ticket, text, visible)
        if isinstance(error, Conflict):
            await show(desk, "ticket", str(ticket))
        raise
    desk.drafted = None


async def reply_words(desk: Desk, command: Command) -> str:
    """To whom it would go; who else is at work on it."""
    ticket = shown_id(desk)
    words = await desk.store.read(
        ticket_thread.reply_preview, ticket, command.args["text"], ticket_drafting.looked_at(desk)
    )
    busy = await desk.store.read(ticket_drafts.busy, ticket)
    return f"{words}{f'; {busy} is at work on it too' if busy else ''}"


async def drop(desk: Desk, command: Command) -> None:
    """r-, i-: the draft of an answer, of a note is dropped."""
    ticket = shown_id(desk)
    words = await desk.write(ticket_drafts.drop, ticket, _of_answer(command))
    desk.drafted = None
    await show(desk, "ticket", str(ticket))
    done(desk, words)


async def drop_words(desk: Desk, command: Command) -> str:
    """Which draft would be dropped."""
    kept = await desk.store.read(ticket_drafts.dropping, shown_id(desk), _of_answer(command))
    return f"drops your {'draft' if kept.visible else 'note'}: {' '.join(kept.body.split())[:60]}"


def _of_answer(command: Command) -> bool:
    return command.args["kind"].lower() == "r"


async def call(desk: Desk, command: Command) -> None:
    """a text: spoken to; a- text: nobody was reached."""
    await act(desk, ticket_thread.spoke, command.args["text"], not command.args["missed"], on_line(desk))


async def call_words(desk: Desk, command: Command) -> str:
    """What of a call would be noted."""
    said = (command.args["text"], not command.args["missed"])
    return await desk.store.read(ticket_thread.spoke_preview, shown_id(desk), *said)


async def inbound(desk: Desk, command: Command) -> None:
    """< text: what the customer wrote."""
    await act(desk, ticket_thread.inbound, command.args["text"], "", on_line(desk))


async def resolve(desk: Desk, command: Command) -> None:
    """y, yt words: resolves or closes it; of who investigates: his answer. A decision that is refused for what came
    meanwhile is a draft, and that is shown."""
    if _investigates(desk):
        await act(desk, ticket_referring.answer, _answer(command), on_line(desk))
        return
    ticket, given = shown_id(desk), (command.args["cause"], command.args["text"], on_line(desk))
    try:
        await act(desk, ticket_resolving.resolve, *given, ticket_drafting.looked_at(desk))
    except Conflict as error:
        # The words stay in the prompt; a draft of an answer that was begun before is not lost for them.
        if error.field == "text" and not await ticket_drafting.begun(desk, ticket):
            await ticket_drafting.store(desk, ticket, command.args["text"], True)
        await show(desk, "ticket", str(ticket))
        raise


async def resolve_words(desk: Desk, command: Command) -> str:
    """How it would end, or that the answer would be kept."""
    if _investigates(desk):
        return await desk.store.read(ticket_referring.answer_preview, shown_id(desk), _answer(command))
    given = (command.args["cause"], command.args["text"], on_line(desk), ticket_drafting.looked_at(desk))
    return await desk.store.read(ticket_resolving.resolve_preview, shown_id(desk), *given)


def _investigates(desk: Desk) -> bool:
    actor = desk.store.actor
    return actor.may("ticket.investigate") and not actor.may("ticket.work")


def _answer(command: Command) -> str:
    return command.args["text"]


def _levels(command: Command) -> tuple[int, int, int, str]:
    """Impact, urgency, the priority named directly, the reason; 0 for what is not typed."""
    args = command.args
    return int(args["impact"] or 0), int(args["urgency"] or 0), int(args["direct"] or 0), args["text"]


async def priority(desk: Desk, command: Command) -> None:
    """p12, p=2 why."""
    await act(desk, ticket_moves.priority, *_levels(command), on_line(desk))


async def priority_words(desk: Desk, command: Command) -> str:
    """Which priority it would have."""
    return await desk.store.read(ticket_moves.priority_preview, shown_id(desk), *_levels(command))


async def uphold(desk: Desk, command: Command) -> None:
    """h2 why."""
    await act(desk, ticket_lines.uphold, int(command.args["line"] or 0), command.args["text"], on_line(desk))


async def uphold_words(desk: Desk, command: Command) -> str:
    """What would be decided against the customer."""
    given = (int(command.args["line"] or 0), command.args["text"])
    return await desk.store.read(ticket_lines.uphold_preview, shown_id(desk), *given)


async def _line(desk: Desk, command: Command, fresh: bool = False) -> tuple[Any, ...]:
    """The line that is meant, its delivery as the echo named it."""
    ticket, args = shown_id(desk), command.args

    async def find() -> Dropped:
        customer = await desk.store.read(ticket_lines.customer_of, ticket)
        return await desk.store.read(ticket_subjects.delivery, customer, int(args["place"]))

    seen = await meant(desk, command, find, fresh)
    return seen, int(args["line"]), args["reason"], command.quantity(), args["text"]


async def line(desk: Desk, command: Command) -> None:
    """+2.1d3 text: one more line."""
    await act(desk, ticket_lines.add, *await _line(desk, command), on_line(desk))


async def line_words(desk: Desk, command: Command) -> str:
    """Which line it would have."""
    return await desk.store.read(ticket_lines.add_preview, shown_id(desk), *await _line(desk, command, fresh=True))


async def undo_step(desk: Desk) -> bool:
    """u on a ticket while nobody is on the line: takes one's own newest step back; in the list of tickets that on any
    ticket, as a step may have taken its ticket out of sight. False where neither is shown."""
    shown = desk.now.shown
    if shown is None or desk.now.bar is not None:
        return False
    if shown.name.startswith("ticket:"):
        await act(desk, ticket_undo.take_back)
    elif shown.name == "tickets":
        await became(desk, await desk.write(ticket_undo.latest))
    else:
        return False
    return True


ACTS: dict[str, Doing] = {
    "ticket-reply": reply, "ticket-draft": drop, "ticket-note": note, "ticket-call": call, "ticket-inbound": inbound,
    "ticket-wait": _step(ticket_waiting.wait, "party", "day", "clock", "text"),
    "ticket-go-on": _step(ticket_waiting.go_on, "text"), "ticket-resolve": resolve,
    "ticket-take": _step(ticket_moves.take, "text"), "ticket-release": _step(ticket_moves.release),
    "ticket-assign": _step(ticket_moves.assign, "text"), "ticket-priority": priority,
    "ticket-category": _step(ticket_moves.category, "text"), "ticket-merge": _step(ticket_merging.merge, "ending"),
    "ticket-unmerge": _step(ticket_merging.unmerge), "ticket-refer": _step(ticket_referring.refer, "login", "text"),
    "ticket-cancel": _step(ticket_moves.cancel, "text"), "ticket-uphold": uphold, "ticket-line": line,
    "ticket-receipt": _step(ticket_receipts.acknowledge),
}  # fmt: skip
WORDS: dict[str, Saying] = {
    "ticket-reply": reply_words, "ticket-draft": drop_words, "ticket-note": _said(ticket_thread.note_preview, "text"),
    "ticket-call": call_words, "ticket-inbound": _said(ticket_thread.inbound_preview, "text"),
    "ticket-wait": _said(ticket_waiting.wait_preview, "party", "day", "clock", "text"),
    "ticket-go-on": _said(ticket_waiting.go_on_preview, "text"), "ticket-resolve": resolve_words,
    "ticket-take": _said(ticket_moves.take_preview, "text"), "ticket-release": _said(ticket_moves.release_preview),
    "ticket-assign": _said(ticket_moves.assign_preview, "text"), "ticket-priority": priority_words,
    "ticket-category": _said(ticket_moves.category_preview, "text"),
    "ticket-merge": _said(ticket_merging.merge_preview, "ending"),
    "ticket-unmerge": _said(ticket_merging.unmerge_preview),
    "ticket-refer": _said(ticket_referring.refer_preview, "login", "text"),
    "ticket-cancel": _said(ticket_moves.cancel_preview, "text"), "ticket-uphold": uphold_words,
    "ticket-line": line_words, "ticket-receipt": _said(ticket_receipts.preview),
}  # fmt: skip
