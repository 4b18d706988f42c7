"""Who stands on a document: the company, the customer, who pays, where the goods went. Internal to papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from csdesk.documents.paper import Account, Party
from csdesk.errors import NotFound
from csdesk.models import Company, Contact, Customer, ShipTo, Terms, table
from csdesk.services.tx import Tx

COMPANY, CUSTOMER, SHIP, CONTACT = table(Company), table(Customer), table(ShipTo), table(Contact)
TERMS = table(Terms)
_SAME = ("name", "code", "vat_number", "registration", "email", "endpoint", "endpoint_scheme")


@dataclass(frozen=True)
class Parties:
    """The parties of a document, with what about them its lines and words need."""

    seller: Party
    customer: Party
    debtor: Party
    ship_to: Party | None
    account: Account
    account_id: int
    terms: str
    timezone: str
    exempt: bool
    exempt_category: str
    exempt_reason: str


def of(tx: Tx, customer_id: int, ship_to_id: int | None = None) -> Parties:
    """The parties of a customer's document; the debtor is who the customer is billed to. Raises NotFound."""
    company = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    row = _customer(tx, customer_id)
    payer = row if row.bill_to_id in (None, row.id) else _customer(tx, row.bill_to_id)
    assert company is not None
    terms = tx.value(select(TERMS.c.name).where(TERMS.c.company == tx.company, TERMS.c.code == payer.terms))
    return Parties(
        seller(company), _party(tx, row), _party(tx, payer), _ship_to(tx, row.id, ship_to_id),
        Account(company.iban, company.bic), row.account_id, terms or payer.terms,
        row.timezone or company.timezone, row.tax_exempt, row.exempt_category, row.exempt_reason,
    )  # fmt: skip


def seller(company: Row[Any]) -> Party:
    """The company as a party."""
    same = ("name", "street", "city", "region", "postcode", "country", "vat_number", "registration", "email", "phone",
            "endpoint", "endpoint_scheme")  # fmt: skip
    return Party(**{name: getattr(company, name) for name in same}, set_with="csdesk company set")


def _customer(tx: Tx, customer_id: int) -> Row[Any]:
    row = tx.row(select(CUSTOMER).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == customer_id))
    if row is None:
        raise NotFound("This customer no longer exists; find the caller again.")
    return row


def _party(tx: Tx, row: Row[Any]) -> Party:
    """A customer with the address papers go to: its postal one, else the one goods go to."""
    statement = select(SHIP).where(SHIP.c.company == tx.company, SHIP.c.customer_id == row.id)
    found = tx.row(statement.order_by(SHIP.c.kind.desc(), SHIP.c.is_default.desc(), SHIP.c.id).limit(1))
    given = {name: getattr(row, name) for name in _SAME}
    given["email"] = row.email or _contact(tx, row.id)
    country = row.country or (found.country if found else "")
    return Party(**{**_address(found), **given, "country": country}, set_with=f"csdesk customer set {row.code}")


def _contact(tx: Tx, customer_id: int) -> str:
    """The first mail address of the customer's contacts."""
    here = (CONTACT.c.company == tx.company, CONTACT.c.customer_id == customer_id, CONTACT.c.email != "")
    return str(tx.value(select(CONTACT.c.email).where(*here).order_by(CONTACT.c.id).limit(1)) or "")


def _address(row: Row[Any] | None) -> dict[str, str]:
    if row is None:
        return {}
    return {"street": row.line1, "street2": row.line2, "city": row.city, "region": row.region,
            "postcode": row.postcode, "country": row.country}  # fmt: skip


def _ship_to(tx: Tx, customer_id: int, ship_to_id: int | None) -> Party | None:
    statement = select(SHIP).where(SHIP.c.company == tx.company, SHIP.c.customer_id == customer_id)
    if ship_to_id is not None:
        statement = statement.where(SHIP.c.id == ship_to_id)
    row = tx.row(statement.order_by(SHIP.c.kind, SHIP.c.is_default.desc(), SHIP.c.id).limit(1))
    return None if row is None else Party(row.name, **_address(row))
