"""Credit terms of customers that are there already: limit, hold and terms of payment are changed by requests, so a file
only tells of what differs, unless its mapping says that the source is their master. Internal to the importer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk.models import CreditAccount, table
from csdesk.money import show
from csdesk.services import audit
from csdesk.services.loading_base import Known, Load, notes

ACCOUNT = table(CreditAccount)
ADOPTED = "-"  # instead of a row's hash: the customer was there before this source named it
OWN = ("terms", "on_hold")  # of the customer's row
_WORDS = {"credit_limit": "credit limit", "on_hold": "hold", "account on_hold": "credit hold"}
_SET = update(ACCOUNT).where(ACCOUNT.c.company == bindparam("c"), ACCOUNT.c.id == bindparam("i"))


def kept(load: Load, row: Any, there: Known, differs: dict[str, Any]) -> dict[str, Any]:
    """Of what differs in a customer's row what may be written; the rest is noted."""
    if _master(load, row, there):
        _tell(load, row.id, row, {name: differs[name] for name in OWN if name in differs})
        return differs
    _note(load, row.id, {name: value for name, value in differs.items() if name in OWN})
    return {name: value for name, value in differs.items() if name not in OWN}


def account(load: Load, row: Any, there: Known, wanted: dict[str, Any]) -> bool:
    """Writes the limit and hold of a customer's own account, or notes them; True when something was written."""
    statement = select(ACCOUNT).where(ACCOUNT.c.company == load.tx.company, ACCOUNT.c.id == row.account_id)
    found = load.tx.row(statement.with_for_update() if load.tx.postgres else statement)
    if found is None or row.bill_to_id not in (None, row.id):
        return False
    differs = {name: value for name, value in wanted.items() if getattr(found, name) != value}
    untouched = found.credit_limit is None and not found.on_hold
    if differs and _master(load, row, there, untouched):
        _tell(load, row.id, found, differs)
        load.tx.do(_SET.values(**differs, version=found.version + 1), {"c": load.tx.company, "i": found.id})
        return True
    _note(load, row.id, {f"account {name}" if name == "on_hold" else name: value for name, value in differs.items()})
    return False


def _master(load: Load, row: Any, there: Known, untouched: bool = True) -> bool:
    """Whether the file decides: by its mapping, or as the first to describe a customer that rows only mentioned."""
    mentioned = there.row_hash == "" and row.version == 1 and untouched
    return load.option("credit_terms") == "source" or mentioned


def _note(load: Load, customer: int, differs: dict[str, Any]) -> None:
    currency = load.source.currency
    said = {f"asks {_WORDS.get(name, name)}": _text(value, currency) for name, value in differs.items()}
    notes(load, [("customer", customer, kind, text) for kind, text in said.items()])


def _text(value: Any, currency: str) -> str:
    if value is None:
        return "unlimited"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{show(value, currency)} {currency}" if isinstance(value, int) else str(value)


def _tell(load: Load, customer: int, before: Any, differs: dict[str, Any]) -> None:
    if differs:
        old = {name: getattr(before, name) for name in differs}
        audit.record(load.tx, "import.credit_terms", "customer", customer, old, {**differs, "source": load.source.name})
