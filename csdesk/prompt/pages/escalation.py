"""An escalation whole: what it is about, since when, the ladder so far, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.prompt.pages.ticket import due_words, spoken
from csdesk.rules.escalation import LIVE
from csdesk.services.batches import told
from csdesk.services.escalation_lists import EscalationRow, EscalationView
from csdesk.services.inbox import Waiting

COLUMNS = (
    Column("Raised", 12),
    Column("Level", 10),
    Column("To", 14),
    Column("State", 12),
    Column("", 20, flex=True),
)
MAY = (
    "y15:30 step  takes it on   d words  step taken   x words  closes   n words  up",
    "its ticket: Enter   a yours   o login   p priority   m15 promise   g grant",
)


def escalation_page(view: EscalationView, now: datetime, asked: Sequence[Waiting] = (), many: int = 0) -> Page:
    """Fixed places: the cause, the customer and subject, the ticket, the commitment, the requests that wait (of so
    many); below the ladder, latest last."""
    head, zone = view.head, view.zone
    late = (
        f", raised {at_words(head.raised_at, now, zone)}" if (head.raised_at - head.since).total_seconds() >= 60 else ""
    )
    due = due_words(view.due_kind, view.due_at, now, zone) if view.due_kind else "no clock runs"
    lead = [
        Row((f"{head.why}   since {at_words(head.since, now, zone)}{late}",), "warn", span=True),
        Row((f"{head.customer}   {head.subject}",), "strong", span=True),
        Row((f"ticket {head.number} is {spoken(view.ticket_state)}, with {view.owner or 'nobody'}, queue {view.queue}; "
             f"{due}",), span=True),
        Row((commitment(head, now, zone),), _tone(head, now), span=True),
        *(Row((f"asked: {told(each)}{'   (not yours to approve)' * bool(each.barred)}",), "strong", span=True)
          for each in asked),
    ]  # fmt: skip
    if many > len(asked):
        lead.append(
            Row((f"and {many - len(asked)} more that q lists; g approves those above alone",), "dim", span=True)
        )
    rows = tuple(_row(each, head, now, zone) for each in view.ladder)
    foot = tuple(Row((text,), "head", span=True) for text in (MAY if head.state in LIVE else MAY[1:]))
    return Page(f"ESCALATION   ticket {head.number}   {head.level}   {head.state}", COLUMNS, rows, tuple(lead), foot,
                cursor=max(len(rows) - 1, 0) if rows else None)  # fmt: skip


def commitment(head: EscalationRow, now: datetime, zone: tzinfo) -> str:
    """What happens next: the next step and its time, or when it goes up."""
    if head.state == "acknowledged":
        at = f" by {at_words(head.next_at, now, zone)}" if head.next_at is not None else ", not taken in time"
        return f"next step{at}: {head.next_step}"
    if head.state == "raised":
        up = f"goes up {at_words(head.next_at, now, zone)}" if head.next_at is not None else "nobody stands above"
        return f"waits for {head.to or 'the queue'}; {up} unless it is taken on"
    return f"{head.state}: {head.outcome or head.next_step}"


def _tone(head: EscalationRow, now: datetime) -> Tone:
    return "warn" if head.state == "raised" or (head.next_at is not None and head.next_at <= now) else "plain"


def at_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant as spoken: "10:30" today, "Fri 20 10:30" within a week, "20 Nov 10:30" else."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%a %d %H:%M}" if abs((local.date() - today).days) < 7 else f"{local:%d %b %H:%M}"


def _row(each: EscalationRow, head: EscalationRow, now: datetime, zone: tzinfo) -> Row:
    said = each.outcome or each.next_step or each.why
    words = said if each.rule == head.rule else f"{each.why}: {said}" if said != each.why else said
    tone: Tone = "strong" if each.id == head.id else "plain" if each.state in LIVE else "dim"
    return Row((f"{each.raised_at.astimezone(zone):%d %b %H:%M}", each.level, each.to, each.state, words), tone)
