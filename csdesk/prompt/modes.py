"""In which place of the grammar the verbs work while a view is shown, by the beginning of its name."""

from __future__ import annotations

from csdesk.prompt.grammar import CALLBACK, DEDUCT, ESCALATION, HANDOVER, INBOX, OPENED, TICKET

OF_VIEWS = (
    (("inbox",), INBOX),
    (("request:", "held:"), OPENED),  # where y and n decide
    (("deduction",), DEDUCT),
    (("callback:",), CALLBACK),
    (("handover",), HANDOVER),
    (("ticket:", "tickets", "clocks:", "corrective"), TICKET),
    (("escalation:",), ESCALATION),
)


def mode_of(view: str) -> str:
    """The place of a view; '' where it is that of the call."""
    return next((mode for begins, mode in OF_VIEWS if view.startswith(begins)), "")
