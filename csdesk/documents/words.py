"""The words that every form of a document shares: what stands in its head, under its total and about paying it."""

from __future__ import annotations

from csdesk.documents.paper import CATEGORIES, Paper, Party, Statement, TaxPart, day_text, money, rate_text

KINDS = {
    "invoice": "Invoice", "credit_note": "Credit note", "debit_note": "Debit note", "receipt": "Payment",
    "write_off": "Write-off", "reversal": "Reversal", "credit": "Credit", "debit": "Debit",
}  # fmt: skip


def head_facts(paper: Paper) -> list[tuple[str, str]]:
    """What stands beside the address; empty ones are left out."""
    corrects = paper.corrects
    due = paper.due_on if paper.kind in {"invoice", "debit_note"} else None
    pairs = [
        ("Date", day_text(paper.issued_on)),
        ("Customer no.", paper.buyer.code),
        ("Your VAT no.", paper.buyer.vat_number),
        ("Your reference", paper.customer_reference),
        ("Our order", paper.order_number if paper.kind != "order_confirmation" else ""),
        ("For invoice", corrects.number if corrects else ""),
        ("Invoiced on", day_text(corrects.issued_on) if corrects else ""),
        ("Reason", paper.reason),
        ("Delivered", day_text(paper.delivered_on)),
        ("Wanted", day_text(paper.requested_on)),
        ("Promised", day_text(paper.promised_on)),
        ("Terms", paper.terms if paper.kind != "credit_note" else ""),
        ("Due", day_text(due)),
    ]
    return [(name, text) for name, text in pairs if text]


def receiver(party: Party) -> list[str]:
    """Name and address, a line each."""
    return [party.name, *party.address]


def other_place(paper: Paper) -> Party | None:
    """Where the goods went, when that is not where the paper goes."""
    ship = paper.ship_to
    if ship is None or (ship.name, ship.address) == (paper.buyer.name, paper.buyer.address) or not ship.address:
        return None
    return ship


def seller_line(party: Party) -> str:
    """The seller's address in one line."""
    return ", ".join(party.address)


def seller_numbers(party: Party) -> list[str]:
    """How to reach the seller and under which numbers it is registered."""
    labelled = [("", party.phone), ("", party.email), ("VAT no. ", party.vat_number), ("Reg. ", party.registration)]
    return [f"{label}{text}" for label, text in labelled if text]


def tax_name(part: TaxPart) -> str:
    """ "15%" or why there is none."""
    return rate_text(part.rate) if part.category == "S" else part.reason or CATEGORIES.get(part.category, part.category)


def total_name(paper: Paper) -> str:
    """What the last figure is."""
    return {"invoice": "Amount due", "debit_note": "Amount due", "credit_note": "Credit to you"}.get(
        paper.kind, "Order total"
    )


def closing_words(paper: Paper) -> list[str]:
    """What is to be done about it, under the totals."""
    total = f"{money(paper.gross, paper.currency)} {paper.currency}"
    if paper.kind == "credit_note":
        against = f" for invoice {paper.corrects.number}" if paper.corrects else ""
        return [f"We credit {total} to your account{against}. It can be set against what is open.", *paper.notes]
    if paper.kind == "order_confirmation":
        held = ["This is what we noted; tell us soon if anything is wrong."]
        return [*held, *paper.notes]
    words = [f"Please pay {total} by {day_text(paper.due_on)}, reference {paper.number}."]
    return [*words, *paying(paper), *paper.notes]


def paying(paper: Paper | Statement) -> list[str]:
    """Where to pay."""
    account = paper.account
    if not account.number:
        return []
    bic = f", BIC {account.bic}" if account.bic else ""
    return [f"To {paper.seller.name}, account {account.number}{bic}."]


def statement_words(statement: Statement) -> list[str]:
    """What the balance means and what is asked."""
    currency = statement.currency
    disputed = (
        f"{money(statement.disputed, currency)} {currency} is in dispute; we do not ask for it until it is settled."
    )
    apart = [disputed] if statement.disputed else []
    if statement.closing <= 0:
        owed = f"{money(-statement.closing, currency)} {currency}"
        return [f"We owe you {owed}." if statement.closing else "Nothing is open.", *apart]
    if statement.overdue > 0:
        words = [f"Please pay the {money(statement.overdue, currency)} {currency} that is past due."]
    else:
        words = ["Nothing is past due. Thank you."]
    return [*words, *apart, *paying(statement)]
