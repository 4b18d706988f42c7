"""What guessing at a password costs: a delay before each answer, and a rest of the password after many failures.

Rule: ten failures in a row let the password rest for 15 minutes, each five more for twice as long, an hour at most, a
hundred for a day; while it rests nothing counts, and a day without a failure forgets all. Keys and certificates are no
part of it: guessing at a password keeps nobody out who holds his key. A password that is good once never rests: a
stranger would keep out whoever comes in for the first time, and it ends by itself within hours. Source: NIST SP 800-63B
section 5.2.2 (at most 100 failures in a row on one account; waits that grow up to an hour) and the OWASP Authentication
Cheat Sheet (a threshold, a time over which failures count, a lock that ends by itself and grows). That a day forgets,
and the one-time password, are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LOCKS_AT = 10  # failures in a row after which the password rests for the first time
LOCKS_AGAIN = 5  # further failures after each rest
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=1)
MOST = 100  # failures in a row; then the password rests as long as it takes to forget them
QUIET = timedelta(hours=24)  # without a failure: all are forgotten
FREE = 1  # failures of a login that cost no delay: a slip of the finger
FREE_ADDRESS = 10  # of an address, behind which a whole office may sit
FIRST_DELAY, LONGEST_DELAY = 0.5, 16.0  # seconds; a client waits for its answer two minutes or so
DELAY_QUIET = timedelta(minutes=15)  # without a failure: no delay any more


@dataclass(frozen=True)
class Count:
    """Failures in a row of one login's password, the last one's instant, and until when the password rests."""

    failures: int = 0
    last: datetime | None = None
    until: datetime | None = None


def locked(count: Count, now: datetime) -> bool:
    """Whether the password rests: no attempt is looked at, none counts."""
    return count.until is not None and now < count.until


def standing(count: Count, now: datetime) -> int:
    """The failures that still count: none after a quiet day."""
    return 0 if count.last is None or now - count.last >= QUIET else count.failures


def failed(count: Count, now: datetime, rests: bool = True) -> Count:
    """The count after one more failure. While the password rests nothing counts, so that a rest ends whoever guesses
    on. Without `rests` failures count and the password goes on: one that is good once, for hours, is not worth it."""
    if locked(count, now):
        return count
    failures = standing(count, now) + 1
    return Count(failures, now, now + rest(failures) if rests and _rests(failures) else None)


def rest(failures: int) -> timedelta:
    """How long the password rests after that many failures: 15, 30, 60, 60 … minutes, a day from the hundredth on."""
    if failures < LOCKS_AT:
        return timedelta()
    if failures >= MOST:
        return QUIET
    doubled: int = 2 ** ((failures - LOCKS_AT) // LOCKS_AGAIN)
    return min(FIRST_LOCK * doubled, LONGEST_LOCK)


def _rests(failures: int) -> bool:
    return failures >= MOST or (failures >= LOCKS_AT and (failures - LOCKS_AT) % LOCKS_AGAIN == 0)


def delay(by_login: int, by_address: int) -> float:
    """Seconds an answer waits after so many failures of the login and of the address, whether the login exists or not.

    Formula: the larger of both, each 0 while free (1 of a login, 10 of an address), else 0.5 x 2^(failures - free - 1),
    16 at most.
    """
    return max(_grown(by_login - FREE), _grown(by_address - FREE_ADDRESS))


def _grown(failures: int) -> float:
    return 0.0 if failures <= 0 else min(FIRST_DELAY * 2.0 ** min(failures - 1, 10), LONGEST_DELAY)
