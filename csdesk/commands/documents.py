"""Commands of paper: a document or a statement as text, PDF or UBL; what papers say of company and customers."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.documents.paper import Paper, Statement

Out = Annotated[
    Path | None, typer.Option("--out", help="The file to write; without it, standard output.", show_default=False)
]
Day = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day; today.", show_default=False)
]
company_app = typer.Typer(no_args_is_help=True, help="What papers say of the company.")
customer_app = typer.Typer(no_args_is_help=True, help="What papers say of a customer.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("document")(document)
    app.command("statement")(statement)
    app.add_typer(company_app, name="company")
    app.add_typer(customer_app, name="customer")


def document(
    number: Annotated[str, typer.Argument(help="The number of the invoice, note or order.", show_default=False)],
    form: Annotated[str, typer.Option("--as", help="text, pdf or ubl (UBL 2.1 by EN 16931).")] = "text",
    kind: Annotated[
        str, typer.Option("--kind", help="invoice, credit-note, debit-note or order, when several have the number.")
    ] = "",
    out: Out = None,
    db: Db = None,
) -> None:
    """Show or save a document: order confirmation, invoice, credit note or debit note."""
    from csdesk.services import papers

    store = open_store(settings_from(db=db))
    try:
        found = store.read_now(papers.find, number, kind)
        reading = papers.confirmation if found.kind == "order" else papers.document
        _give(_paper(store.read_now(reading, found.id), form), out)
    finally:
        store.close()


def _paper(paper: Paper, form: str) -> bytes:
    from csdesk.errors import Invalid

    if form == "text":
        from csdesk.documents.text import paper_text

        return paper_text(paper).encode()
    if form == "pdf":
        from csdesk.documents.pdf import paper_pdf

        return paper_pdf(paper)
    if form == "ubl":
        from csdesk.documents.ubl import ubl

        return ubl(paper)
    raise Invalid(f"'{form}' is no form of a document; there are text, pdf and ubl.", field="as")


def statement(
    customer: Annotated[str, typer.Argument(help="The customer's code.", show_default=False)],
    form: Annotated[str, typer.Option("--as", help="text or pdf.")] = "text",
    as_of: Day = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Movements from this day; 30 days.", show_default=False),
    ] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Put it into the outbox for who is billed.")] = False,
    out: Out = None,
    db: Db = None,
    user: User = None,
) -> None:
    """Show, save or mail a statement of the account a customer is billed to, as of any day; who mails it is named."""
    from csdesk.services import outbox, papers_statement

    days = (as_of.date() if as_of else None, since.date() if since else None)
    if mail:
        with desk_of(user, db) as desk:
            found = desk.read_now(papers_statement.customer_of, customer)
            typer.echo(desk.write_now(outbox.post_statement, found, *days))
        return
    store = open_store(settings_from(db=db))
    try:
        customer_id = store.read_now(papers_statement.customer_of, customer)
        _give(_statement(store.read_now(papers_statement.statement, customer_id, *days), form), out)
    finally:
        store.close()


def _statement(made: Statement, form: str) -> bytes:
    from csdesk.errors import Invalid

    if form == "text":
        from csdesk.documents.text import statement_text

        return statement_text(made).encode()
    if form == "pdf":
        from csdesk.documents.pdf import statement_pdf

        return statement_pdf(made)
    raise Invalid(f"'{form}' is no form of a statement; there are text and pdf.", field="as")


def _give(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        from csdesk.errors import Refused

        raise Refused(f"{out} cannot be written: {error.strerror}.") from None
    typer.echo(f"written: {out} ({len(content):,} bytes)")


@company_app.command("set")
def company_set(
    field: Annotated[str, typer.Argument(help="vat_number, street, iban …; 'company show' lists them.")],
    value: Annotated[str, typer.Argument(help="The value; '' empties it.")],
    db: Db = None,
    user: User = None,
) -> None:
    """Set what documents say of the company, the account to be paid to among it."""
    from csdesk.services import particulars

    with desk_of(user, db) as store:
        typer.echo(store.write_now(particulars.set_company, field, value))


@company_app.command("show")
def company_show(db: Db = None) -> None:
    """Show what documents say of the company."""
    from csdesk.services import particulars

    store = open_store(settings_from(db=db))
    try:
        for name, value in store.read_now(particulars.company).items():
            typer.echo(f"{name:<16} {value}".rstrip())
    finally:
        store.close()


@customer_app.command("set")
def customer_set(
    code: Annotated[str, typer.Argument(help="The customer's code.")],
    field: Annotated[str, typer.Argument(help="email, vat_number, country, exempt_reason …")],
    value: Annotated[str, typer.Argument(help="The value; '' empties it.")],
    db: Db = None,
    user: User = None,
) -> None:
    """Set what documents say of a customer."""
    from csdesk.services import particulars

    with desk_of(user, db) as store:
        typer.echo(store.write_now(particulars.set_customer, code, field, value))
