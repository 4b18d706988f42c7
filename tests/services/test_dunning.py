"""Dunning: levels, what is left out, one notice an account and run, repeated, at once and killed without doubling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from csdesk.errors import Invalid, Refused
from csdesk.models import (
    AuditEntry,
    ContactEntry,
    CreditAccount,
    DunnedItem,
    DunningLevel,
    DunningNotice,
    DunningRun,
    Outbox,
)
from csdesk.services import applying, approving, disputing, dunning, dunning_levels, posting, proposing
from csdesk.services.dunning import NoticeView
from csdesk.services.tx import Tx, reads
from tests.services.conftest import Desk
from tests.services.late import debt, pay, promise, tick
from tests.services.papers import at_once
from tests.support.seed import TODAY

ROOT = Path(__file__).parents[2]


@reads()
def reached(tx: Tx, items: tuple[int, ...]) -> dict[int, int]:
    """The level of each item."""
    return {item: found.level for item, found in dunning_levels.reached(tx, items).items()}


def run(desk: Desk, interval: int = 7) -> tuple[NoticeView, ...]:
    """The run of today."""
    today, store = desk.clock().date(), desk.as_("coll1")
    return store.write_now(dunning.notify, today, store.read_now(dunning.waiting, today), interval)


def levels(desk: Desk, *items: int) -> list[int]:
    return [desk.store.read_now(reached, items).get(item, 0) for item in items]


def test_a_notice_names_what_is_late_and_leaves_by_the_outbox_and_the_log(desk: Desk) -> None:
    debt(desk, 9900, 40)
    debt(desk, 9901, 8, 2_500)
    debt(desk, 9902, 6, 700)
    (made,) = run(desk)
    assert (made.customer, made.level, made.channel, made.amount, made.items) == ("20417", 1, "mail", 12_500, 2)
    notice = desk.row(DunningNotice)
    assert (notice.id, notice.run_id, notice.amount, notice.made_at) == (
        made.id, desk.row(DunningRun).id, 12_500, desk.clock()
    )  # fmt: skip
    assert {row.item_id: (row.level, row.open) for row in desk.rows(DunnedItem)} == {
        9900: (1, 10_000), 9901: (1, 2_500)
    }  # fmt: skip
    told = desk.row(Outbox, kind="dunning-notice")
    assert f'"notice":{made.id}' in told.payload
    logged = desk.row(ContactEntry)
    assert (logged.subject, logged.subject_id, logged.channel) == ("notice", made.id, "mail")
    assert logged.words == "Reminder 1: 125.00 USD of 2 items past due"
    assert levels(desk, 9900, 9901, 9902) == [1, 1, 0]


def test_money_on_account_is_taken_off_what_is_asked_for(desk: Desk) -> None:
    debt(desk, 9900, 40)
    debt(desk, 9901, 8, 2_500)
    cash = desk.as_("cash1")
    cash.write_now(applying.receive, 1, 4_000, TODAY)
    (made,) = run(desk)
    assert (made.amount, made.items) == (8_500, 2)
    assert {row.item_id: row.open for row in desk.rows(DunnedItem)} == {9900: 6_000, 9901: 2_500}
    cash.write_now(applying.receive, 1, 8_500, TODAY)
    desk.clock.pass_by(days=8)
    assert run(desk) == (), "what is late is covered: nothing is asked for"


def test_the_same_day_again_adds_only_what_is_missing(desk: Desk) -> None:
    debt(desk, 9900, 40)
    assert len(run(desk)) == 1
    debt(desk, 9910, 40, customer_id=2, account_id=2)
    debt(desk, 9901, 30)
    assert [each.customer for each in run(desk)] == ["20418"]
    assert run(desk) == ()
    assert (len(desk.rows(DunningRun)), len(desk.rows(DunningNotice))) == (1, 2)


def test_levels_rise_one_a_run_and_not_before_the_interval(desk: Desk) -> None:
    item = debt(desk, 9900, 60)
    for days, level in ((0, 1), (6, 1), (1, 2), (7, 3), (7, 3)):
        desk.clock.pass_by(days=days)
        run(desk)
        assert levels(desk, item) == [level]
    assert [row.channel for row in desk.rows(DunningNotice)] == ["mail", "mail", "letter", "letter"]


def test_disputed_promised_paid_and_blocked_are_left_out(desk: Desk) -> None:
    promised, short, paid = debt(desk, 9900, 40), debt(desk, 9901, 40), debt(desk, 9902, 40)
    promise(desk, promised, "+9")
    pay(desk, short, 4_000)
    talk = desk.talk()
    talk.store.write_now(disputing.code, talk.call, 1, "d")
    pay(desk, paid, 10_000)
    assert run(desk) == ()
    debt(desk, 9903, 40)
    desk.change(CreditAccount, {"id": 1}, dunning_blocked_until=TODAY)
    assert run(desk) == ()
    desk.clock.pass_by(days=1)
    (made,) = run(desk)
    assert [row.item_id for row in desk.rows(DunnedItem, notice_id=made.id)] == [9903]


def test_fee_and_interest_stand_on_the_notice_and_are_not_posted(desk: Desk) -> None:
    desk.change(DunningLevel, {"level": 1}, fee=500, interest_percent=9)
    debt(desk, 9900, 40, 100_000)
    before = desk.account().open_debit
    (made,) = run(desk)
    assert (made.fee, made.interest) == (500, round(100_000 * 0.09 * 40 / 365))
    assert desk.account().open_debit == before


def test_a_level_has_its_minimum(desk: Desk) -> None:
    desk.change(DunningLevel, {"level": 1}, minimum=10_001)
    debt(desk, 9900, 40)
    assert run(desk) == ()


def test_a_broken_promise_raises_the_level_by_one(desk: Desk) -> None:
    item = debt(desk, 9900, 3)
    promise(desk, item)
    desk.clock.pass_by(days=4)
    tick(desk)
    assert levels(desk, item) == [1]
    (made,) = run(desk)
    assert (made.level, levels(desk, item)) == (1, [1])


def test_a_day_to_come_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="has not come yet"):
        desk.as_("coll1").write_now(dunning.notify, TODAY + timedelta(days=1), (1,))


def test_a_dry_run_shows_and_writes_nothing(desk: Desk) -> None:
    debt(desk, 9900, 40)
    (shown,) = desk.as_("coll1").read_now(dunning.preview, TODAY, (1,))
    assert (shown.amount, shown.id, desk.rows(DunningNotice), desk.rows(DunningRun)) == (10_000, 0, [], [])


def test_four_runs_at_once_make_each_notice_once(desk: Desk) -> None:
    debt(desk, 9900, 40)
    debt(desk, 9910, 40, customer_id=2, account_id=2)
    found = at_once(*(lambda: run(desk) for _ in range(4)))
    assert sorted(each.customer for made in found for each in made) == ["20417", "20418"]
    assert len(desk.rows(Outbox, kind="dunning-notice")) == len(desk.rows(DunningNotice)) == 2


def _start(url: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "csdesk", "dunning", "run", "--db", url]
    return subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "CSDESK_USER": "coll1"}, stdout=subprocess.PIPE
    )


def test_two_processes_one_of_them_killed_double_nothing(desk: Desk, database_url: str) -> None:
    """By the machine's own clock: the debts are old on any day after the seeded one."""
    for n in range(12):
        desk.put(CreditAccount, {"id": 100 + n, "currency": "USD"})
        _customer(desk, 100 + n)
        debt(desk, 9900 + n, 40, customer_id=100 + n, account_id=100 + n)
    first, second = _start(database_url), _start(database_url)
    first.send_signal(signal.SIGKILL)
    for process in (first, second, _start(database_url)):
        process.communicate(timeout=120)
    notices = desk.rows(DunningNotice)
    assert sorted(row.account_id for row in notices if row.account_id >= 100) == list(range(100, 112))
    assert len({row.account_id for row in notices}) == len(notices) == len(desk.rows(Outbox, kind="dunning-notice"))
    assert len(desk.rows(AuditEntry, verb="dunning.notify")) == len(notices)


