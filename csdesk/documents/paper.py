"""What a document says, whole: plain frozen data that every form of it (text, PDF, UBL) is rendered from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csdesk.money import exponent, show_quantity, to_major

TITLES = {
    "order_confirmation": "Order confirmation",
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "debit_note": "Debit note",
}
CATEGORIES = {
    "S": "",
    "Z": "Zero rated",
    "E": "Exempt from tax",
    "AE": "Reverse charge: the buyer accounts for the tax",
    "G": "Export outside the tax area",
    "K": "Intra-community supply",
}


@dataclass(frozen=True)
class Party:
    """Who sells, buys or receives. `set_with` is the command that fills what is empty, for the sentence that asks."""

    name: str
    code: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    vat_number: str = ""
    registration: str = ""
    email: str = ""
    phone: str = ""
    contact: str = ""
    endpoint: str = ""
    endpoint_scheme: str = ""
    set_with: str = ""

    @property
    def address(self) -> tuple[str, ...]:
        """The lines below the name, those that are not empty."""
        place = "  ".join(filter(None, (" ".join(filter(None, (self.city, self.region))), self.postcode)))
        return tuple(filter(None, (self.street, self.street2, place, self.country)))


@dataclass(frozen=True)
class Account:
    """Where money goes: an IBAN, or an account number of a country without; BIC when known."""

    number: str = ""
    bic: str = ""


@dataclass(frozen=True)
class PaperLine:
    """A line: amounts in minor units, price in major units for one `unit`, rate in percent, a category of CATEGORIES.

    A net that no quantity or no price stands behind is a change of value alone. `promised_on` is told on a
    confirmation.
    """

    line: int
    code: str
    name: str
    unit: str
    quantity: Decimal
    price: Decimal
    net: int
    tax_rate: Decimal
    tax: int
    category: str = "S"
    promised_on: date | None = None
    note: str = ""
    tax_reason: str = ""

    @property
    def counted(self) -> bool:
        """Whether quantity x price makes the line; free goods do."""
        return bool(self.quantity) and (bool(self.price) or not self.net)


@dataclass(frozen=True)
class TaxPart:
    """The tax of one category and rate: base and tax in minor units."""

    category: str
    rate: Decimal
    base: int
    tax: int
    reason: str = ""


@dataclass(frozen=True)
class Reference:
    """A document referred to."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True)
class Paper:
    """An order confirmation, invoice, credit note or debit note. `open` is what is unpaid now, None when unknown."""

    kind: str
    number: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[PaperLine, ...]
    taxes: tuple[TaxPart, ...]
    net: int
    tax: int
    gross: int
    ship_to: Party | None = None
    account: Account = Account()
    due_on: date | None = None
    delivered_on: date | None = None
    requested_on: date | None = None
    promised_on: date | None = None
    terms: str = ""
    order_number: str = ""
    customer_reference: str = ""
    corrects: Reference | None = None
    reason: str = ""
    reason_code: str = ""
    tax_method: str = "line"
    rounding: str = "half_up"
    revision: int = 1
    notes: tuple[str, ...] = ()
    open: int | None = None
    customer_id: int = 0

    @property
    def title(self) -> str:
        """ "Invoice", and for a changed order which revision it is."""
        changed = f", revision {self.revision}" if self.kind == "order_confirmation" and self.revision > 1 else ""
        return f"{TITLES[self.kind]}{changed}"

    @property
    def unsplit(self) -> int:
        """What the total holds beside its lines (an old document brought in with its total alone), net."""
        return self.net - sum(line.net for line in self.lines)


@dataclass(frozen=True)
class Movement:
    """A line of a statement: debit and credit are not negative, `balance` is the running one; minor units."""

    day: date
    kind: str
    number: str
    text: str
    due_on: date
    debit: int
    credit: int
    balance: int


@dataclass(frozen=True)
class OpenLine:
    """What is still open of an item at the day of the statement, and in dispute of that; `late` is days past due."""

    number: str
    kind: str
    day: date
    due_on: date
    face: int
    open: int
    late: int
    disputed: int = 0


@dataclass(frozen=True)
class Statement:
    """A debtor's account as of a day: opening balance, movements from a day, closing balance, ageing, open items."""

    as_of: date
    since: date
    currency: str
    seller: Party
    debtor: Party
    opening: int
    movements: tuple[Movement, ...]
    closing: int
    ages: tuple[tuple[str, int], ...]
    items: tuple[OpenLine, ...]
    account: Account = Account()
    customer_id: int = 0

    @property
    def overdue(self) -> int:
        """What is past due and not in dispute."""
        return sum(item.open - item.disputed for item in self.items if item.late > 0)

    @property
    def disputed(self) -> int:
        """What is in dispute, due or not: it is not asked for until that is settled."""
        return sum(item.disputed for item in self.items)


@dataclass(frozen=True)
class Reminder:
    """A dunning notice: its items with what was open of them that day; amounts in minor units.

    `channel` is how it goes: mail, letter (on paper, by the folder) or call (nothing leaves, a person telephones).
    """

    day: date
    level: int
    channel: str
    currency: str
    seller: Party
    debtor: Party
    items: tuple[OpenLine, ...]
    overdue: int
    fee: int
    interest: int
    words: str = ""
    account: Account = Account()

    @property
    def total(self) -> int:
        """What is asked for."""
        return self.overdue + self.fee + self.interest

    @property
    def title(self) -> str:
        """ "Reminder" and, from the second on, which one."""
        return "Reminder" if self.level == 1 else f"Reminder {self.level}"


def money(minor: int, currency: str) -> str:
    """An amount as it stands on paper, thousands parted: money(-123456, "USD") == "-1,234.56"."""
    return f"{to_major(minor, currency):,.{exponent(currency)}f}"


def price_text(price: Decimal, currency: str) -> str:
    """A unit price with the currency's decimals, or as many more as it has."""
    places = max(exponent(currency), -int(price.normalize().as_tuple().exponent))
    return f"{price:,.{places}f}"


def rate_text(rate: Decimal) -> str:
    """A rate in percent without needless zeros."""
    return f"{show_quantity(rate)}%"


def day_text(day: date | None) -> str:
    """A day, the same in every country."""
    return f"{day:%d %b %Y}" if day else ""


def file_name(kind: str, number: str) -> str:
    """A name for a file of a document, safe on every file system."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.")[:60]
    return f"{kind.replace('_', '-')}-{safe or 'unnamed'}"
