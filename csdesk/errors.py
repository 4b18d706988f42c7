"""What may go wrong, in words for a rep on the phone; every layer raises these, screens and line mode show them."""

from __future__ import annotations


class DeskError(Exception):
    """One clear sentence: names the record, says what to do next. `field` tells where the cursor belongs."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(DeskError):
    """What was typed cannot be taken; nothing was changed."""

    code = "invalid"


class NotFound(DeskError):
    """The record that was named does not exist (for this caller)."""

    code = "not-found"


class Refused(DeskError):
    """A rule or a missing duty forbids it."""

    code = "refused"


class Conflict(DeskError):
    """Somebody saved first; the message says who and when."""

    code = "conflict"


class Unavailable(DeskError):
    """The database is away, full, read-only, or of another schema."""

    code = "unavailable"
