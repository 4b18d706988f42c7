"""Dunning: which open items enter a run and at which level, what is left out and why, fees and interest. Pure.

Amounts are signed minor units of one currency: debts positive, credits negative. Levels count from 1; 0 = never dunned.
The rules follow the public documentation of SAP's dunning program (procedures, levels, intervals, minimum amounts).

Rule: each item by its days past due, what is held back left out. Source: SAP's dunning program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import decimal_of
from csdesk.rules import _exact
from csdesk.rules.ageing import days_past_due
from csdesk.rules.dunning_procedure import Level as Level
from csdesk.rules.dunning_procedure import Procedure as Procedure
from csdesk.rules.interest import simple_interest


@dataclass(frozen=True)
class DunningItem:
    """An open item as a run sees it: signed amount, due day, level and day of its last notice, and what holds it back.

    `promised_until` holds it back up to and including that day (see `promises.suppresses_dunning`).
    """

    id: str
    amount: int
    due_on: date
    level: int = 0
    last_notice_on: date | None = None
    disputed: bool = False
    promised_until: date | None = None
    blocked: bool = False


@dataclass(frozen=True)
class Account:
    """A customer's account: group (its procedure), open items, day of the last notice, whether it is blocked."""

    id: str
    items: tuple[DunningItem, ...]
    group: str = ""
    last_notice_on: date | None = None
    blocked: bool = False


@dataclass(frozen=True)
class DunnedItem:
    """An item on a notice: its level after the run, what is asked of it, days past due, interest in minor units."""

    id: str
    level: int
    amount: int
    days_past_due: int
    interest: int = 0


@dataclass(frozen=True)
class Notice:
    """One notice to an account in a run; its level is the highest of its items; total = overdue + interest + fee."""

    account: str
    run_key: str
    on: date
    level: int
    items: tuple[DunnedItem, ...]
    overdue: int
    interest: int
    fee: int

    @property
    def total(self) -> int:
        """What the notice asks for."""
        return self.overdue + self.interest + self.fee


@dataclass(frozen=True)
class Outcome:
    """What a run did for an account: the notice or why there is none, and the items left out, each with its reason."""

    account: str
    notice: Notice | None
    reason: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)


def level_of(days: int, procedure: Procedure, reached: int = 0) -> int:
    """The level of an item so many days past due that has reached a level before, which it keeps; 0 = not to be dunned.

    Switches: `sequential` of the procedure (default): at most one level above the one reached.
    """
    owed = max((each.number for each in procedure.levels if days >= each.days), default=0)
    if procedure.sequential:
        owed = min(owed, reached + 1)
    return min(max(owed, reached), len(procedure.levels)) if owed else 0


def hold_reason(item: DunningItem, procedure: Procedure, run_on: date) -> str | None:
    """Why an item is left out of a run; None when it may be dunned.

    Reasons, the first that fits: credit, blocked, disputed, promised, not past due, below the item minimum, before the
    first level.
    """
    if _exact.minor(item.amount) <= 0:
        return "credit item"
    if item.blocked:
        return "blocked"
    if item.disputed:
        return "disputed"
    if item.promised_until is not None and run_on <= item.promised_until:
        return f"promised until {item.promised_until.isoformat()}"
    days = days_past_due(item.due_on, run_on, grace_days=procedure.grace_days)
    if not days:
        return "not past due"
    if item.amount < procedure.item_minimum:
        return "below the item minimum"
    return None if level_of(days, procedure, item.level) else "before the first level"


def dun(
    account: Account, procedure: Procedure, run_on: date, run_key: str, *, already: Set[tuple[str, str]] = frozenset()
) -> Outcome:
    """The notice of an account in a run, or the reason there is none.

    Levels: each item by `level_of`; when the items of a level miss its minimum amount or share of the account's balance
    they go one level down and are checked again, out of the run below level 1. The notice has the highest level left.
    Credits that are due (unless the procedure leaves them apart) are taken off what is dunned first, from the highest
    level down and in it from the oldest item; what they cover is not asked for, bears no interest and lifts no level.
    Switches: fields of `Procedure`; `already` holds (account, run key) of notices made, so that a repeated run makes
    none.
    Source: SAP, "Determining the accounts and items to be dunned", "Dunning frequency and dunning interval", "Effect of
    minimum amounts and percentage rates on dunning levels"; note 18127, dunning level with credit memos.

    Rule: the level whose days are reached, at most one step a run; below the minimum of a level one step down.
    """
    reason = _account_hold(account, procedure, run_on, run_key, already)
    if reason is not None:
        return Outcome(account.id, None, reason)
    balance = sum(each.amount for each in account.items)
    left_out, levels = {}, {}
    for item in account.items:
        why = hold_reason(item, procedure, run_on)
        if why is not None:
            left_out[item.id] = why
        else:
            days = days_past_due(item.due_on, run_on, grace_days=procedure.grace_days)
            levels[item.id] = level_of(days, procedure, item.level)
    asked = _asked(account, procedure, levels, run_on)
    left_out |= {id: "covered by credits that are due" for id in levels if not asked[id]}
    levels = _lowered(procedure, {id: level for id, level in levels.items() if asked[id]}, asked, balance)
    left_out |= {id: "below the minimum of level 1" for id, level in levels.items() if not level}
    dunned = [item for item in account.items if levels.get(item.id)]
    if why := _notice_hold(dunned, asked, procedure, run_on, balance):
        return Outcome(account.id, None, why, left_out)
    return Outcome(account.id, _notice(account.id, dunned, asked, procedure, levels, run_on, run_key), "", left_out)


