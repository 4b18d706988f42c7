"""Loading customers: account (the payer's for a branch), addresses, contact and phones. Internal to the importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk.errors import Refused
from csdesk.models import CreditAccount, Customer, Terms, table
from csdesk.services import loading_credit
from csdesk.services import loading_people as people
from csdesk.services.loading_base import Known, Load, known, notes, rehash, remember, resolve, sorted_out
from csdesk.services.loading_put import put, put_new
from csdesk.services.loading_types import Make, Unit

CUSTOMER, ACCOUNT, TERMS = table(Customer), table(CreditAccount), table(Terms)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_HERE = select(CUSTOMER).where(CUSTOMER.c.company == _C, CUSTOMER.c.id.in_(_IDS))
_SET = update(CUSTOMER).where(CUSTOMER.c.company == _C, CUSTOMER.c.id == bindparam("i"))
# Fields that go into the customer's row as they are, with what an empty one becomes there.
_PLAIN: dict[str, Any] = {
    "name": "", "payer_group": "", "price_group": "", "price_list": "", "segment": "", "country": "",
    "tax_exempt": False, "tier": "", "language": "en", "timezone": "", "delivery_days": "12345", "cut_off": "16:00",
    "lead_days": 1, "minimum_order": 0, "on_hold": False, "notes": "", "standing": "", "opened_on": None,
    "exempt_category": "", "exempt_reason": "", "email": "", "vat_number": "", "registration": "", "endpoint": "",
    "endpoint_scheme": "",
}  # fmt: skip


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads customers. One whose payer is not there yet is put off to a further pass over the file."""
    new, changed = _adopted(load, new, changed)
    accounts = _payer_accounts(load, [*new, *(unit for unit, _ in changed)])
    rows: list[dict[str, Any]] = []
    keys: list[tuple[str, int, int, str]] = []
    own: list[dict[str, Any]] = []
    units: list[tuple[int, Unit]] = []
    for unit in new:
        payer = _payer(unit)
        if payer and payer not in accounts:
            load.put_off(unit, f"there is no customer {payer!r} to bill; bring that customer in first")
            continue
        made = load.new_id()
        account, bill_to = accounts[payer] if payer else (load.new_id(), None)
        if not payer:
            own.append(_account(load, account, unit.values))
        rows.append(_row(load, made, account, bill_to, unit.values))
        keys.append((unit.key, made, 0, unit.hash))
        units.append((made, unit))
    put(load.tx, ACCOUNT, own)
    put(load.tx, CUSTOMER, rows)
    remember(load, "customer", keys)
    people.add(load, [(made, unit.values) for made, unit in units])
    for made, unit in units:
        load.touched["customer"].add(made)
        load.done(unit, "imported")
    for unit, there in changed:
        _change(load, unit, there, accounts)


def _payer(unit: Unit) -> str:
    payer = unit.values.get("bill_to") or ""
    return "" if payer == unit.key else payer


def _adopted(
    load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]
) -> tuple[list[Unit], list[tuple[Unit, Known]]]:
    """A customer whose code the desk has already is that customer: its row is changed, not doubled."""
    fresh, adopted = sorted_out(load, "customer", new, lambda unit: str(unit.values["code"]))
    remember(load, "customer", [(unit.key, found, 0, loading_credit.ADOPTED) for unit, found in adopted])
    return fresh, [*changed, *((unit, Known(found, 0, loading_credit.ADOPTED)) for unit, found in adopted)]


def _payer_accounts(load: Load, units: Sequence[Unit]) -> dict[str, tuple[int, int]]:
    """Payer's key -> (account, customer)."""
    payers = resolve(load, "customer", {_payer(unit) for unit in units})
    rows = load.tx.rows(_HERE, {"c": load.tx.company, "ids": sorted(set(payers.values()))})
    accounts = {row.id: row.account_id for row in rows}
    return {key: (accounts[found], found) for key, found in payers.items()}


def _account(load: Load, made: int, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": made,
        "currency": load.source.currency,
        "credit_limit": _limit(load, values),
        "on_hold": bool(values.get("credit_hold")),
    }


def _limit(load: Load, values: Mapping[str, Any]) -> int | None:
    limit = values.get("credit_limit")
    if limit is None and "credit_limit" in values and load.option("empty_credit_limit") == "zero":
        return 0
    return limit


def _row(load: Load, made: int, account: int, bill_to: int | None, values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: empty if values.get(name) is None else values[name] for name, empty in _PLAIN.items()}
    return {
        "id": made,
        "code": values["code"],
        "account_id": account,
        "bill_to_id": bill_to,
        "terms": terms(load, values.get("terms_days")),
        "currency": load.source.currency,
        "short_policy": "part",
        "anonymous": False,
        "version": 1,
        **plain,
    }


