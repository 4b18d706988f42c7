"""The commands of collections, credit, dunning and provision as they are typed: what they print and leave."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from csdesk import cli
from csdesk.models import ApprovalRequest, ContactEntry, CreditAccount, SalesOrder
from csdesk.services import customers
from csdesk.services.tx import utc_now
from tests.services.conftest import Desk
from tests.services.late import debt

Run = Callable[..., str]


@pytest.fixture
def csdesk(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], database_url: str) -> Run:
    """Runs the command line in this process; gives what it printed."""

    def run(login: str, *words: str) -> str:
        monkeypatch.setattr("sys.argv", ["csdesk", *words, "--db", database_url])
        monkeypatch.setenv("CSDESK_USER", login)
        capfd.readouterr()
        with pytest.raises(SystemExit):
            cli.main()
        told = capfd.readouterr()
        return told.out + told.err

    return run


def test_each_says_what_it_did(desk: Desk, csdesk: Run) -> None:
    debt(desk, 9900, 40)
    assert "20417" in csdesk("coll1", "collections")
    assert csdesk("coll1", "collections", "note", "20417", "call", "pays Friday") == (
        "Noted in the contact log: pays Friday\n"
    )
    assert desk.row(ContactEntry).words == "pays Friday"
    assert "30000.00, to be approved by manager." in csdesk(
        "coll1", "credit", "propose-limit", "20417", "30000", "--why", "grows"
    )
    for typed in ("10.000", "10,000", "1_000", "1e3"):
        said = csdesk("coll1", "credit", "propose-limit", "20417", typed, "--why", "grows")
        assert "may mean 10000" in said or "is no amount" in said
    assert "may mean 1000" in csdesk("coll1", "dunning", "level", "1", "--fee", "1.000")
    here = ZoneInfo(desk.store.read_now(customers.company_zone))
    until = utc_now().astimezone(here).date().isoformat()  # in UTC it may be tomorrow
    assert "no reminders to 20417" in csdesk(
        "coll1", "dunning", "block", "20417", "--until", until, "--why", "instalments"
    )
    assert "nothing to book" not in csdesk("coll1", "provision", "propose", "--as-of", until)
    assert {row.kind for row in desk.rows(ApprovalRequest)} == {"credit_limit", "dunning_block", "provision"}
    assert "this needs" not in csdesk("coll1", "credit", "review")
    assert csdesk("rep7", "collections").startswith("Robin Penn may not do this")
    assert "would go on" in csdesk("coll1", "dunning", "run", "--dry")
    assert csdesk("coll1", "dunning", "level", "1", "--fee", "2.50") == "Level 1 of the usual procedure is set.\n"
    assert "is no day; type it as" in csdesk("coll1", "dunning", "run", "--on", "tomorrow")
    assert csdesk("coll1", "collections", "propose-write-offs", "--dry") == "Nothing is to be written off.\n"


def test_a_held_order_is_listed_and_released(desk: Desk, csdesk: Run) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    order = desk.talk().order(("7007", 1))
    assert csdesk("lead3", "credit", "held").startswith(f"{order.number}  18.09 USD  20417 Harbour View Deli")
    assert csdesk("lead3", "credit", "release", order.number) == f"Order {order.number} released: 18.09 USD.\n"
    assert desk.row(SalesOrder, id=order.id).status != "held"
    assert csdesk("lead3", "credit", "held") == "No order is held.\n"
