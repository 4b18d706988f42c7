"""The sample's papers: invoices and credit notes keep every published rule, and the commands give them out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from csdesk import cli
from csdesk.documents.ubl import ubl
from csdesk.models import Document, table
from csdesk.sample import copy
from csdesk.sample.build import TODAY
from csdesk.sample.site import moment
from csdesk.services import papers, particulars
from csdesk.store import Store
from tests.documents.rules import broken

DOCUMENT = table(Document)
Run = Callable[..., tuple[int, bytes, str]]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample that all tests here read."""
    path = tmp_path_factory.mktemp("sample") / "desk.db"
    shutil.copyfile(copy.place(), path)
    return path


@pytest.fixture
def sample(file: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{file}", clock=lambda: moment(TODAY, "9:05"))
    yield store
    store.close()


@pytest.fixture
def csdesk(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], file: Path) -> Run:
    """Runs the command line in this process."""

    def run(*words: str, user: str = "admin1") -> tuple[int, bytes, str]:
        monkeypatch.setenv("CSDESK_USER", user)
        monkeypatch.setattr("sys.argv", ["csdesk", *words, "--db", str(file)])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), out, err.decode()

    return run


def ids(store: Store, kind: str, every: int) -> list[int]:
    statement = select(DOCUMENT.c.id).where(DOCUMENT.c.kind == kind).order_by(DOCUMENT.c.id)
    with store.engine.connect() as connection:
        return list(connection.execute(statement).scalars())[::every]


@pytest.mark.parametrize(("kind", "every"), [("invoice", 12), ("credit_note", 1)])
def test_the_papers_of_the_sample_keep_every_published_rule(sample: Store, kind: str, every: int) -> None:
    found = ids(sample, kind, every)
    assert len(found) > 10
    for each in found:
        made = sample.read_now(papers.document, each)
        assert broken(ubl(made)) == [], made.number


def test_a_document_as_text_pdf_and_ubl(csdesk: Run, sample: Store, tmp_path: Path) -> None:
    number = sample.read_now(papers.document, ids(sample, "invoice", 1)[-1]).number
    code, out, _ = csdesk("document", number, "--kind", "invoice")
    assert (code, f"INVOICE {number}".encode() in out) == (0, True)
    code, out, _ = csdesk("document", number, "--kind", "invoice", "--as", "ubl")
    assert broken(out) == []
    code, out, _ = csdesk("document", number, "--kind", "invoice", "--as", "pdf", "--out", str(tmp_path / "a.pdf"))
    assert (code, (tmp_path / "a.pdf").read_bytes()[:5]) == (0, b"%PDF-")
    assert out.startswith(b"written: ")


def test_a_statement_on_the_command_line(csdesk: Run, tmp_path: Path) -> None:
    code, out, _ = csdesk("statement", "20417", "--as-of", f"{TODAY}", "--from", "2026-05-01")
    assert (code, b"STATEMENT OF ACCOUNT AS OF" in out) == (0, True)
    code, out, _ = csdesk("statement", "20417", "--as", "pdf")
    assert (code, out[:5]) == (0, b"%PDF-")


def test_what_is_wrong_is_one_sentence(csdesk: Run, tmp_path: Path) -> None:
    for words, says in (
        (("document", "nothing"), "There is no document nothing"),
        (("statement", "nobody"), "There is no customer nobody"),
        (("statement", "20417", "--as", "ubl"), "there are text and pdf"),
        (("statement", "20417", "--out", str(tmp_path / "no" / "where")), "cannot be written"),
        (("outbox", "list", "--state", "lost"), "'lost' is no state"),
        (("outbox", "again", "1"), "There is nothing numbered 1 in the outbox"),
        (("company", "set", "vat_number", "1"), "begins with the two letters"),
        (("customer", "set", "nobody", "email", "a@b.example"), "There is no customer nobody"),
    ):
        code, _, err = csdesk(*words)
        assert code == 1, words
        assert says in err
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("company", "set", "iban", "DE89370400440532013000"), ("customer", "set", "20417", "email", "x@y.example"),
        ("outbox", "again", "1"), ("outbox", "again", "--all-parked"), ("dunning", "run"),
    ],
)  # fmt: skip
def test_nobody_does_these_as_the_system(csdesk: Run, sample: Store, words: tuple[str, ...]) -> None:
    """Whoever can open the database is still somebody, with the duties he has."""
    before = sample.read_now(particulars.company)
    code, _, said = csdesk(*words, user="rep7")
    assert (code, "may not do this: it needs the duty" in said) == (1, True), said
    assert "Nobody has the login 'stranger'" in csdesk(*words, user="stranger")[2]
    assert "Nobody has the login 'stranger'" in csdesk("statement", "20418", "--mail", user="stranger")[2]
    assert sample.read_now(particulars.company) == before


def test_the_outbox_and_the_particulars_on_the_command_line(csdesk: Run) -> None:
    assert csdesk("customer", "set", "20417", "email", "jo@deli.example")[0] == 0
    assert csdesk("company", "set", "phone", "+1 506 555 0199")[0] == 0
    assert b"+1 506 555 0199" in csdesk("company", "show")[1]
    assert b"waits in the outbox" in csdesk("statement", "20418", "--mail")[1]
    assert b"waiting   statement" in csdesk("outbox", "list")[1]
    assert b"Nothing is parked." in csdesk("outbox", "list", "--state", "parked")[1]
    assert csdesk("tick")[0] == 0
