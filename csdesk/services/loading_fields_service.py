"""What an import can bring of tickets: one row a ticket, or the log of its states. Part of the table of entities."""

from __future__ import annotations

from csdesk.services.loading_field import Entity, Field, of, ref, text

_HEAD: dict[str, Field] = {
    "number": text(40, "the ticket's number; stays its number here", needed=True),
    "kind": text(12, "query, complaint, request, claim or proactive; empty = query"),
    "subject": text(200, "empty = its categories"),
    "customer": ref("customer"),
    "contact": text(200, "who called or wrote"),
    "channel": text(12, "empty = phone"),
    "opened_at": of("instant", "empty = its first row"),
}
_STATE: dict[str, Field] = {
    "priority": of("integer", "1 the highest to 4; empty = by impact and urgency"),
    "impact": of("integer", "1 high, 2 medium, 3 low"),
    "urgency": of("integer", "1 high, 2 medium, 3 low"),
    "queue": text(200, "the group it lies with, made as a queue when there is none of that code or name"),
    "owner": text(200, "who has it: a person here of that name or login, else kept as text; no login is made"),
    "category": text(200, "first level, made when missing"),
    "subcategory": text(200, "second level"),
    "detail": text(200, "third level"),
    "question": text(500, "what a waiting one waits for"),
    "wake_at": of("instant", "when a waiting one is looked at again; empty = when the log goes on, else in 14 days"),
    "resolution": text(500),
    "sla_met": of("yes", "whether the source says its own target is met so far"),
    "reassigned": of("integer", "how often, as the source counts"),
    "reopened": of("integer", "how often, as the source counts"),
    "by": text(200, "who wrote the row"),
}
_STATES = "new, open, waiting_customer, waiting_internal, waiting_third, resolved, closed or cancelled"

SERVICE: dict[str, Entity] = {
    "ticket": Entity(
        "tickets, one row each; a later row moves one on, never back",
        {
            **_HEAD,
            "state": text(20, f"{_STATES}; empty = by resolved_at and closed_at"),
            "resolved_at": of("instant", "counts only for a state that is resolved or closed"),
            "closed_at": of("instant", "counts only for the state closed"),
            "updated_at": of("instant", "when it came into its state, where the two before do not say"),
            **_STATE,
        },
    ),
    "ticket_event": Entity(
        "the log of tickets: `group` by the ticket's number, each row a state of it; rows that came in stand, further "
        "ones are added",
        _HEAD,
        lines={
            "at": of("instant", needed=True),
            "state": text(20, _STATES, needed=True),
            "counter": of("integer", "the source's own counter of a ticket's rows"),
            **_STATE,
        },
    ),
}
