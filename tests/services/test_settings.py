"""What a company sets for itself: tiers in any currency, rules of an account, conflicts of duties, disabled logins."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    ApprovalTier,
    AuditEntry,
    CreditAccount,
    Customer,
    Document,
    DunningLevel,
    DutyConflict,
    OpenItem,
    Staff,
    StaffRole,
)
from csdesk.rules import separation
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.services import approving, dunning, emergency, granting, settings, staff, writing_off
from tests.services.conftest import Desk
from tests.services.late import debt
from tests.services.papers import ask, bill, pieces, post_all
from tests.services.talk import Talk
from tests.support.seed import TODAY


def in_yen(desk: Desk) -> int:
    """Account 6 kept in yen, with an invoice of 12,000; gives its item."""
    desk.change(CreditAccount, {"id": 6}, currency="JPY")
    desk.change(Customer, {"id": 6}, currency="JPY")
    return bill(desk, ("4711", 1, 12_000, 0), customer_id=6, account_id=6, currency="JPY")


def tier(desk: Desk, *how: Any, **more: Any) -> str:
    return desk.as_("admin1").write_now(settings.tier, *how, **more)


def test_an_account_in_another_currency_has_its_write_off_asked_and_approved(desk: Desk) -> None:
    item = in_yen(desk)
    with pytest.raises(Refused, match="no tier covers it; ask who sets the tiers"):
        desk.as_("coll1").write_now(writing_off.ask, item, "j")
    assert tier(desk, "write-off", "jpy", "15000", ("finance",)) == (
        "Write off in JPY: up to 15000 finance. Above 15000 JPY nobody may approve; 'any' sets that tier."
    )
    assert tier(desk, "write-off", "JPY", "any", ("finance", "manager")) == (
        "Write off in JPY: up to 15000 finance, any amount finance then manager."
    )
    made = desk.as_("coll1").write_now(writing_off.ask, item, "j")
    desk.as_("fin2").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    assert "12000 JPY" in post_all(desk)[0]
    assert desk.row(OpenItem, id=item).open == 0
    assert desk.row(Document, kind="write_off").currency == "JPY"


def test_a_tier_is_changed_taken_away_listed_and_audited(desk: Desk) -> None:
    tier(desk, "credit_note", "USD", "250", ("supervisor",))
    assert "up to 2500.00 supervisor" in tier(desk, "credit note", "USD", "250.00", (), remove=True)
    told = tier(desk, "credit-note", "EUR", "100,50", ("lead",))
    assert told.endswith("No account is kept in EUR yet.")
    listed = desk.as_("admin1").read_now(settings.tiers_of, "credit-note")
    assert [(each.currency, each.up_to, each.steps) for each in listed] == [
        ("EUR", 10_050, ("lead",)),
        ("USD", 250_000, ("supervisor",)),
        ("USD", None, ("supervisor", "manager")),
    ]
    entry = next(row for row in desk.rows(AuditEntry) if row.verb == "settings.tier")
    assert '[25000,"lead"]' in entry.before
    assert '[25000,"supervisor"]' in entry.after


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (("nonsense", "USD", "1", ("lead",)), "'nonsense' is no kind of request"),
        (("ticket-escalation", "USD", "1", ("lead",)), "is no kind of request"),
        (("write-off", "US", "1", ("finance",)), "'US' is no currency code"),
        (("write-off", "USD", "x", ("finance",)), "'x' is no amount"),
        (("write-off", "JPY", "1.50", ("finance",)), "JPY has no decimals"),
        (("write-off", "USD", "1", ("boss",)), "There is no role 'boss'"),
        (("write-off", "USD", "1", ("admin",)), "The role 'admin' has no rank"),
        (("write-off", "USD", "1", ()), "Somebody must approve a write off"),
        (("write-off", "USD", "1", ("nobody",)), "Somebody must approve a write off"),
        (("period-unlock", "USD", "1", ("controller", "manager", "director")), "There is no role 'director'"),
        (("credit-note", "USD", "300", ("manager",)), "asks for less than the one below"),
        (("write-off", "USD", "-5", ("finance",)), "below 0"),
    ],
)
def test_a_tier_that_makes_no_sense_is_refused(desk: Desk, how: tuple[Any, ...], words: str) -> None:
    before = desk.rows(ApprovalTier)
    with pytest.raises(DeskError, match=words):
        tier(desk, *how)
    assert desk.rows(ApprovalTier) == before


def test_a_role_nobody_of_which_rank_may_approve_is_refused_and_a_small_difference_needs_nobody(desk: Desk) -> None:
    with pytest.raises(Invalid, match=r"No role of the rank of manager or above holds the duty 'cash.apply'"):
        tier(desk, "small-difference", "USD", "10", ("manager",))
    assert tier(desk, "small-difference", "JPY", "500", ("nobody",)).startswith(
        "Small difference in JPY: up to 500 nobody."
    )
    with pytest.raises(NotFound, match="There is no such tier"):
        tier(desk, "small-difference", "JPY", "501", (), remove=True)
    assert "nobody may approve any" in tier(desk, "small-difference", "JPY", "500", (), remove=True)


def test_what_waits_is_judged_by_the_tiers_of_now(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    tier(desk, "credit-note", "USD", "250", ("supervisor",))
    with pytest.raises(Refused, match="Its tier asks for supervisor by now"):
        desk.lead.write_now(approving.approve, made.id)
    assert desk.row(ApprovalRequest).state == "in_approval"


# ---------------------------------------------------------------- accounts and procedures


def test_the_rules_of_an_account_are_set_taken_away_and_audited(desk: Desk) -> None:
    admin = desk.as_("admin1")
    desk.add(DunningLevel, procedure="strict", level=1, days_late=1, minimum=0, fee=0, minimum_percent=0,
             interest_percent=0, channel="mail", text="", currency="")  # fmt: skip
    said = admin.write_now(settings.account, "20417", procedure="strict", oldest_days="30", highest_level="1")
    assert said == (
        "Account of 20417 Harbour View Deli: dunning procedure usual -> strict, oldest days no rule -> 30, "
        "highest level no rule -> 1."
    )
    admin.write_now(settings.account, "20417", oldest_days="-", deduction_days="14")
    row = desk.account()
    found = (row.dunning_procedure, row.oldest_days, row.highest_level, row.deduction_days)
    assert found == ("strict", None, 1, 14)
    assert [each.before for each in desk.rows(AuditEntry) if each.verb == "settings.account"][1] == (
        '{"deduction_days":null,"oldest_days":30}'
    )


@pytest.mark.parametrize(
    ("code", "how", "error", "words"),
    [
        ("99999", {"oldest_days": "1"}, NotFound, "There is no customer '99999'"),
        ("20417", {}, Invalid, "Say what is to be set"),
        ("20417", {"procedure": "none"}, NotFound, "There is no dunning procedure 'none'; there are usual"),
        ("20417", {"oldest_days": "-3"}, Invalid, "Oldest days is 0 to 3650"),
        ("20417", {"oldest_days": "²"}, Invalid, "Oldest days is 0 to 3650"),
        ("20417", {"highest_level": "4"}, Invalid, "Highest level is 0 to 3"),
    ],
)
def test_a_rule_that_is_none_is_refused(
    desk: Desk, code: str, how: dict[str, str], error: type[DeskError], words: str
) -> None:
    with pytest.raises(error, match=words):
        desk.as_("admin1").write_now(settings.account, code, **how)


def test_amounts_of_a_procedure_are_in_its_currency_alone(desk: Desk) -> None:
    collector = desk.as_("coll1")
    collector.write_now(dunning.set_level, 1, "", fee=500, minimum=100)
    debt(desk, 9900, 9, 20_000)
    item = in_yen_late(desk)
    made = {each.account_id: each for each in collector.write_now(dunning.notify, TODAY, (1, 6))}
    assert (made[1].fee, made[6].fee, made[6].currency) == (500, 0, "JPY"), f"the fee is in USD; {item}"
    with pytest.raises(Refused, match="'usual' has amounts in USD, this account is kept in JPY"):
        desk.as_("admin1").write_now(settings.account, "50999", procedure="usual")
    collector.write_now(dunning.set_level, 1, "yen", days=5, fee=800, currency="jpy")
    with pytest.raises(Invalid, match="yen has its amounts in JPY; another procedure is wanted for USD"):
        collector.write_now(dunning.set_level, 1, "yen", fee=8, currency="USD")
    with pytest.raises(Invalid, match="without a gap"):
        collector.write_now(dunning.set_level, 3, "yen", days=30)
    assert desk.as_("admin1").write_now(settings.account, "50999", procedure="yen").endswith("usual -> yen.")
    desk.clock.pass_by(days=8)
    (notice,) = collector.write_now(dunning.notify, TODAY.replace(day=11), (6,))
    assert (notice.fee, notice.currency) == (800, "JPY")


def in_yen_late(desk: Desk) -> int:
    desk.change(CreditAccount, {"id": 6}, currency="JPY")
    desk.change(Customer, {"id": 6}, currency="JPY")
    from datetime import timedelta

    day = TODAY - timedelta(days=40)
    return bill(desk, ("4711", 1, 50, 0), id=9910, customer_id=6, account_id=6, currency="JPY", issued_on=day,
                due_on=TODAY - timedelta(days=9))  # fmt: skip


# ---------------------------------------------------------------- duties and logins


def test_a_conflict_is_set_and_the_usual_ones_stay(desk: Desk) -> None:
    admin = desk.as_("admin1")
    said = admin.write_now(settings.conflict, "cash.apply", "report.read", "warn", "Figures could be watched.", "block")
    assert said == "'cash.apply' and 'report.read': warn when held, block on the same order, none on the same customer."
    assert len(desk.rows(DutyConflict)) == len(separation.CONFLICTS) + 1
    admin.write_now(settings.conflict, "report.read", "cash.apply", "block", "Worse than thought.")
    row = desk.row(DutyConflict, duty_a="cash.apply", duty_b="report.read")
    assert (row.level, row.same_order, row.risk) == ("block", "block", "Worse than thought.")
    assert len(admin.read_now(settings.conflicts)) == len(separation.CONFLICTS) + 1


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (("nonsense", "cash.apply", "warn", "x"), NotFound, "There is no duty 'nonsense'"),
        (("cash.apply", "cash.apply", "warn", "x"), Invalid, "does not conflict with itself"),
        (("cash.apply", "order.enter", "perhaps", "x"), Invalid, "'perhaps' is no level"),
        (("cash.apply", "order.enter", "warn", " "), Invalid, "Say the risk"),
        (("staff.admin", "cash.apply", "warn", "x"), Refused, r"Nobody loosens a conflict of a duty he holds himself"),
        (("credit.approve", "settings.admin", "none", "x"), Refused, r"\('settings.admin'\)"),
    ],
)
def test_a_conflict_that_makes_no_sense_is_refused(
    desk: Desk, how: tuple[str, ...], error: type[DeskError], words: str
) -> None:
    with pytest.raises(error, match=words):
        desk.as_("admin1").write_now(settings.conflict, *how)
    assert desk.rows(DutyConflict) == []


def test_who_sets_the_tiers_approves_nothing(desk: Desk) -> None:
    for duty in set(APPROVAL_DUTIES.values()):
        conflict = separation.conflict_between("settings.admin", duty)
        assert conflict is not None
        assert conflict.level == separation.BLOCK
    with pytest.raises(Refused, match=r"'credit.approve' held by one person"):
        desk.store.write_now(granting.grant, "lead3", "admin")
    with pytest.raises(Refused, match="is never lent"):
        desk.lead.write_now(emergency.take, "settings.admin", 2, "nobody is here")


def test_a_disabled_login_signs_in_no_more_and_decides_nothing_more(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    admin, lead = desk.as_("admin1"), desk.lead
    with pytest.raises(Refused, match="Nobody disables his own login"):
        admin.write_now(granting.disable, "admin1")
    assert admin.write_now(granting.disable, "lead3").startswith("lead3 is disabled")
    with pytest.raises(Conflict, match="lead3 is disabled already"):
        admin.write_now(granting.disable, "lead3")
    with pytest.raises(Refused, match="The login 'lead3' is disabled"):
        desk.store.read_now(staff.sign_in, "lead3")
    with pytest.raises(Refused, match=r"needs the duty 'credit.approve'"):
        lead.write_now(approving.approve, made.id)
    assert admin.write_now(granting.enable, "lead3")[0] == "lead3 may sign in again."
    lead.write_now(approving.approve, made.id)


def test_enabling_is_looked_at_as_granting_is(desk: Desk) -> None:
    desk.put(Staff, {"id": 77, "person_id": 1, "login": "till", "name": "Robin again", "disabled": True})
    desk.put(StaffRole, {"staff_id": 77, "role": "cashier"})
    with pytest.raises(Refused, match="Payments could be diverted"):
        desk.as_("admin1").write_now(granting.enable, "till")
    assert desk.row(Staff, id=77).disabled is True


def test_the_commands_say_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSDESK_USER", "admin1")
    run, db = CliRunner(), ["--db", str(desk.store.url)]

    def said(*typed: str) -> str:
        found = run.invoke(app, [*typed, *db])
        assert found.exit_code == 0, found.output or found.exception
        return found.output

    assert "up to 100.00         finance" in said("settings", "tiers", "write-off")
    assert "up to 9000 finance" in said("settings", "tier", "write-off", "JPY", "9000", "finance")
    assert "oldest days no rule -> 20" in said("settings", "account", "20417", "--oldest-days", "20")
    assert "warn when held" in said("settings", "conflict", "cash.apply", "report.read", "warn", "Seen.")
    assert "cash.apply x report.read  warn/none/none  Seen." in said("settings", "conflicts")
    assert "is disabled" in said("staff", "disable", "rep7")
    assert "may sign in again" in said("staff", "enable", "rep7")
