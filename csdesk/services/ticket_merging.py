"""Two tickets about the same thing: one goes into the other, and out again within seven days.

A merge is a link. Each keeps its own thread, lines and events, so that taking it back restores both exactly; the one
that goes on shows both threads and has the earlier start and the tighter clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Ticket, table
from csdesk.rules.ticket_lives import PAUSING, Clock
from csdesk.rules.ticket_replay import standing
from csdesk.rules.ticket_states import Event, moved
from csdesk.services import audit, clocking, memory, seeing, ticket_asks, ticket_log
from csdesk.services.ticket_resolving import COMPLAINTS
from csdesk.services.ticket_steps import Stepped, alive, hold_seconds, wanted
from csdesk.services.tx import Tx, reads, writes

TICKET = table(Ticket)
WITHIN = timedelta(days=7)


def _meant(tx: Tx, row: Row[Any], ending: str) -> Row[Any]:
    """The ticket of the same customer whose number ends so. Raises NotFound, Invalid for several."""
    plain = wanted(ending, "Into which ticket? m and the end of its number.")
    mine = select(TICKET).where(
        seeing.visible(tx), TICKET.c.customer_id == row.customer_id, TICKET.c.id != row.id,
        TICKET.c.number.endswith(plain, autoescape=True),
    )  # fmt: skip
    rows = tx.rows(mine.order_by(TICKET.c.opened_at.desc()).limit(5))
    if row.customer_id is None or not rows:
        raise NotFound(
            f"This customer has no other ticket that ends in {plain}, among those you may see.", field="text"
        )
    exact = [each for each in rows if each.number == plain] or rows
    if len(exact) > 1:
        raise Invalid(f"{', '.join(each.number for each in exact)} end so; type more of the number.", field="text")
    return exact[0]


def _checked(row: Row[Any], into: Row[Any]) -> None:
    moved(row.state, "merged", {})
    alive(into)
    if row.kind in COMPLAINTS and into.kind not in COMPLAINTS:
        raise Refused(
            f"Ticket {row.number} is a {row.kind}, {into.number} a {into.kind}: root cause and decision would be lost. "
            f"Merge the other way round: {into.number} into {row.number}."
        )


def _words(row: Row[Any], into: Row[Any]) -> str:
    return f"goes into {into.number} ({into.subject[:60]})"


@reads("ticket.queue")
def merge_preview(tx: Tx, ticket_id: int, ending: str) -> str:
    """Which ticket it would go into. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    into = _meant(tx, row, ending)
    _checked(row, into)
    return f"{_words(row, into)}; its clocks end, {into.number} has the earlier start and the tighter clocks"


@writes("ticket.queue")
def merge(tx: Tx, ticket_id: int, ending: str, call_id: int | None = None) -> Stepped:
    """Lets a ticket go into another one of the same customer, by the end of its number; that one goes on.

    Raises NotFound where there is none among those one may see, Refused where one of them is over, and for a complaint
    or claim into a ticket of another kind, which has neither root cause nor decision.
    """
    found = _meant(tx, seeing.one(tx, ticket_id), ending)
    rows = {each: seeing.working(tx, each, seeing.QUEUES) for each in sorted({ticket_id, found.id})}
    row, into = rows[ticket_id], rows[found.id]
    _checked(row, into)
    events = standing(ticket_log.events(tx, row.id))
    running = _running(tx, events)
    starts = {each.kind: each.started_at.isoformat() for each in running}
    gone = ticket_log.append(tx, row, "merged", {"into": into.id, "number": into.number})
    told = {"ticket": row.id, "number": row.number, "opened_at": row.opened_at.isoformat(), "priority": row.priority,
            "policy": row.policy, "policy_version": row.policy_version, "starts": starts,
            "pauses": {each.kind: _pauses(tx, each) for each in running if each.pauses},
            "choices": clocking.choices_of(tx, events)}  # fmt: skip
    kept = ticket_log.append(tx, into, "merged_in", told)
    _carried(tx, row, kept, events, "reply" in starts)
    words = f"Ticket {row.number} {_words(row, into)}"
    undo = {"do": "unticket-step", "ticket": row.id, "seqs": [gone.version], "others": [[into.id, [kept.version]]],
            "effects": []}  # fmt: skip
    memory.remember(tx, call_id, "ticket_merging.merge", words, undo, hold_seconds(tx))
    audit.record(tx, "ticket_merging.merge", "ticket", row.id, {"state": row.state}, {"into": into.number})
    return Stepped(into.id, f"{words}.")


