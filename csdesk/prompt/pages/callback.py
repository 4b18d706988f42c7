"""A callback whole; and all that was promised to a customer."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.services.callback_lists import CallbackView
from csdesk.services.promised import Commitment, Promised


def callback_page(view: CallbackView) -> Page:
    """A call to make, and what may be done with it."""
    window = f"{view.due:%a %d %b %H:%M}{f'-{view.until:%H:%M}' if view.until else ''}"
    lead = [
        Row((f"{view.customer}   {view.phone}",), "strong", span=True),
        Row((f"promised for {window}: {view.about}",), span=True),
        Row((f"{view.state}   promised by {view.promised_by or 'the desk'}, in the hands of {view.owner or 'nobody'}",),
            "warn" if view.state in ("broken", "late") else "plain", span=True),
    ]  # fmt: skip
    if view.unowned:
        lead.append(Row((view.unowned,), "warn", span=True))
    if view.moved_ours:
        lead.append(Row(("moved by us when its window was open: it counts as broken",), "warn", span=True))
    if view.strict is not None:
        told = "spoken to in time" if view.strict else "tried in time, not reached" if view.lenient else "not kept"
        lead.append(Row((told,), "good" if view.strict else "warn", span=True))
    lead += [
        Row((f"{each.at:%d %b %H:%M} {each.by}: {each.outcome}{f', {each.note}' if each.note else ''}",), span=True)
        for each in view.attempts[-6:]
    ]
    if view.last:
        lead.append(Row((f"last contact: {view.last}",), "dim", span=True))
    verdict = "y spoken to, the customer opens   n words  not reached   m15 moved (m15c their wish)   x why  cancelled"
    return Page("CALLBACK", rows=tuple(lead), foot=(Row((verdict,), "head", span=True),))


TONES: dict[str, Tone] = {"broken": "warn", "open": "strong", "kept": "plain"}


def promised_page(found: Promised) -> Page:
    """What we promised, what is open and what was broken first; below it what they promised us."""
    columns = (
        Column("What", 9),
        Column("Number", 9),
        Column("For", 22),
        Column("About", 20, flex=True),
        Column("", 6),
    )
    rows = [_row(each) for each in found.ours]
    if found.theirs:
        rows.append(Row(("What they promised us:",), "head", span=True))
        rows += [_row(each) for each in found.theirs]
    if not rows:
        return Page("PROMISED", rows=(Row(("Nothing is promised to this customer.",), span=True),))
    return Page(f"PROMISED   {told(found.ours)}", columns, tuple(rows), cursor=0)


def told(ours: Sequence[Commitment]) -> str:
    """How many are open, kept and broken."""
    counts = {state: sum(each.state == state for each in ours) for state in TONES}
    return "   ".join(f"{many} {state}" for state, many in counts.items() if many) or "nothing"


def _row(each: Commitment) -> Row:
    return Row((each.kind, each.number, each.when, each.words, each.state), TONES[each.state])