def terms(load: Load, days: int | None) -> str:
    """The code of terms of that many days net, made when the company has none."""
    days = load.source.terms_days if days is None else days
    if ("terms", days) not in load.cache:
        found = load.tx.value(
            select(TERMS.c.code).where(TERMS.c.company == load.tx.company, TERMS.c.net_days == days).order_by("code")
        )
        if found is None:
            found = f"NET{days}"
            put_new(load.tx, TERMS, [{"code": found, "name": f"{days} days net", "net_days": days}])
        load.cache["terms", days] = found
    return str(load.cache["terms", days])


def _change(load: Load, unit: Unit, there: Known, accounts: Mapping[str, tuple[int, int]]) -> None:
    """Writes what differs, credit terms as far as the file may (`loading_credit`); a row that changes nothing is
    merged."""
    row = load.tx.row(_HERE, {"c": load.tx.company, "ids": [there.subject_id]})
    payer = _payer(unit)
    if row is None or (payer and payer not in accounts):
        load.refuse(unit, "unknown", f"there is no customer {payer!r} to bill; bring that customer in first")
        return
    wanted = {name: unit.values[name] for name in _PLAIN if unit.values.get(name) is not None}
    wanted |= {name: _PLAIN[name] for name in _PLAIN if name in unit.values and unit.values[name] is None}
    if unit.values.get("terms_days") is not None:
        wanted["terms"] = terms(load, unit.values["terms_days"])
    if payer:
        wanted["account_id"], wanted["bill_to_id"] = accounts[payer]
    differs = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if differs := loading_credit.kept(load, row, there, differs):
        load.tx.do(_SET.values(**differs, version=row.version + 1), {"c": load.tx.company, "i": row.id})
    moved = not payer and loading_credit.account(load, row, there, _account_wish(load, unit.values))
    moved = people.change(load, row.id, unit.values) or moved
    rehash(load, "customer", [(unit.key, unit.hash)])
    load.touched["customer"].add(row.id)
    load.done(unit, "updated" if differs or moved else "merged")


def _account_wish(load: Load, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says of its account's limit and hold."""
    wanted: dict[str, Any] = {"credit_limit": _limit(load, values)} if "credit_limit" in values else {}
    if values.get("credit_hold") is not None:
        wanted["on_hold"] = values["credit_hold"]
    return wanted


def make(load: Load, makes: Sequence[Make]) -> None:
    """Customers a row mentions: made when unknown; what differs later is noted, never changed."""
    first: dict[str, Make] = {}
    for each in makes:
        first.setdefault(each.key, each)
    there = known(load, "customer", first)
    _make_unknown(load, [each for key, each in first.items() if key not in there])
    ids = {key: each.subject_id for key, each in known(load, "customer", first).items()}
    rows = {row.id: row for row in load.tx.rows(_HERE, {"c": load.tx.company, "ids": sorted(ids.values())})}
    said = [
        ("customer", ids[each.key], kind, text)
        for each in makes
        if each.key in ids
        for kind, text in each.note
        if text and text != getattr(rows[ids[each.key]], kind)
    ]
    notes(load, dict.fromkeys(said))


def _make_unknown(load: Load, makes: Sequence[Make]) -> None:
    units = [
        Unit(
            "customer", each.key, "", (0,), (), {**each.values, "name": each.values.get("name") or each.values["code"]}
        )
        for each in makes
    ]
    new, _ = _adopted(load, units, ())
    rows, own, keys = [], [], []
    for unit in new:
        made, account = load.new_id(), load.new_id()
        own.append(_account(load, account, unit.values))
        rows.append(_row(load, made, account, None, unit.values))
        keys.append((unit.key, made, 0, ""))
        load.touched["customer"].add(made)
    put(load.tx, ACCOUNT, own)
    put(load.tx, CUSTOMER, rows)
    remember(load, "customer", keys)


def anonymous(load: Load) -> int:
    """The customer that sales without a name stand under: one a source, flagged, without credit."""
    if "anonymous" not in load.cache:
        there = known(load, "customer", ["(anonymous)"])
        load.cache["anonymous"] = there["(anonymous)"].subject_id if there else _make_anonymous(load)
    return int(load.cache["anonymous"])


def _make_anonymous(load: Load) -> int:
    code = load.source.anonymous_code or f"CASH-{load.source.name}"[:40]
    taken = select(CUSTOMER.c.name).where(CUSTOMER.c.company == load.tx.company, CUSTOMER.c.code == code)
    if (name := load.tx.value(taken)) is not None:
        raise Refused(f"Customer {code} is {name}; give the sales without a name another code under [anonymous].")
    made, account = load.new_id(), load.new_id()
    values = {"code": code, "name": load.source.anonymous_name or "Sales without a name"}
    put(load.tx, ACCOUNT, [{**_account(load, account, {}), "credit_limit": 0}])
    put(load.tx, CUSTOMER, [{**_row(load, made, account, None, values), "anonymous": True}])
    remember(load, "customer", [("(anonymous)", made, 0, "")])
    load.touched["customer"].add(made)
    return made
