"""Which lines of a ticket the customer was told the decision about. Pure.

Rule: a line is told by the posting of its note or the order that replaces it, all lines by words to the customer; what
is added, decided or asked anew after that, and what was told and is taken back, wants telling again. Source: ISO
10002:2018, 7.7 (communicating the decision).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from csdesk.rules.ticket_states import Event

# A remedy that was told and came to nothing: its order was cancelled, its note was reversed.
TAKEN_BACK = ("unreplaced", "uncredited")
_ANEW = frozenset({"credit", "replace", "dispute", "upheld", *TAKEN_BACK})


def untold(events: Sequence[Event], lines: Iterable[int]) -> frozenset[int]:
    """The lines of a ticket, by its own standing events, the decision about which the customer was not told yet.

    Rule: as the module says; a ticket that is reopened is decided anew. What came up from a merged ticket tells of that
    one's lines, and is left out.
    """
    every = frozenset(lines)
    left = set(every)
    for each in events:
        data = each.data
        if "via" in data:
            continue
        about = {int(data["line"])} if "line" in data else set(every)
        if each.event in ("told", "replaced"):
            left -= about
        elif each.event in _ANEW:
            left |= about
        elif each.event == "line":
            left |= {int(one) for one in data.get("lines", ())}
        elif each.event == "reopened":
            left = set(every)
    return frozenset(left & every)
