"""Segregation of duties: at grant, at request, at approval and per object; the review; emergencies; overrides."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import (
    AcceptedConflict,
    Allocation,
    ApprovalRequest,
    AuditEntry,
    BreakGlass,
    CreditAccount,
    Customer,
    DutyConflict,
    OpenItem,
    Person,
    RuleOverride,
    StaffRole,
    table,
)
from csdesk.services import (
    access_review,
    approving,
    deductions,
    emergency,
    founding,
    granting,
    inbox,
    overriding,
    separating,
)
from csdesk.services.separating import About
from tests.services.conftest import Desk
from tests.services.papers import ask, decide, pieces, post_all
from tests.services.talk import Talk
from tests.services.test_disputing import FACE, books, pay, raised


def test_a_grant_that_would_join_what_must_be_apart_is_refused_until_a_control_is_accepted(desk: Desk) -> None:
    admin, manager = desk.as_("admin1"), desk.as_("mgr1")
    with pytest.raises(Refused, match=r"'order.enter' and 'cash.apply' held by one person: Payments could be diverted"):
        admin.write_now(granting.grant, "rep7", "cashier")
    assert [row.role for row in desk.rows(StaffRole, staff_id=1)] == ["rep"]
    for duty in ("order.enter", "credit.request"):
        with pytest.raises(NotFound, match=r"do not conflict"):
            manager.write_now(granting.accept, "rep7", "customer.read", duty, "x")
    with pytest.raises(Invalid, match=r"Name the control"):
        manager.write_now(granting.accept, "rep7", "cash.apply", "order.enter", " ")
    with pytest.raises(Refused, match=r"conflict.accept"):
        admin.write_now(granting.accept, "rep7", "cash.apply", "order.enter", "weekly look by finance")
    manager.write_now(granting.accept, "rep7", "cash.apply", "order.enter", "weekly look by finance")
    manager.write_now(granting.accept, "rep7", "cash.apply", "order.enter", "daily look by finance")
    assert desk.row(AcceptedConflict).control == "daily look by finance"
    first, *warned = admin.write_now(granting.grant, "rep7", "cashier")
    assert first.startswith("rep7 may work as cashier too")
    assert any("Control: daily look by finance" in words for words in warned)
    with pytest.raises(Conflict, match=r"rep7 is cashier already"):
        admin.write_now(granting.grant, "rep7", "cashier")
    admin.write_now(granting.revoke, "rep7", "cashier")
    with pytest.raises(NotFound, match=r"rep7 is no cashier; rep7 is rep"):
        admin.write_now(granting.revoke, "rep7", "cashier")


def test_persons_count_not_logins_and_nobody_gives_himself_a_role(desk: Desk) -> None:
    admin = desk.as_("admin1")
    with pytest.raises(Refused, match=r"'order.enter' and 'cash.apply'"):
        admin.write_now(founding.add_staff, "rep7b", "", "cashier", "", "rep7")
    with pytest.raises(Refused, match=r"Nobody gives himself a role"):
        admin.write_now(granting.grant, "admin1", "auditor")
    words = admin.write_now(founding.add_staff, "lead9", "Ann", "lead")
    assert "warn: 'credit.request' and 'credit.approve' held by one person" in words


def test_a_company_may_change_its_conflicts(desk: Desk) -> None:
    desk.as_("admin1").write_now(founding.add_staff, "new1", "Ann", "rep")
    assert len(desk.rows(DutyConflict)) > 60
    same = update(table(DutyConflict)).where(table(DutyConflict).c.duty_a == "order.enter")
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(same.where(table(DutyConflict).c.duty_b == "cash.apply").values(level=""))
    desk.as_("admin1").write_now(granting.grant, "new1", "cashier")


def applied(desk: Desk, by: int) -> None:
    """Money a login set against the invoice."""
    today = desk.clock().date()
    desk.put(OpenItem, {"id": 55, "account_id": 1, "customer_id": 1, "source": "receipt", "source_id": 5,
                        "number": "R5", "kind": "receipt", "posted_on": today, "due_on": today,
                        "currency": "USD", "face": -100, "open": 0})  # fmt: skip
    desk.put(Allocation, {"id": 56, "debit_item_id": 9301, "credit_item_id": 55, "amount": 100, "made_by": by,
                          "applied_on": desk.clock().date()})  # fmt: skip
    desk.change(OpenItem, {"id": 9301}, open=35_428)
    desk.change(CreditAccount, {"id": 1}, open_debit=35_428)


def test_whoever_took_the_payment_neither_asks_nor_approves_a_credit_on_the_same_order(desk: Desk) -> None:
    applied(desk, by=desk.seeded.staff["lead3"])
    with pytest.raises(
        Refused, match=r"Somebody else must do this: 'cash.apply' and 'credit.request' used on the same"
    ):
        ask(desk.talk(login="lead3"), pieces(1, 1))
    made = ask(desk.talk(), pieces(1, 1))
    with pytest.raises(Refused, match=r"'cash.apply' and 'credit.approve' used on the same order"):
        decide(desk.lead, made)
    assert "'cash.apply' and 'credit.approve'" in desk.lead.read_now(inbox.request, made.id).head.barred
    assert decide(desk.as_("boss1"), made).state == "approved"


def test_a_warning_stands_among_the_facts_of_the_request(desk: Desk, talk: Talk) -> None:
    applied(desk, by=desk.seeded.staff["rep7"])
    with desk.store.engine.begin() as connection:
        tx = separating.Tx(connection, 1, desk.rep.actor, desk.clock())
        (found,) = separating.met(tx, "credit.request", 1, About(9002, 1, 1))
    assert (found.level, found.where) == ("warn", "customer")


def test_the_review_names_who_holds_what_every_conflict_and_what_was_lent(desk: Desk, tmp_path: Path) -> None:
    found = desk.as_("audit1").read_now(access_review.review)
    lead = [each for each in found if each.what == "conflict" and each.logins == "lead3"]
    assert {(each.duty, each.other, each.level) for each in lead} >= {("credit.request", "credit.approve", "warn")}
    assert [each for each in found if each.what == "conflict" and each.level == "block"] == []
    held = {(each.logins, each.roles, each.duty) for each in found if each.what == "holding"}
    assert ("cash1", "cashier", "cash.apply") in held
    desk.change(Person, {"id": 1}, name="=cmd()")
    out = tmp_path / "review.csv"
    url = desk.store.engine.url.render_as_string(hide_password=False)
    done = CliRunner().invoke(app, ["staff", "review", "--csv", str(out), "--db", url, "--user", "audit1"])
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == len(found)
    assert "'=cmd()" in {row["person"] for row in rows}
    with pytest.raises(Refused, match=r"review.read"):
        desk.rep.read_now(access_review.review)


def test_an_emergency_lends_a_duty_for_hours_loudly_and_is_reviewed_by_another(desk: Desk) -> None:
    for duty in ("credit.approve", "staff.admin", "delegation.approve", "conflict.accept", "import.run"):
        with pytest.raises(Refused, match=r"is never lent"):
            desk.rep.write_now(emergency.take, duty, 2, "nobody is here")
    with pytest.raises(Refused, match=r"holds the duty 'order.enter' already"):
        desk.rep.write_now(emergency.take, "order.enter", 2, "nobody is here")
    with pytest.raises(Invalid, match=r"Say in a few words"):
        desk.rep.write_now(emergency.take, "order.release", 2, "")
    assert desk.rep.write_now(emergency.take, "db.care", 2, "disk is filling").startswith("ALARM: rep7 holds 'db.care'")
    entry = desk.row(AuditEntry, verb="emergency.take")
    assert (entry.subject, "disk is filling" in entry.after) == ("alarm", True)
    lent = desk.as_("rep7")
    assert "db.care" in lent.actor.duties
    (shown,) = [each for each in desk.as_("audit1").read_now(access_review.review) if each.what == "emergency"]
    assert (shown.logins, shown.duty, shown.control) == ("rep7", "db.care", "")
    desk.clock.pass_by(hours=3)
    assert "db.care" not in desk.as_("rep7").actor.duties
    with pytest.raises(Refused, match=r"for an emergency only, and that time is over"):
        _needs(lent, "db.care")
    glass = desk.row(BreakGlass)
    with pytest.raises(Refused, match=r"Nobody reviews his own emergency"):
        desk.store.write_now(emergency.review, glass.id, "fine")
    desk.as_("audit1").write_now(emergency.review, glass.id, "log files were removed, nothing else")
    assert [each for each in desk.as_("audit1").read_now(access_review.review) if each.what == "emergency"] == []
    with pytest.raises(Refused, match=r"was reviewed already"):
        desk.as_("mgr1").write_now(emergency.review, glass.id, "fine")


def _needs(store, duty: str) -> None:  # type: ignore[no-untyped-def]
    with store.engine.connect() as connection:
        separating.Tx(connection, 1, store.actor, store.clock()).need(duty)


def test_an_override_lets_one_order_through_and_no_second_one(desk: Desk) -> None:
    desk.change(Customer, {"id": 2}, on_hold=True)
    with pytest.raises(Refused, match=r"request.override"):
        desk.rep.write_now(overriding.ask, "20418", "customer-hold", "paid by phone")
    with pytest.raises(Invalid, match=r"no rule that can be set aside"):
        desk.lead.write_now(overriding.ask, "20418", "four-eyes", "no time")
    with pytest.raises(Invalid, match=r"Say up to which value the customer's hold is set aside"):
        desk.lead.write_now(overriding.ask, "20418", "customer-hold", "paid by phone")
    made = desk.lead.write_now(overriding.ask, "20418", "customer-hold", "paid by phone", 7, "100")
    assert (
        "the customer's hold is set aside once up to 100.00 USD until 10 Mar 2026 for 20418 Smiths Hotel" in made.words
    )
    with pytest.raises(Refused, match=r"The maker of a request never approves it"):
        desk.lead.write_now(approving.approve, made.id)
    manager = desk.as_("mgr1")
    assert "paid by phone" in " ".join(manager.read_now(inbox.request, made.id).facts)
    assert desk.talk(2).order(("4711", 1)).status == "held"
    manager.write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    assert post_all(desk)[0].startswith("Override of request 26000001 stands")
    order = desk.talk(2).order(("4711", 1))
    assert (order.status, desk.row(RuleOverride).order_id) == ("allocated", order.id)
    assert desk.talk(2).order(("4711", 1)).status == "held"


def test_an_override_of_the_limit_covers_the_value_it_was_approved_for_and_no_growth(desk: Desk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    made = desk.lead.write_now(overriding.ask, "20417", "credit-limit", "a truck waits", 7, "50")
    assert desk.row(ApprovalRequest).amount == 5000
    desk.as_("mgr1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    post_all(desk)
    assert desk.talk().order(("4711", 3)).status == "held", "59.61 are more than the 50.00"
    order = desk.talk().order(("4711", 1))
    assert (order.status, desk.row(RuleOverride).order_id) == ("allocated", order.id)
    held = []
    with books(desk.store) as tx:
        for days, gross in ((0, 5000), (0, 5001), (8, 5000)):
            later = replace(tx, now=tx.now + timedelta(days=days))
            held.append(overriding.spared(later, 1, order.id, gross, [("credit", "over")], use=False) != [])
    assert held == [False, True, True]


def test_a_grant_names_what_there_is(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"Nobody has the login 'ghost'"):
        desk.as_("admin1").write_now(granting.grant, "ghost", "rep")
    with pytest.raises(NotFound, match=r"There is no role 'king'"):
        desk.as_("admin1").write_now(granting.grant, "rep7", "king")


def test_whoever_decided_a_deduction_does_not_approve_its_credit(desk: Desk) -> None:
    pay(desk.store, FACE - 1987)
    id = raised(desk.store, 1987)
    boss = desk.as_("boss1")
    boss = boss.acting(replace(boss.actor, duties=boss.actor.duties | {"dispute.resolve"}))
    boss.write_now(deductions.decide, id, "valid")
    desk.as_("coll1").write_now(deductions.credit, id, (pieces(1, 1),))
    made = desk.row(ApprovalRequest)
    with pytest.raises(Refused, match=r"'dispute.resolve' and 'credit.approve' used on the same order"):
        boss.write_now(approving.approve, made.id)
    desk.lead.write_now(approving.approve, made.id)


def test_whoever_took_the_payment_does_not_decide_the_deduction(desk: Desk) -> None:
    applied(desk, by=desk.seeded.staff["coll1"])
    id, clerk = raised(desk.store, 100), desk.as_("coll1")
    clerk.write_now(deductions.take, id)
    for verb, more in ((deductions.decide, ("valid",)), (deductions.bill_back, ())):
        with pytest.raises(Refused, match=r"'cash.apply' and 'dispute.resolve' used on the same order"):
            clerk.write_now(verb, id, *more)  # type: ignore[arg-type]
