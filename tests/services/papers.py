"""Invoices, credit notes and requests about them, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

from sqlalchemy import insert

from csdesk.errors import DeskError
from csdesk.ids import new_id
from csdesk.models import (
    ApprovalRequest,
    CreditAccount,
    CreditClaim,
    Document,
    DocumentLine,
    ImportKey,
    OpenItem,
    table,
)
from csdesk.rules.credit_notes import LineCredit
from csdesk.rules.payloads import canonical, payload_hash
from csdesk.services import approving, credits, numbers, posting
from csdesk.services.credits import Requested
from csdesk.services.tx import Tx
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import TODAY

Line = tuple[str, int | str, int, int]  # code, quantity, net and tax in minor units; with tax the rate is 8


def bill(desk: Desk, *lines: Line, id: int = 9900, **head: Any) -> int:
    """An invoice of the customer with orders, open on the account; gives its id."""
    return _paper(desk, "invoice", id, lines, **head)


def note_elsewhere(desk: Desk, *lines: Line, corrects: int, id: int = 9990, **head: Any) -> int:
    """A credit note that came in from elsewhere, without a request."""
    desk.put(ImportKey, {"source": "erp", "entity": "document", "key": str(id), "subject_id": id, "row_hash": ""})
    return _paper(
        desk, "credit_note", id, lines, corrects_id=corrects, **{"number": f"CN-{id}", "source": "erp", **head}
    )


def _paper(desk: Desk, kind: str, id: int, lines: tuple[Line, ...], **head: Any) -> int:
    net, tax = sum(line[2] for line in lines), sum(line[3] for line in lines)
    category, ordered = head.pop("tax_category", ""), head.pop("order_lines", False)
    row = {
        "id": id, "kind": kind, "number": f"F-{id}", "customer_id": 1, "account_id": 1, "issued_on": TODAY,
        "due_on": TODAY + timedelta(days=30), "currency": "USD", "tax_method": "line", "rounding": "half_up",
        "net": net, "tax": tax, "gross": net + tax, **head,
    }  # fmt: skip
    desk.put(Document, row)
    desk.put(DocumentLine, *(
        {"document_id": id, "line": n, "product_id": desk.seeded.products[code], "unit": "EA",
         "quantity": Decimal(quantity), "price": Decimal(1), "net": line_net, "tax": line_tax,
         "tax_rate": Decimal(8 if line_tax else 0), "tax_category": category, "order_line": n if ordered else None}
        for n, (code, quantity, line_net, line_tax) in enumerate(lines, 1)
    ))  # fmt: skip
    face = -(net + tax) if kind == "credit_note" else net + tax
    same = {name: row[name] for name in ("account_id", "customer_id", "number", "kind", "due_on", "currency")}
    item = {**same, "id": id, "source": "document", "source_id": id, "posted_on": row["issued_on"], "face": face,
            "open": face}  # fmt: skip
    desk.put(OpenItem, item)
    account, part = desk.account(row["account_id"]), "open_debit" if face > 0 else "open_credit"
    desk.change(CreditAccount, {"id": account.id}, **{part: getattr(account, part) + abs(face)})
    return id


def pieces(line: int, quantity: int | str) -> LineCredit:
    """So many pieces of a line."""
    return LineCredit(line, Decimal(quantity))


def worth(line: int, value: int) -> LineCredit:
    """So much of a line's price, net minor units."""
    return LineCredit(line, value=value)


def ask(talk: Talk, *wanted: LineCredit, letter: str = "d", invoice: int = 9201, note: str = "") -> Requested:
    """A credit request on the seeded invoice, damaged unless told otherwise."""
    return talk.store.write_now(credits.ask, talk.call, invoice, wanted, letter, note)


def approve(desk: Desk, request: Requested, *logins: str) -> None:
    """Approved step by step, by the lead unless told otherwise."""
    for login in logins or ("lead3",):
        desk.as_(login).write_now(approving.approve, request.id)


def left(desk: Desk, line: int = 1, invoice: int = 9201) -> Decimal:
    """The quantity left to credit of a line."""
    return next(each.left for each in desk.rep.read_now(credits.billed, invoice) if each.line == line)


def state(desk: Desk, made: Requested) -> str:
    """Where a request stands."""
    return str(desk.row(ApprovalRequest, id=made.id).state)


def held(desk: Desk, made: Requested) -> set[str]:
    """The states of the claims, which are what a request holds."""
    return {row.state for row in desk.rows(CreditClaim, request_id=made.id)}


def decide(store: Store, made: Requested) -> approving.Decided:
    """One approval."""
    return store.write_now(approving.approve, made.id)


def post_all(desk: Desk) -> list[str]:
    """Posts what is due; gives the sentences."""
    return [desk.store.write_now(posting.post, id) for id in desk.store.read_now(posting.due)]


def notes(desk: Desk) -> list[Any]:
    """The credit notes by number."""
    return sorted(desk.rows(Document, kind="credit_note"), key=lambda row: row.number)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gives, or the error it is refused with, all begun at one moment."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except DeskError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def vouch(tx: Tx, note: Mapping[str, Any], kind: str) -> None:
    """The posted request behind a document that a test posts by itself; its tier asked for nobody."""
    payload = {"amount": note["gross"]}
    tx.do(insert(table(ApprovalRequest)), {
        "company": 1, "id": new_id(), "number": numbers.next_number(tx, "request"), "kind": kind, "state": "posted",
        "account_id": note["account_id"], "customer_id": note["customer_id"], "document_id": note.get("corrects_id"),
        "currency": note["currency"], "amount": note["gross"], "counted": note["gross"], "reason": "",
        "payload": canonical(payload), "payload_hash": payload_hash(payload), "maker_staff_id": 1,
        "maker_person_id": 1, "made_at": tx.now, "submitted_at": tx.now, "posted_id": note["id"],
    })  # fmt: skip
