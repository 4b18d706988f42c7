"""What leaves: a text and its files, rendered from a paper; the mail made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from csdesk.documents.paper import Paper
from csdesk.documents.pdf import paper_pdf, statement_pdf
from csdesk.documents.reminder import reminder_pdf, reminder_text
from csdesk.documents.text import paper_text, statement_text
from csdesk.documents.ubl import ubl
from csdesk.errors import Invalid
from csdesk.rules.addresses import is_address as is_address
from csdesk.rules.text import printable
from csdesk.services.papers_sending import Outgoing


@dataclass(frozen=True)
class File:
    """A file: name, type and bytes."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A paper ready to go; `note` says what it goes without, and why."""

    subject: str
    text: str
    files: tuple[File, ...]
    note: str = ""


def letter(going: Outgoing) -> Letter:
    """Text, PDF, and of an invoice or note the UBL too; where EN 16931 bars that, the rest goes and `note` says why."""
    subject = f"{going.subject} - {going.seller.name}"
    if going.statement is not None:
        pdf = File(f"{going.stem}.pdf", "application/pdf", statement_pdf(going.statement))
        return Letter(subject, statement_text(going.statement), (pdf,))
    if going.reminder is not None:
        pdf = File(f"{going.stem}.pdf", "application/pdf", reminder_pdf(going.reminder))
        return Letter(subject, reminder_text(going.reminder), (pdf,))
    if going.message:
        return Letter(going.subject, going.message, ())
    assert going.paper is not None
    files = [File(f"{going.stem}.pdf", "application/pdf", paper_pdf(going.paper))]
    note = ""
    if going.paper.kind != "order_confirmation":
        try:
            files.append(File(f"{going.stem}.xml", "application/xml", _ubl(going.paper)))
        except Invalid as error:
            note = f"without UBL: {error.message}"
    return Letter(subject, paper_text(going.paper), tuple(files), note)


def _ubl(paper: Paper) -> bytes:
    return ubl(paper)


def mail(made: Letter, sender: str, sender_name: str, to: str, key: str, at: datetime) -> EmailMessage:
    """The mail of a letter, `to` one address or several parted by blanks. Its Message-ID comes from the row's key
    alone, so a receiver can drop a second copy. What somebody wrote himself does not say that a machine did."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = printable(made.subject)[:200]
    message["From"] = Address(printable(sender_name)[:100], addr_spec=sender)
    message["To"] = [Address(addr_spec=each) for each in to.split()]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    if made.files:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(made.text)
    for each in made.files:
        main, _, sub = each.kind.partition("/")
        message.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    return message
