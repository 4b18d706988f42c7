"""What documents say of the company and of customers: numbers, addresses, where money goes. Set one field at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import Table, select, update

from csdesk.errors import Invalid
from csdesk.models import Company, Customer, table
from csdesk.money import ROUNDINGS
from csdesk.rules.tax import TAX_METHODS
from csdesk.services import audit, papers_statement
from csdesk.services.tx import Tx, reads, writes

COMPANY, CUSTOMER = table(Company), table(Customer)
_PARTY = ("country", "email", "vat_number", "registration", "endpoint", "endpoint_scheme")
OF_COMPANY = ("name", "street", "city", "region", "postcode", "phone", "iban", "bic", *_PARTY, "tax_method", "rounding")
OF_CUSTOMER = (*_PARTY, "tax_exempt", "exempt_category", "exempt_reason")
EXEMPT = ("E", "AE", "G", "K")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")


@reads("customer.read")
def company(tx: Tx) -> dict[str, str]:
    """The company's fields that can be set, with what they hold."""
    row = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    return {name: str(getattr(row, name)) for name in OF_COMPANY}


@writes("staff.admin")
def set_company(tx: Tx, field: str, value: str) -> str:
    """Sets a field of the company; documents made from now on, or printed again, show it. Raises Invalid."""
    value = _checked(field, value, OF_COMPANY, COMPANY)
    if field == "name" and not value:
        raise Invalid("A company has a name.", field="name")
    row = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    tx.do(update(COMPANY).where(COMPANY.c.id == tx.company).values({field: value}))
    audit.record(tx, "particulars.set_company", "company", tx.company, {field: getattr(row, field)}, {field: value})
    return f"The company's {field} is {value or 'empty'}."


@writes("staff.admin")
def set_customer(tx: Tx, code: str, field: str, value: str) -> str:
    """Sets a field of a customer. Raises NotFound for the code, Invalid for field and value."""
    plain = _checked(field, value, OF_CUSTOMER, CUSTOMER)
    taken: str | bool = plain.lower() in {"yes", "true", "1"} if field == "tax_exempt" else plain
    here = [CUSTOMER.c.company == tx.company, CUSTOMER.c.id == papers_statement.customer_of(tx, code)]
    row = tx.row(select(CUSTOMER).where(*here))
    assert row is not None
    tx.do(update(CUSTOMER).where(*here).values({field: taken, "version": CUSTOMER.c.version + 1}))
    before = {field: getattr(row, field)}
    audit.record(tx, "particulars.set_customer", "customer", row.id, before, {field: taken})
    return f"{field} of {row.name} is {plain or 'empty'}."


def _checked(field: str, value: str, known: tuple[str, ...], columns: Table) -> str:
    if field not in known:
        raise Invalid(f"'{field}' is no field that can be set; there are {', '.join(known)}.", field="field")
    value = " ".join(value.split())
    fault = _FAULTS.get(field)
    if value and fault and (why := fault(value)):
        raise Invalid(f"'{value}' is no {field.replace('_', ' ')}: {why}.", field="value")
    length = getattr(columns.c[field].type, "length", None)
    if length and len(value) > length:
        raise Invalid(f"{field} has room for {length} signs; this is {len(value)}.", field="value")
    return value.upper() if field in {"country", "vat_number", "bic", "exempt_category", "endpoint_scheme"} else value


def _vat(value: str) -> str:
    begins = re.fullmatch(r"[A-Za-z]{2}[0-9A-Za-z+*. -]{2,}", value)
    return "" if begins else "it begins with the two letters of its country (EN 16931 BR-CO-09), e.g. DE…"


def _account(value: str) -> str:
    """An IBAN is checked by ISO 13616 (modulo 97); what does not look like one is a number of a country without."""
    plain = re.sub(r"\s", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", plain):
        return ""
    digits = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])
    return "" if int(digits) % 97 == 1 else "its check digits are wrong"


def _one_of(*choices: str) -> Callable[[str], str]:
    return lambda value: "" if value in choices else f"there are {', '.join(choices)}"


def _fits(pattern: str, why: str) -> Callable[[str], str]:
    return lambda value: "" if re.fullmatch(pattern, value) else why


_FAULTS: dict[str, Callable[[str], str]] = {
    "country": _fits(r"[A-Za-z]{2}", "two letters of ISO 3166 are wanted, e.g. GB"),
    "email": _fits(_MAIL.pattern, "one address is wanted, e.g. accounts@company.example"),
    "vat_number": _vat,
    "iban": _account,
    "bic": _fits(r"[A-Za-z0-9]{8}([A-Za-z0-9]{3})?", "8 or 11 signs are wanted (ISO 9362)"),
    "endpoint_scheme": _fits(r"[0-9A-Za-z]{2,4}", "a code of the EAS list is wanted, e.g. 0088 or EM"),
    "tax_method": _one_of(*TAX_METHODS),
    "rounding": _one_of(*ROUNDINGS),
    "exempt_category": lambda value: _one_of(*EXEMPT)(value.upper()),
    "tax_exempt": _one_of("yes", "no", "true", "false", "1", "0"),
}
