"""Loading what hangs on a customer: addresses, contact, phones; further ones from files of their own. Internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from csdesk.models import Contact, ContactPhone, ShipTo, table
from csdesk.rules import phones
from csdesk.services.loading_base import FIRST_ID, LAST_ID, Known, Load, rehash, remember, resolve
from csdesk.services.loading_put import put
from csdesk.services.loading_types import Unit

SHIP, CONTACT, PHONE = table(ShipTo), table(Contact), table(ContactPhone)
_C: Any = bindparam("c")
_ADDRESS = ("name", "line1", "line2", "city", "region", "postcode", "country", "route")
_KINDS = ("delivery", "postal")


def add(load: Load, customers: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """The addresses, contact and phones of new customers."""
    ships, contacts, numbers = [], [], []
    for customer, values in customers:
        for kind in _KINDS:
            address = _address(values, kind)
            if any(address.values()):
                ships.append(_ship(load, customer, kind, address, kind == "delivery"))
        contact = _contact(load, customer, values)
        contacts += [contact] if contact else []
        numbers += _phones(load, customer, contact["id"] if contact else None, values)
    put(load.tx, SHIP, ships)
    put(load.tx, CONTACT, contacts)
    put(load.tx, PHONE, numbers)


def change(load: Load, customer: int, values: Mapping[str, Any]) -> bool:
    """Brings what the import made for a customer up to its row; what the desk added stays. Whether anything moved."""
    moved = [_change_address(load, customer, kind, values) for kind in _KINDS]
    contact, renamed = _change_contact(load, customer, values)
    return any([*moved, renamed, _change_phones(load, customer, contact, values)])


def _address(values: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {name: values.get(f"{kind}_{name}") or "" for name in _ADDRESS}


def _ship(load: Load, customer: int, kind: str, address: Mapping[str, Any], default: bool) -> dict[str, Any]:
    return {"id": load.new_id(), "customer_id": customer, "kind": kind, "is_default": default, **address}


def _contact(load: Load, customer: int, values: Mapping[str, Any]) -> dict[str, Any] | None:
    named = {name: values.get(f"contact_{name}") or "" for name in ("name", "role", "email")}
    if not any(named.values()):
        return None
    return {"id": load.new_id(), "customer_id": customer, **named}


def _phones(load: Load, customer: int, contact: int | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a number: the contact's own first; a number said twice stands once."""
    region = _region(load, values)
    found: dict[str, dict[str, Any]] = {}
    for name, owner in (("contact_phone", contact), ("phone", None), ("fax", None)):
        raw = values.get(name)
        if raw and raw not in found:
            found[raw] = phone_row(load, customer, owner, raw, region)
    return [row for row in found.values() if row["digits_rev"]]


def _region(load: Load, values: Mapping[str, Any]) -> str:
    country = str(values.get("country") or values.get("delivery_country") or "")
    return country.upper() if len(country) == 2 else load.source.country


def phone_row(load: Load, customer: int, contact: int | None, raw: str, region: str) -> dict[str, Any]:
    """The row of a phone number."""
    return {
        "id": load.new_id(),
        "customer_id": customer,
        "contact_id": contact,
        "raw": raw,
        "e164": phones.e164(raw, region),
        "digits_rev": phones.key(raw, region),
    }


def _imported(load: Load, of: Any, customer: int, *also: Any) -> Sequence[Any]:
    here = select(of).where(of.c.company == _C, of.c.customer_id == customer, of.c.id.between(FIRST_ID, LAST_ID), *also)
    return load.tx.rows(here.order_by(of.c.id), {"c": load.tx.company})


def _change_address(load: Load, customer: int, kind: str, values: Mapping[str, Any]) -> bool:
    address = _address(values, kind)
    there = _imported(load, SHIP, customer, SHIP.c.kind == kind)
    if not there:
        if any(address.values()):
            put(load.tx, SHIP, [_ship(load, customer, kind, address, kind == "delivery")])
        return any(address.values())
    differs = {name: value for name, value in address.items() if getattr(there[0], name) != value}
    if differs:
        change = update(SHIP).where(SHIP.c.company == _C, SHIP.c.id == there[0].id)
        load.tx.do(change.values(**differs), {"c": load.tx.company})
    return bool(differs)