def _account_hold(
    account: Account, procedure: Procedure, run_on: date, run_key: str, already: Set[tuple[str, str]]
) -> str | None:
    if (account.id, run_key) in already:
        return "already dunned in this run"
    if len({each.id for each in account.items}) != len(account.items):
        raise Invalid(f"Account {account.id} has two open items of one number; a run needs each once.")
    if account.blocked:
        return "account blocked"
    last = account.last_notice_on
    if last is not None and (run_on - last).days < procedure.interval_days:
        return f"last notice on {last.isoformat()}, less than {procedure.interval_days} days ago"
    if sum(_exact.minor(each.amount) for each in account.items) <= 0:
        return "the account owes nothing"
    return None


def _reaches(amount: int, balance: int, minimum: int, percent: Decimal, rule: str) -> bool:
    """Whether an amount comes to the minimum and to the share of the balance; edges are in, a limit of 0 is none."""
    percent = decimal_of(percent)
    share = amount * 100 >= percent * balance
    if rule == "either" and minimum and percent:
        return amount >= minimum or share
    return amount >= minimum and share


def _asked(account: Account, procedure: Procedure, levels: Mapping[str, int], run_on: date) -> dict[str, int]:
    """What is left to ask for of each item that is dunned, the credits that are due taken off it."""
    due = sum(each.amount for each in account.items if each.amount < 0 and each.due_on <= run_on)
    left = -due if procedure.credits == "net" else 0
    found = {}
    dunned = [each for each in account.items if each.id in levels]
    for item in sorted(dunned, key=lambda each: (-levels[each.id], each.due_on)):
        taken = min(left, item.amount)
        found[item.id], left = item.amount - taken, left - taken
    return found


def _notice_hold(
    dunned: Sequence[DunningItem], asked: Mapping[str, int], procedure: Procedure, run_on: date, balance: int
) -> str | None:
    """Why no notice is made of the items that are left."""
    if not dunned:
        return "nothing to dun"
    oldest = max(days_past_due(each.due_on, run_on, grace_days=procedure.grace_days) for each in dunned)
    if oldest < procedure.account_days:
        return f"no item is {procedure.account_days} days past due"
    overdue = sum(asked[each.id] for each in dunned)
    if not _reaches(overdue, balance, procedure.account_minimum, procedure.account_percent, procedure.minimum_rule):
        return "below the minimum of the account"
    return None


def _lowered(procedure: Procedure, levels: Mapping[str, int], asked: Mapping[str, int], balance: int) -> dict[str, int]:
    """The levels after the check of minimum amounts, from the highest level down."""
    found = dict(levels)
    for level in reversed(procedure.levels):
        there = [id for id, number in found.items() if number == level.number]
        amount = sum(asked[id] for id in there)
        rule = procedure.minimum_rule
        if there and not _reaches(amount, balance, level.minimum_amount, level.minimum_percent, rule):
            found |= dict.fromkeys(there, level.number - 1)
    return found


def _notice(
    account: str, items: Sequence[DunningItem], asked: Mapping[str, int], procedure: Procedure,
    levels: Mapping[str, int], run_on: date, run_key: str,
) -> Notice:  # fmt: skip
    dunned = []
    for item in items:
        start = item.due_on
        if procedure.interest_from == "last_notice" and item.last_notice_on is not None:
            start = max(start, item.last_notice_on)
        rate = procedure.levels[levels[item.id] - 1].interest_percent
        interest = simple_interest(asked[item.id], rate, start, run_on, convention=procedure.day_count)
        days = days_past_due(item.due_on, run_on)
        dunned.append(DunnedItem(item.id, levels[item.id], asked[item.id], days, interest))
    level = max(each.level for each in dunned)
    overdue, interest = sum(each.amount for each in dunned), sum(each.interest for each in dunned)
    fee = procedure.levels[level - 1].fee
    return Notice(account, run_key, run_on, level, tuple(dunned), overdue, interest, fee)


def dunning_run(
    accounts: Iterable[Account],
    procedures: Mapping[str, Procedure],
    run_on: date,
    run_key: str,
    *,
    already: Set[tuple[str, str]] = frozenset(),
) -> tuple[Outcome, ...]:
    """A run over many accounts, each by the procedure of its group; at most one notice per account and run key.

    An account of a group without procedure is left out with that reason.
    """
    done, found = set(already), []
    for account in accounts:
        procedure = procedures.get(account.group)
        if procedure is None:
            found.append(Outcome(account.id, None, f"no dunning procedure for group {account.group!r}"))
            continue
        found.append(dun(account, procedure, run_on, run_key, already=done))
        if found[-1].notice is not None:
            done.add((account.id, run_key))
    return tuple(found)


def made(outcomes: Sequence[Outcome]) -> frozenset[tuple[str, str]]:
    """(account, run key) of the notices made: what a repeated run is given as `already`."""
    return frozenset((each.account, each.notice.run_key) for each in outcomes if each.notice is not None)
