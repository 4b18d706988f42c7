"""Mail of tickets: whom it goes to, how it waits, what it says. Internal but for the worker that sends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, select

from csdesk.documents.paper import Party
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Company, Contact, Customer, Ticket, TicketItem, table
from csdesk.rules.addresses import is_address
from csdesk.rules.canned_texts import UNFILLED, left
from csdesk.rules.text import printable
from csdesk.services import memory, papers_parties
from csdesk.services.tx import Tx, reads

CONTACT, CUSTOMER, ITEM = table(Contact), table(Customer), table(TicketItem)
TICKET, COMPANY = table(Ticket), table(Company)
MOST = 20  # receivers of one mail
MOST_SIGNS = 1000


@dataclass(frozen=True)
class Mail:
    """A message to a customer as it leaves; the receiver's address is one or several parted by blanks."""

    ticket: str
    seq: int
    subject: str
    text: str
    seller: Party
    receiver: Party


def addresses(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """Whom a message of a ticket goes to: the mail addresses of the customer's contacts, else the customer's own."""
    if is_address(row.contact):
        return (row.contact,)
    if row.customer_id is None:
        return ()
    contacts = select(CONTACT.c.email).where(CONTACT.c.company == tx.company, CONTACT.c.customer_id == row.customer_id)
    own = select(CUSTOMER.c.email).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == row.customer_id)
    found = [each.email.strip() for each in tx.rows(contacts.order_by(CONTACT.c.id))]
    good = [each for each in dict.fromkeys(found) if is_address(each)]
    if not good:
        good = [each for each in (str(tx.value(own) or "").strip(),) if is_address(each)]
    kept: list[str] = []
    for each in good[:MOST]:
        if len(" ".join([*kept, each])) <= MOST_SIGNS:
            kept.append(each)
    return tuple(kept)


def sendable(text: str) -> str:
    """A text as it may leave. Raises Invalid while a variable stands in it unfilled, naming it: nobody is written to in
    braces."""
    names, _ = left(text)
    if names:
        braced = ", ".join(f"{{{name}}}" for name in names)
        words = f"{braced} {'is' if len(names) == 1 else 'are'} not known here; type it in its place"
        raise Invalid(f"{words}, nothing was sent.", field=UNFILLED)
    return text


def receivers(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """As `addresses`. Raises Refused where there is none, saying by what other way."""
    found = addresses(tx, row)
    if not found:
        raise Refused(
            f"No contact of ticket {row.number}'s customer has a mail address: ring and note it with a and the words; "
            "'csdesk customer set CODE email …' adds one."
        )
    return found


def dedupe(item: int) -> str:
    """What names the mail of an item in the outbox."""
    return f"ticket:{item}"


def post(tx: Tx, item: int, number: str, hold_seconds: int) -> None:
    """Puts the mail of an item into the outbox."""
    memory.post(tx, "ticket-mail", dedupe(item), {"item": item, "number": number}, hold_seconds)


@reads("outbox.run")
def mail(tx: Tx, item: int) -> Mail:
    """The mail of an item: subject with the ticket's number, the words, who wrote them. Raises NotFound, also for
    an item that is not the customer's to see."""
    of = (TICKET.c.company == ITEM.c.company) & (TICKET.c.id == ITEM.c.ticket_id)
    row = tx.row(
        select(ITEM, TICKET.c.number, TICKET.c.customer_id, TICKET.c.subject.label("about"))
        .join(TICKET, of)
        .where(ITEM.c.company == tx.company, ITEM.c.id == item, ITEM.c.visible.is_(True))
    )
    if row is None or not row.recipients:
        raise NotFound("There is no message to a customer behind this row; nothing of it is sent.")
    company = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    assert company is not None
    seller = papers_parties.seller(company)
    receiver = papers_parties.of(tx, row.customer_id).customer if row.customer_id is not None else Party(row.author)
    subject = f"[{row.number}] {printable(row.subject or row.about)}"
    text = f"{row.body.rstrip()}\n\n-- \n{row.author}\n{seller.name}\n"
    return Mail(row.number, row.seq, subject, text, seller, replace(receiver, email=row.recipients))