def _running(tx: Tx, events: Sequence[Event]) -> list[Clock]:
    """The clocks that run on, one a kind, but for those of requests and callbacks, which go one by one."""
    found = clocking.of_events(tx, events)
    return [each for each in found if each.state in ("running", "paused") and each.kind not in ("approval", "callback")]


def _pauses(tx: Tx, clock: Clock) -> list[list[str]]:
    """What paused a clock up to the merge, which ends what still does: the one it goes into waits for itself."""
    return [[each.party, each.start.isoformat(), (each.end or tx.now).isoformat(), each.reason]
            for each in clock.pauses]  # fmt: skip


def _carried(tx: Tx, row: Row[Any], into: Row[Any], events: Sequence[Event], wrote: bool) -> None:
    """What is open on the one that goes is so on the one that goes on, as long as the merge stands: requests since they
    were asked, callbacks since they were promised, a word of safety, and a wait that stops the clock of an answer
    is over where he wrote and got none."""
    happened: list[tuple[str, dict[str, Any]]] = [
        ("approval_asked", {"request": request, "asked_at": at}) for request, at in ticket_asks.waiting(events).items()
    ]
    happened += [("callback_promised", each) for each in _owed(events)]
    if row.safety and not into.safety:
        happened.append(("safety", {"safety": True}))
    if wrote and into.base == "wait" and into.waits_for in PAUSING:
        happened.append(("resumed", {"by": f"the customer's message in {row.number}"}))
    for event, data in happened:
        into = ticket_log.append(tx, into, event, {**data, "via": row.id})


def _owed(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The callbacks that are promised and not made, with the instant they were promised, or moved."""
    found: dict[Any, dict[str, Any]] = {}
    for each in events:
        if each.event in ("callback_promised", "callback_moved"):
            since = each.data.get("promised_at") or each.at.isoformat()
            found[each.data["id"]] = {"id": each.data["id"], "from": each.data.get("from"),
                                      "until": each.data["until"], "promised_at": since}  # fmt: skip
        elif each.event in ("callback_kept", "callback_cancelled"):
            found.pop(each.data["id"], None)
    return list(found.values())


def _out(tx: Tx, row: Row[Any]) -> Row[Any]:
    """What a merge that can be taken back went into. Raises Refused."""
    if row.state != "merged" or row.merged_into is None:
        raise Refused(f"Ticket {row.number} is {row.state}, not merged; show the merged one.")
    at = max(each.at for each in ticket_log.events(tx, row.id) if each.event == "merged")
    if tx.now > at + WITHIN:
        raise Refused(f"Ticket {row.number} was merged more than {WITHIN.days} days ago; that stays.")
    into = ticket_log.get(tx, row.merged_into)
    if into.state == "merged":
        raise Refused(f"Ticket {into.number}, which it is in, was merged too; take that merge back first (m- there).")
    return into


@reads("ticket.lead")
def unmerge_preview(tx: Tx, ticket_id: int) -> str:
    """What taking a merge back would do. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    return f"comes out of {_out(tx, row).number} again, as it was before"


@writes("ticket.lead")
def unmerge(tx: Tx, ticket_id: int, call_id: int | None = None) -> Stepped:
    """Takes a merge of the last seven days back: both tickets have their own thread, lines and clocks again, exactly.

    Raises Refused later, and for one that is not merged.
    """
    found = _out(tx, seeing.one(tx, ticket_id))
    rows = {each: ticket_log.get(tx, each, lock=True) for each in sorted({ticket_id, found.id})}
    row, into = rows[ticket_id], rows[found.id]
    if _out(tx, row).id != into.id:
        raise Refused(f"Ticket {row.number} was merged elsewhere at this moment; look at it again.")
    back = ticket_log.append(tx, row, "unmerged", {"from": into.id})
    kept = ticket_log.append(tx, into, "unmerged_out", {"ticket": row.id})
    words = f"Ticket {row.number} comes out of {into.number} again"
    undo = {"do": "unticket-step", "ticket": row.id, "seqs": [back.version], "others": [[into.id, [kept.version]]],
            "effects": []}  # fmt: skip
    memory.remember(tx, call_id, "ticket_merging.unmerge", words, undo, hold_seconds(tx))
    audit.record(tx, "ticket_merging.unmerge", "ticket", row.id, {"into": into.number}, {"state": back.state})
    return Stepped(row.id, f"{words}.")
