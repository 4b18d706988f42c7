"""The lines of a ticket's page that say how it stands, and what may be done with it now."""

from __future__ import annotations

from collections.abc import Container

from csdesk.prompt.page import Row
from csdesk.rules.delivery import day_words
from csdesk.services.ticket_views import TicketView

# By state: what stands first in the last line. Letters are those of the verb table.
WORKING = "r answer   a call   i note   < they wrote   w wait   y resolve   F4 all"
BY_STATE = {
    "resolved": "y close   e why  open again   r answer   a call   i note   < they wrote   F4 all",
    "closed": "e why  open again   < they wrote   i note   F4 all",
    "merged": "m- takes it out again (7 days, a lead)   F3 back",
    "cancelled": "nothing is left to do   F3 back",
}


def about_rows(view: TicketView) -> list[Row]:
    """What it is about, with the stages of a complaint; for whom it waits, how it ended, what it belongs to."""
    told = [view.category or "no category yet (g)"]
    if view.cause:
        told.append(f"cause {view.cause.removeprefix('cause-')}")
    stages = ", ".join(f"{name} {at.astimezone(view.zone):%d %b}" for name, at in view.stages)
    rows = [Row(("   ".join([f"about {' '.join(told)}", *([stages] if stages else [])]),), "dim", span=True)]
    if view.waits:
        rows.append(Row((f"{view.waits}{_comes_back(view)}",), "strong", span=True))
    if view.resolution:
        rows.append(Row((f"outcome: {view.resolution}",), "good", span=True))
    belongs = [f"merged into {view.merged_into}" if view.merged_into else "",
               f"with {', '.join(view.merged)} merged in" if view.merged else "",
               f"follows {view.follows}" if view.follows else ""]  # fmt: skip
    if any(belongs):
        rows.append(Row(("   ".join(each for each in belongs if each),), "warn", span=True))
    return rows


def _comes_back(view: TicketView) -> str:
    """When one that waits goes on; with the year where it is not that in which it was opened."""
    if view.wake_at is None:
        return ""
    local = view.wake_at.astimezone(view.zone)
    return f", comes back {day_words(local, view.head.opened_at.astimezone(view.zone))} {local:%H:%M}"


def foot_rows(view: TicketView, duties: Container[str]) -> tuple[Row, ...]:
    """Who else is at work on it, the draft that is kept, and what may be done now."""
    rows = []
    if view.with_whom:
        rows.append(Row((f"{view.with_whom} is at work on it   (t and why takes it over)",), "warn", span=True))
    for draft in view.drafts:
        letter, kind = ("r", "draft kept") if draft.visible else ("i", "note begun")
        since = f"; since then {', '.join(view.newer[-2:])}" if view.newer and draft.visible else ""
        words = " ".join(draft.body.split())
        short = words if len(words) <= 40 else f"{words[:39]}…"
        rows.append(Row((f"{kind}: {short}{since}   ({letter} goes on, {letter}- drops it)",), "good", span=True))
    rows += [Row((text,), "head", span=True) for text in _may(view, duties)]
    return tuple(rows)


def _may(view: TicketView, duties: Container[str]) -> list[str]:
    """What the reader may do with it as it stands."""
    if view.inside:
        return ["y and words answers it   i note   F3 back"]
    if "ticket.work" not in duties and "ticket.lead" not in duties:
        return ["F3 back"]
    state = view.head.state
    first = BY_STATE.get(state, WORKING)
    if state.startswith("waiting"):
        first = "e goes on   r answer   a call   i note   < they wrote   y resolve   F4 all"
    live = state == "new" or state == "open" or state.startswith("waiting")
    if not live:
        return [first]
    mine = "f free" if view.head.owner else "t take"
    money = "c credit  b again  s dispute  h deny  " if view.lines else ""
    lead = "  o assign" if "ticket.lead" in duties else ""
    return [first, f"{money}g about  p prio  v ask  {mine}{lead}"]
