"""Periods close in order, never on books that disagree, and open again only by a second pair of eyes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import OpenItem, Period
from csdesk.services import applying, approving, closing
from tests.services import papers
from tests.services.conftest import Desk
from tests.support.forge import forge
from tests.support.seed import TODAY

JANUARY, FEBRUARY = date(2026, 1, 10), date(2026, 2, 10)


@pytest.fixture
def year(desk: Desk) -> Desk:
    """The desk with the periods of its year."""
    desk.as_("fin2").write_now(closing.lay_out, 2026)
    return desk


def close(desk: Desk, day: date) -> None:
    desk.as_("fin2").write_now(closing.soft_close, day, "month end")
    desk.as_("fin2").write_now(closing.lock, day, "checked")


def states(desk: Desk, *months: int) -> list[str]:
    return [desk.row(Period, starts_on=date(2026, month, 1)).state for month in months]


def test_months_are_locked_one_after_the_other(year: Desk) -> None:
    close(year, JANUARY)
    close(year, FEBRUARY)
    assert states(year, 1, 2, 3) == ["locked", "locked", "open"]
    words = [(each.starts_on.month, each.state) for each in year.as_("fin2").read_now(closing.every)]
    assert words[:3] == [(1, "locked"), (2, "locked"), (3, "open")]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda d: d.write_now(closing.lay_out, 2026), "Periods of 2026 are there already"),
        (lambda d: d.write_now(closing.lock, JANUARY, "why"), "only a soft-closed one is locked"),
        (lambda d: d.write_now(closing.soft_close, JANUARY, " "), "Say why"),
        (lambda d: d.write_now(closing.soft_close, date(2031, 1, 1), "why"), "There is no period for 01 Jan 2031"),
        (lambda d: d.write_now(closing.ask_unlock, JANUARY, "why"), "The period of 10 Jan 2026 is open"),
    ],
)
def test_what_cannot_be_is_told(year: Desk, act, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((Conflict, Refused, Invalid, NotFound), match=words):
        act(year.as_("fin2"))
    assert set(states(year, 1, 2, 3)) == {"open"}


def test_february_waits_for_january(year: Desk) -> None:
    year.as_("fin2").write_now(closing.soft_close, FEBRUARY, "month end")
    with pytest.raises(Refused, match="The period from 01 Jan 2026 comes first"):
        year.as_("fin2").write_now(closing.lock, FEBRUARY, "checked")


def test_books_that_disagree_are_not_locked(year: Desk) -> None:
    year.as_("fin2").write_now(closing.soft_close, JANUARY, "month end")
    entry = "INSERT INTO ledger_entry (company, source, source_id, place, gl, posted_on, currency, amount) VALUES "
    forge(year.store, entry + "(1, 'bank', 1, 1, 'receivables', '2026-01-05', 'USD', 500)")
    with pytest.raises(Refused, match="find the difference of -500"):
        year.as_("fin2").write_now(closing.lock, JANUARY, "checked")
    forge(year.store, "DELETE FROM ledger_entry WHERE source = 'bank'")


def test_nothing_is_posted_into_a_locked_period(year: Desk) -> None:
    close(year, JANUARY)
    close(year, FEBRUARY)
    with pytest.raises(Refused, match="The period of 10 Feb 2026 is locked"):
        year.as_("cash1").write_now(applying.receive, 1, 500, FEBRUARY)
    assert year.as_("cash1").write_now(applying.receive, 1, 500, TODAY).words.startswith("Receipt 26000001")


def test_the_present_month_waits_for_what_is_approved(year: Desk) -> None:
    talk = year.talk()
    made = papers.ask(talk, papers.pieces(1, 1))
    papers.approve(year, made)
    close(year, JANUARY)
    close(year, FEBRUARY)
    year.as_("fin2").write_now(closing.soft_close, TODAY, "month end")
    with pytest.raises(Refused, match="1 documents of the period are not posted yet"):
        year.as_("fin2").write_now(closing.lock, TODAY, "checked")


def test_a_receipt_dated_into_a_soft_closed_month_is_refused(year: Desk) -> None:
    year.as_("fin2").write_now(closing.soft_close, FEBRUARY, "month end")
    with pytest.raises(Refused, match="is closing; only a supervisor posts there"):
        year.as_("cash1").write_now(applying.receive, 1, 500, FEBRUARY)


def test_a_controller_opens_a_period_again_never_its_maker(year: Desk) -> None:
    close(year, JANUARY)
    asked = year.as_("fin2").write_now(closing.ask_unlock, JANUARY, "an invoice was left out")
    assert "to be approved by controller" in asked
    (waiting,) = year.as_("ctrl1").read_now(_inbox())
    with pytest.raises(DeskError):
        year.as_("fin2").write_now(approving.approve, waiting.id)
    year.as_("ctrl1").write_now(approving.approve, waiting.id)
    year.clock.pass_by(minutes=2)
    assert papers.post_all(year) == ["The period 01 Jan to 31 Jan 2026 is soft closed."]
    assert states(year, 1) == ["soft_closed"]


def _inbox():  # type: ignore[no-untyped-def]
    from csdesk.services import inbox

    return inbox.waiting


def test_a_reversal_of_an_old_receipt_is_posted_today(year: Desk) -> None:
    from csdesk.services import reversing

    money = year.as_("cash1").write_now(applying.receive, 1, 500, FEBRUARY + timedelta(days=1)).id
    close(year, JANUARY)
    close(year, FEBRUARY)
    made = year.as_("cash1").write_now(reversing.receipt, money, "bounced")
    assert year.row(OpenItem, id=made.id).posted_on == TODAY