def _customer(desk: Desk, id: int) -> None:
    from csdesk.models import Customer

    desk.put(Customer, {"id": id, "code": f"C{id}", "name": f"Debtor {id}", "account_id": id, "terms": "NET30",
                        "currency": "USD"})  # fmt: skip


def _block(desk: Desk, until: date, login: str = "coll1") -> Any:
    return desk.as_(login).write_now(proposing.block, 1, until, "paying by instalments")


def test_a_block_is_asked_for_approved_and_posted(desk: Desk) -> None:
    until = TODAY + timedelta(days=20)
    made = _block(desk, until)
    with pytest.raises(Refused):
        desk.as_("coll1").write_now(approving.approve, made.id)
    desk.as_("mgr1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    said = desk.store.write_now(posting.post, made.id)
    assert said == f"Request {made.number}: dunning blocked until is 2026-03-23 now."
    account = desk.account()
    assert (account.dunning_blocked_until, account.version) == (until, 2)
    with pytest.raises(Invalid, match="at most 90 days"):
        _block(desk, TODAY + timedelta(days=91))


def test_levels_are_data_that_must_follow_each_other(desk: Desk) -> None:
    collector = desk.as_("coll1")
    collector.write_now(dunning.set_level, 4, days=60, channel="call")
    collector.write_now(dunning.set_level, 1, fee=250)
    rows = {row.level: (row.days_late, row.channel, row.fee) for row in desk.rows(DunningLevel)}
    assert (rows[1], rows[4]) == ((7, "mail", 250), (60, "call", 0))
    for level, more in ((2, {"days": 7}), (6, {"days": 90}), (5, {}), (1, {"channel": "pigeon"})):
        with pytest.raises(Invalid):
            collector.write_now(dunning.set_level, level, **more)
    assert len(desk.rows(DunningLevel)) == 4
