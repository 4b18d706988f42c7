"""The page between calls: what to type, and the calls that are parked."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.prompt.page import Page, Row
from csdesk.services.calls import CallView


def idle_page(calls: Sequence[CallView]) -> Page:
    """Who may be found, and which calls wait."""
    rows = [
        Row(("Who is calling? Type any piece of it:",), "strong", span=True),
        Row(("   phone      550142        the last digits are enough",), span=True),
        Row(("   name       harb view     beginnings of words, any order",), span=True),
        Row(("   code       20417         customer, order or invoice number",), span=True),
        Row(("",), span=True),
        Row(("   ? or F1    what can I type here?        F6  next parked call",), "dim", span=True),
    ]
    parked = [call for call in calls if not call.active]
    if parked:
        rows += [Row(("",), span=True), Row(("Parked calls:",), "strong", span=True)]
    for call in parked:
        name = call.customer_name or call.phone or "caller not known yet"
        rows.append(Row((f"   k{call.slot}  {name}{'  (draft)' if call.draft_id else ''}",), span=True))
    return Page("READY", rows=tuple(rows))
