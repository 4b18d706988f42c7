"""Looking after a desk's database: `check` runs every invariant, `verify_audit` walks the audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from csdesk.services import audit
from csdesk.services import invariants_books as _books  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_control as _control  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_credits as _credits  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_exposure as _exposure  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_guards as _guards  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_items as _items  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_knowledge as _knowledge  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_money as _money  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_numbers as _numbers  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_replacements as _replacements  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_ticket_work as _ticket_work  # noqa: F401 - its checks join the registry
from csdesk.services import invariants_tickets as _tickets  # noqa: F401 - its checks join the registry
from csdesk.services.invariants import CHECKS
from csdesk.services.tx import Tx, reads


@dataclass(frozen=True)
class Finding:
    """The outcome of a check: the first offenders in words, none when it holds."""

    name: str
    why: str
    offenders: tuple[str, ...] = ()


@reads("db.care")
def check(tx: Tx) -> tuple[Finding, ...]:
    """Runs every check on the company, in the order of the registry, on one snapshot: a desk in use raises no alarm."""
    _one_snapshot(tx)
    return tuple(Finding(each.name, each.why, tuple(each.find(tx))) for each in CHECKS)


@reads("db.care")
def verify_audit(tx: Tx) -> tuple[int, tuple[audit.Broken, ...]]:
    """`audit.verify` on one snapshot: entries that hold, and the first broken link of each lane."""
    _one_snapshot(tx)
    return audit.verify(tx)


def _one_snapshot(tx: Tx) -> None:
    if tx.postgres:  # a transaction of SQLite sees one snapshot anyway
        tx.do(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        tx.do(text("SET LOCAL statement_timeout = 0"))
