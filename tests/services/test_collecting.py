"""The work list with its reasons, the contact log, limits and terms, forecast, provision, debts to write off."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    Callback,
    CreditAccount,
    Customer,
    DunningLevel,
    LedgerEntry,
    Terms,
)
from csdesk.services import (
    approving,
    collecting,
    disputing,
    dunning,
    forecasting,
    limit_review,
    posting,
    proposing,
    provisioning,
    queue,
    reports,
    unidentified,
)
from csdesk.services.collecting import WorkRow
from tests.services.conftest import Desk
from tests.services.late import debt, pay, promise, tick
from tests.services.papers import ask, pieces
from tests.support.seed import TODAY

REPORTS = ("collections", "dunning", "dunning-levels", "promises", "held-orders", "credit-use", "cash-forecast",
           "cash-items", "provision", "write-off-proposals")  # fmt: skip


def worklist(desk: Desk) -> list[WorkRow]:
    return list(desk.as_("coll1").read_now(collecting.worklist))


def test_accounts_are_ranked_by_what_is_at_risk_with_the_reasons(desk: Desk) -> None:
    debt(desk, 9900, 31, 10_000)
    debt(desk, 9910, 100, 8_000, customer_id=2, account_id=2)
    debt(desk, 9920, 5, 1_000, customer_id=5, account_id=5)
    found = worklist(desk)
    assert [(row.customer, row.overdue, row.at_risk) for row in found] == [
        ("20418", 8_000, 8_000), ("20417", 10_000, 5_000), ("40222", 1_000, 250)
    ]  # fmt: skip
    assert found[1].reasons == ("31 days late", "no contact yet")
    desk.as_("coll1").write_now(collecting.log_contact, 2, "call", "pays on Friday")
    assert worklist(desk)[0].reasons == ("100 days late",)


def test_broken_promises_come_up_in_full_promised_and_disputed_items_stay_out(desk: Desk) -> None:
    broken, promised, short = debt(desk, 9900, 10, 4_000), debt(desk, 9901, 10, 5_000), debt(desk, 9902, 10, 6_000)
    promise(desk, broken)
    desk.clock.pass_by(days=4)
    tick(desk)
    promise(desk, promised, "+5")
    pay(desk, short, 1_000)
    talk = desk.talk()
    talk.store.write_now(disputing.code, talk.call, 1, "d")
    (row,) = worklist(desk)
    assert row.overdue == 4_000
    assert row.reasons[0] == "a broken promise (40.00)"
    assert row.at_risk >= 4_000


def test_a_blocked_account_is_left_alone(desk: Desk) -> None:
    debt(desk, 9900, 31)
    desk.change(CreditAccount, {"id": 1}, dunning_blocked_until=TODAY)
    assert worklist(desk) == []


def test_the_contact_log_wants_a_channel_and_words(desk: Desk) -> None:
    collector = desk.as_("coll1")
    for words, error in ((("pigeon", "coo"), Invalid), (("call", " "), Invalid)):
        with pytest.raises(error):
            collector.write_now(collecting.log_contact, 1, *words)
    with pytest.raises(NotFound):
        collector.write_now(collecting.log_contact, 999, "call", "hello")
    collector.write_now(collecting.log_contact, 1, "call", "will pay")
    (only,) = collector.read_now(collecting.contacts, 1)
    assert (only.by, only.channel, only.words) == ("coll1", "call", "will pay")


def _decide(desk: Desk, request_id: int, login: str = "mgr1") -> str:
    desk.as_(login).write_now(approving.approve, request_id)
    desk.clock.pass_by(minutes=2)
    return desk.store.write_now(posting.post, request_id)


def test_a_limit_is_proposed_with_facts_approved_and_changed(desk: Desk) -> None:
    debt(desk, 9900, 31)
    made = desk.as_("coll1").write_now(proposing.limit, 1, 3_000_000, "grows, pays well")
    assert made.words == (
        f"Request {made.number}: limit of 20417 Harbour View Deli 20000.00 -> 30000.00, to be approved by manager."
    )
    row = desk.row(ApprovalRequest, id=made.id)
    with desk.store.engine.connect() as connection:
        from csdesk.services.tx import SYSTEM, Tx

        facts = proposing.facts(Tx(connection, 1, SYSTEM, desk.clock()), row)
    assert facts[0] == "credit limit: 20000.00 -> 30000.00"
    assert "31-60 100.00" in facts[2]
    with pytest.raises(Refused):
        desk.as_("coll1").write_now(approving.approve, made.id)
    assert _decide(desk, made.id) == f"Request {made.number}: credit limit is 30000.00 now."
    assert (desk.account().credit_limit, desk.account().version) == (3_000_000, 2)
    with pytest.raises(Refused, match="already"):
        desk.as_("coll1").write_now(proposing.limit, 1, 3_000_000, "again")


def test_terms_are_proposed_and_a_change_in_between_sends_them_back(desk: Desk) -> None:
    desk.put(Terms, {"code": "NET7", "name": "7 days net", "net_days": 7})
    collector = desk.as_("coll1")
    with pytest.raises(NotFound):
        collector.write_now(proposing.terms, 1, "NET99", "why not")
    made = collector.write_now(proposing.terms, 1, "NET7", "pays late")
    assert _decide(desk, made.id).endswith("terms is NET7 now.")
    assert desk.row(Customer, id=1).terms == "NET7"
    again = collector.write_now(proposing.terms, 1, "NET30", "pays well again")
    desk.change(Customer, {"id": 1}, terms="NET30")
    with pytest.raises(Refused, match="changed since"):
        desk.as_("mgr1").write_now(approving.approve, again.id)


def test_the_review_suggests_with_evidence(desk: Desk) -> None:
    pay(desk, debt(desk, 9900, 0, 50_000), 50_000)
    account = desk.account()
    desk.change(CreditAccount, {"id": 1}, credit_limit=account.orders + account.open_debit + 10)
    (found,) = desk.as_("coll1").read_now(limit_review.review)
    assert (found.customer, found.reason) == ("20417", "much used, pays on time")
    assert found.limit < found.proposed <= found.limit * 13 // 10
    assert any("pays 0.0 days after due" in words for words in found.evidence)


def test_the_forecast_takes_promises_then_due_days_and_habits(desk: Desk) -> None:
    pay(desk, debt(desk, 9900, 10, 2_000), 2_000)  # ten days late
    promised, plain = debt(desk, 9901, 1, 3_000), debt(desk, 9902, -20, 4_000)
    promise(desk, promised, "+2")
    found = desk.lead.read_now(forecasting.expected, TODAY, "USD")
    rows = {each.id: (each.on, each.amount, each.basis) for each in found.rows}
    assert rows[str(promised)] == (TODAY + timedelta(days=2), 3_000, "promise")
    assert rows[str(plain)] == (TODAY + timedelta(days=30), 4_000, "due")
    assert found.total == desk.account().open_debit - desk.account().open_credit


def test_the_provision_is_proposed_by_band_and_books_the_difference(desk: Desk) -> None:
    debt(desk, 9900, 31, 10_000)
    debt(desk, 9901, 100, 20_000)
    ask(desk.talk(), pieces(1, 2))  # 39.74 are expected to be credited of the item that is not due
    rates = ("1", "2", "5", "10", "50")
    view = desk.lead.read_now(provisioning.computed, TODAY, rates, {"F-9900": "20"})
    not_due = desk.row(CreditAccount, id=1).open_debit - 30_000
    assert (view.bands[0].gross, view.bands[0].expected_credit) == (not_due, 3_974)
    assert view.total == round((not_due - 3_974) / 100) + 20_000 // 2 + 2_000
    collector = desk.as_("coll1")
    made = collector.write_now(provisioning.propose, TODAY, rates, {"F-9900": "20"})
    with pytest.raises(Refused, match="waits still"):
        collector.write_now(provisioning.propose, TODAY, rates)
    assert "allowance for expected losses" in _decide(desk, made.id, "fin2").lower()
    booked = {row.gl: row.amount for row in desk.rows(LedgerEntry, source="provision")}
    assert booked == {"impairment": view.total, "allowance": -view.total}
    with pytest.raises(Refused, match="nothing to book"):
        collector.write_now(provisioning.propose, TODAY, rates, {"F-9900": "20"})
    less = collector.write_now(provisioning.propose, TODAY, ("0", "0", "0", "0", "0"), None, "all insured")
    assert desk.row(ApprovalRequest, id=less.id).amount == view.total


def test_only_what_is_hopeless_is_to_be_written_off(desk: Desk) -> None:
    debt(desk, 9900, 200)
    disputed = debt(desk, 9901, 200)
    promise(desk, disputed, "+9")
    debt(desk, 9902, 5, 90)
    assert desk.lead.read_now(provisioning.hopeless, TODAY) == ()
    found = desk.lead.read_now(provisioning.hopeless, TODAY, 180, 100)
    assert [(each.number, each.reason) for each in found] == [("F-9902", "small balance")]


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_can_be_made_of_a_desk_with_debts(desk: Desk, name: str) -> None:
    promise(desk, debt(desk, 9900, 31))
    desk.clock.pass_by(days=4)
    tick(desk)
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    desk.talk().order(("7007", 1))
    made = desk.lead.read_now(reports.run, name, desk.clock().date())
    assert all(len(row) == len(made.columns) for row in made.rows)
    if name == "promises":
        assert made.total == ("kept %", "USD", None, None, Decimal("0.0"))


def test_the_queue_shows_each_what_is_his(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    promise(desk, item, "+2", "9")
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    desk.talk().order(("7007", 1))
    desk.as_("cash1").write_now(unidentified.take_in, 900, TODAY, "SOMEBODY")
    desk.clock.pass_by(days=4)
    tick(desk)

    def kinds(login: str) -> list[str]:
        return [each.kind for each in desk.as_(login).read_now(queue.entries)]

    assert (kinds("rep7"), kinds("lead3")) == (["callback", "promise"], ["held"])
    assert (kinds("coll1"), kinds("cash1"), kinds("dock1")) == (["promise"], ["cash"], [])
    call = desk.row(Callback)
    with pytest.raises(Invalid):
        desk.rep.write_now(queue.missed, call.id, " ")
    desk.rep.write_now(queue.missed, call.id, "engaged")
    assert kinds("rep7") == ["callback", "promise"]
    assert desk.rep.read_now(queue.callback, call.id).last.endswith("engaged")
    desk.rep.write_now(queue.called, call.id)
    assert kinds("rep7") == ["promise"]
    assert "already" in desk.rep.write_now(queue.called, call.id)


def test_a_contact_of_long_ago_is_no_contact(desk: Desk) -> None:
    debt(desk, 9900, 31)
    desk.as_("coll1").write_now(collecting.log_contact, 1, "mail", "reminded")
    desk.clock.pass_by(days=20)
    assert worklist(desk)[0].reasons[-1] == "no contact since 03 Mar"
    assert worklist(desk)[0].contact_on == date(2026, 3, 3)


def yen(desk: Desk) -> int:
    """A debt of a million yen, 100 days late."""
    desk.change(CreditAccount, {"id": 2}, currency="JPY", credit_limit=500_000)
    return debt(desk, 9910, 100, 1_000_000, customer_id=2, account_id=2, currency="JPY")


def test_reports_keep_currencies_apart_in_their_own_decimals(desk: Desk) -> None:
    debt(desk, 9900, 31, 10_000)
    yen(desk)

    def rows(name: str) -> list[tuple[object, ...]]:
        made = desk.lead.read_now(reports.run, name, TODAY)
        assert all(len(row) == len(made.columns) for row in made.rows)
        return [*made.rows, made.total]

    found = rows("collections")
    assert [row[:6] for row in found if row] == [
        (1, "20417", "Harbour View Deli", "USD", Decimal("100.00"), Decimal("50.00")),
        (1, "20418", found[1][2], "JPY", Decimal(1_000_000), Decimal(1_000_000)),
        ("all", None, None, "JPY", Decimal(1_000_000), Decimal(1_000_000)),
        ("all", None, None, "USD", Decimal("100.00"), Decimal("50.00")),
    ]
    use = {row[0]: row[1:4] for row in rows("credit-use") if row}
    assert use["20418"] == ("JPY", Decimal(500_000), Decimal(1_000_000))
    bands = {row[:2]: row[2] for row in rows("provision")}
    assert (bands["over 90", "JPY"], bands["31-60", "USD"]) == (Decimal(1_000_000), Decimal("100.00"))


def test_each_currency_has_its_own_provision_and_none_is_left_out_without_a_word(desk: Desk) -> None:
    yen(desk)
    collector = desk.as_("coll1")
    assert collector.read_now(provisioning.computed, TODAY).apart == (("JPY", 1_000_000),)
    made = collector.write_now(provisioning.propose, TODAY)
    assert made.words.endswith("Not in it: 1000000 JPY; propose each currency by itself.")
    view = desk.lead.read_now(provisioning.computed, TODAY, currency="JPY")
    assert (view.total, [code for code, _ in view.apart]) == (106_000, ["USD"])


def test_lists_of_a_past_day_are_as_it_was(desk: Desk) -> None:
    late, kept = debt(desk, 9900, 31, 10_000), debt(desk, 9901, 20, 5_000)
    day = desk.clock().date()
    lead, collector = desk.lead, desk.as_("coll1")
    promise(desk, kept, "+2")
    ask(desk.talk(), pieces(1, 2))
    before = (
        collector.read_now(collecting.worklist, day), lead.read_now(forecasting.expected, day, "USD"),
        lead.read_now(provisioning.computed, day), lead.read_now(provisioning.hopeless, day, 5, 100_000),
        lead.read_now(reports.run, "promises", day),
    )  # fmt: skip
    assert before[0][0].overdue == 10_000
    assert before[2].bands[0].expected_credit == 3_974
    desk.clock.pass_by(days=4)
    tick(desk)
    pay(desk, late, 4_000)
    talk = desk.talk()
    talk.store.write_now(disputing.code, talk.call, 1, "d")
    collector.write_now(collecting.log_contact, 1, "call", "pays on Friday")
    desk.as_("lead3").write_now(approving.reject, desk.row(ApprovalRequest).id, "no")
    assert before == (
        collector.read_now(collecting.worklist, day), lead.read_now(forecasting.expected, day, "USD"),
        lead.read_now(provisioning.computed, day), lead.read_now(provisioning.hopeless, day, 5, 100_000),
        lead.read_now(reports.run, "promises", day),
    )  # fmt: skip
    assert collector.read_now(collecting.worklist)[0].overdue == 5_000, "today the promise is broken, the rest disputed"


def test_a_debt_is_hopeless_by_the_levels_of_its_own_procedure(desk: Desk) -> None:
    desk.put(DunningLevel, {"procedure": "short", "level": 1, "days_late": 1})
    desk.change(CreditAccount, {"id": 1}, dunning_procedure="short")
    debt(desk, 9900, 200)
    collector = desk.as_("coll1")
    collector.write_now(dunning.notify, TODAY, (1,))
    (found,) = desk.lead.read_now(provisioning.hopeless, TODAY)
    assert found.reason == "200 days past due and dunned to level 1"


def test_who_keeps_no_promises_is_proposed_downwards_whatever_is_used(desk: Desk) -> None:
    item = debt(desk, 9900, 10, 10_000)
    account = desk.account()
    used = account.orders + account.delivered + account.billed + account.open_debit - account.open_credit
    desk.change(CreditAccount, {"id": 1}, credit_limit=2 * used)
    promise(desk, item)
    desk.clock.pass_by(days=4)
    tick(desk)
    (found,) = desk.as_("coll1").read_now(limit_review.review)
    assert (found.reason, found.proposed < found.limit) == ("pays late or keeps no promises", True)
