"""How the states a foreign log tells of a ticket become the desk's own steps. Pure.

Rule: the shortest way through the table of moves (`rules.ticket_states`) from the label a ticket has to the one a row
says it has; a closed ticket is resolved too, one that was taken up is never new again. Source: the desk's own.
"""

from __future__ import annotations

from csdesk.errors import Invalid, Refused
from csdesk.rules.ticket_states import LABELS

STATES = tuple(label for label in LABELS if label != "merged")
_WAITS = frozenset({"waiting_customer", "waiting_internal", "waiting_third"})
_DONE = frozenset({"resolved", "closed"})


def steps(label: str, to: str) -> tuple[str, ...]:
    """The events that bring a ticket from a label to the one a row says: reopened, begun, resumed, waiting, resolved,
    closed, cancelled; none when it is there.

    Rule: as the module says. Refuses a state that is none of STATES, and any step from a merged or cancelled ticket.
    """
    if to not in STATES:
        raise Invalid(f"'{to}' is no state of a ticket; there are {', '.join(STATES)}.", field="state")
    if to == label or (to == "resolved" and label == "closed"):
        return ()
    if LABELS[label] == "void":
        raise Refused(f"The ticket is {label} here; it takes no further state.")
    if to in ("new", "open"):
        if label in _DONE:
            return ("reopened",)
        if label in _WAITS:
            return ("resumed",)
        return ("begun",) if (label, to) == ("new", "open") else ()
    if to == "closed":
        return ("closed",) if label == "resolved" else ("resolved", "closed")
    last = "waiting" if to in _WAITS else to
    return ("reopened", last) if label in _DONE else (last,)