def _change_contact(load: Load, customer: int, values: Mapping[str, Any]) -> tuple[int | None, bool]:
    there = _imported(load, CONTACT, customer)
    wanted = _contact(load, customer, values)
    if not there:
        put(load.tx, CONTACT, [wanted] if wanted else [])
        return (wanted["id"] if wanted else None), wanted is not None
    if wanted is None:
        return there[0].id, False
    differs = {name: wanted[name] for name in ("name", "role", "email") if getattr(there[0], name) != wanted[name]}
    if differs:
        change = update(CONTACT).where(CONTACT.c.company == _C, CONTACT.c.id == there[0].id)
        load.tx.do(change.values(**differs), {"c": load.tx.company})
    return there[0].id, bool(differs)


def _own(contact: int | None) -> Any:
    """Phones that no further contact of the customer owns."""
    return or_(PHONE.c.contact_id.is_(None), PHONE.c.contact_id == contact)


def _change_phones(load: Load, customer: int, contact: int | None, values: Mapping[str, Any]) -> bool:
    wanted = {row["raw"]: row for row in _phones(load, customer, contact, values)}
    there = {row.raw: row.id for row in _imported(load, PHONE, customer, _own(contact))}
    gone = [made for raw, made in there.items() if raw not in wanted]
    new = [row for raw, row in wanted.items() if raw not in there]
    if gone:
        load.tx.do(delete(PHONE).where(PHONE.c.company == load.tx.company, PHONE.c.id.in_(gone)))
    put(load.tx, PHONE, new)
    return bool(gone or new)


def take_ship_tos(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads further addresses."""
    customers = resolve(load, "customer", [unit.values["customer"] for unit in [*new, *(u for u, _ in changed)]])
    rows, keys = [], []
    for unit in _with_customer(load, new, customers):
        address = {name: unit.values.get(name) or "" for name in _ADDRESS}
        customer, kind = customers[unit.values["customer"]], unit.values.get("kind") or "delivery"
        rows.append(_ship(load, customer, kind, address, False))
        keys.append((unit.key, rows[-1]["id"], 0, unit.hash))
        load.touched["customer"].add(customer)
        load.done(unit, "imported")
    put(load.tx, SHIP, rows)
    remember(load, "ship_to", keys)
    for unit, there in changed:
        address = {name: unit.values.get(name) or "" for name in _ADDRESS}
        change = update(SHIP).where(SHIP.c.company == _C, SHIP.c.id == there.subject_id).values(**address)
        load.tx.do(change, {"c": load.tx.company})
        rehash(load, "ship_to", [(unit.key, unit.hash)])
        load.done(unit, "updated")


def take_contacts(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads further contacts with a phone each."""
    customers = resolve(load, "customer", [unit.values["customer"] for unit in [*new, *(u for u, _ in changed)]])
    rows, numbers, keys = [], [], []
    for unit in _with_customer(load, new, customers):
        customer = customers[unit.values["customer"]]
        named = {name: unit.values.get(name) or "" for name in ("name", "role", "email")}
        made = load.new_id()
        rows.append({"id": made, "customer_id": customer, **named})
        if raw := unit.values.get("phone"):
            numbers.append(phone_row(load, customer, made, raw, load.source.country))
        keys.append((unit.key, made, 0, unit.hash))
        load.touched["customer"].add(customer)
        load.done(unit, "imported")
    put(load.tx, CONTACT, rows)
    put(load.tx, PHONE, [row for row in numbers if row["digits_rev"]])
    remember(load, "contact", keys)
    for unit, there in changed:
        _change_further(load, unit, there.subject_id)
        rehash(load, "contact", [(unit.key, unit.hash)])
        load.done(unit, "updated")


def _with_customer(load: Load, units: Sequence[Unit], customers: Mapping[str, int]) -> list[Unit]:
    for unit in units:
        if unit.values["customer"] not in customers:
            load.refuse(unit, "unknown", f"there is no customer {unit.values['customer']!r}")
    return [unit for unit in units if unit.values["customer"] in customers]


def _change_further(load: Load, unit: Unit, contact: int) -> None:
    named = {name: unit.values.get(name) or "" for name in ("name", "role", "email")}
    load.tx.do(update(CONTACT).where(CONTACT.c.company == load.tx.company, CONTACT.c.id == contact).values(**named))
    customer = load.tx.value(
        select(CONTACT.c.customer_id).where(CONTACT.c.company == load.tx.company, CONTACT.c.id == contact)
    )
    load.touched["customer"].add(customer)
    if "phone" in unit.values:
        load.tx.do(delete(PHONE).where(PHONE.c.company == load.tx.company, PHONE.c.contact_id == contact))
        raw = unit.values["phone"]
        if raw and phones.digits(raw):
            put(load.tx, PHONE, [phone_row(load, customer, contact, raw, load.source.country)])
