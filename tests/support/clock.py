"""A clock that stands still until a test turns it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 3, 14, 3, tzinfo=UTC)  # a Tuesday


class Clock:
    """Give it to a Store as `clock`; `pass_by(minutes=5)` moves it on."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        """Moves the clock by a timedelta given by its parts."""
        self.now += timedelta(**span)
