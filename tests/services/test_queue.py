"""One ranked list on both databases: the order of the rules, who sees what, pages by key, the team's figures."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from csdesk.errors import Invalid, Refused
from csdesk.models import CreditAccount, Customer
from csdesk.rules import ranking
from csdesk.services import customers as customer_services
from csdesk.services import queue, ticket_next, timeline
from csdesk.services.queue_entries import Hours
from csdesk.services.tx import Tx
from tests.services.conftest import Desk
from tests.services.late import debt, promise
from tests.services.papers import ask, pieces
from tests.services.waiting import second_queue, ticket, works


def many(desk: Desk, count: int) -> None:
    """Tickets of all sorts, some of them alike in almost everything."""
    pick, now = Random(5), desk.clock()
    for n in range(count):
        cutoff = now + timedelta(hours=pick.choice([-1, 3, 5, 30]))
        ticket(
            desk, f"number {n}", owner=pick.choice([None, 1, 2]), tier=pick.choice(["", "1", "2"]),
            at=now - timedelta(minutes=pick.choice([1, 20, 235, 239, 300, 2_000])), priority=pick.choice([1, 2, 3, 4]),
            safety=pick.random() < 0.1, value=pick.choice([0, 100, 2_500]), currency=pick.choice(["USD", "JPY"]),
            cutoff_at=pick.choice([None, None, cutoff]),
        )  # fmt: skip


def test_the_database_ranks_as_the_rules_do_and_pages_go_on_without_gap_or_double(desk: Desk) -> None:
    many(desk, 40)
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    desk.talk().order(("7007", 1))
    ask(desk.talk(), pieces(1, 1))
    promise(desk, debt(desk, 9900, 10), "+2", "9")
    found = desk.lead.read_now(queue.entries, "team")
    assert {each.kind for each in found} == {"ticket", "request", "held"}
    with desk.store.engine.connect() as connection:
        hours = Hours(Tx(connection, 1, desk.lead.actor, desk.clock()), desk.clock())
        keys = [ranking.key(each.item, desk.clock(), hours.horizon(each.policy)) for each in found]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) == 42
    assert len({each.reason.split()[0] for each in found}) >= 5
    paged, page = [], desk.lead.read_now(queue.listed, "team", None, None, 7)
    while True:
        paged += page.entries
        if page.after is None:
            break
        desk.clock.pass_by(minutes=25)  # the list stays as it was ranked, however long one reads
        page = desk.lead.read_now(queue.listed, "team", page.after, page.now, 7)
    assert [each.subject_id for each in paged] == [each.subject_id for each in found]


def test_a_rep_sees_his_own_and_the_free_ones_of_his_queues(desk: Desk) -> None:
    second_queue(desk)
    works(desk, "rep7", "desk")
    own, free = ticket(desk, "own", owner=1, queue="south"), ticket(desk, "free")
    ticket(desk, "another's", owner=2)
    ticket(desk, "another queue", queue="south")
    assert {each.subject_id for each in desk.rep.read_now(queue.entries)} == {own, free}
    with pytest.raises(Refused, match=r"the team's needs the duty 'ticket\.lead'"):
        desk.rep.read_now(queue.entries, "team")
    with pytest.raises(Invalid, match="There is no list 'all'"):
        desk.rep.read_now(queue.entries, "all")
    assert desk.as_("audit1").read_now(queue.entries) == desk.as_("dock1").read_now(queue.entries) == ()
    bar = desk.rep.read_now(customer_services.bar, 1)
    assert bar.tickets == 2
    listed = [each.number for each in desk.rep.read_now(timeline.happenings, 1) if each.kind == "ticket"]
    assert len(listed) == 2
    assert desk.lead.read_now(customer_services.bar, 1).tickets == 2
    assert desk.as_("boss1").read_now(customer_services.bar, 1).tickets == 4


def test_waiting_tickets_are_listed_once_they_come_back(desk: Desk) -> None:
    from csdesk.services import seeing, ticket_log
    from csdesk.services.tx import SYSTEM

    number = ticket(desk, "which colour", owner=1)
    wake = desk.clock() + timedelta(hours=2)
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        row = ticket_log.append(tx, seeing.one(tx, number), "outbound", {})
        ticket_log.append(tx, row, "waiting", {"party": "customer", "question": "red or blue?", "wake": wake})
    assert [each.subject_id for each in desk.rep.read_now(queue.entries)] == []
    desk.clock.pass_by(minutes=121)
    assert [each.subject_id for each in desk.rep.read_now(queue.entries)] == [number]


def test_what_presses_and_why(desk: Desk) -> None:
    desk.change(Customer, {"id": 1}, cut_off="15:00")
    late = ticket(desk, "late", owner=1, at=desk.clock() - timedelta(days=4))
    soon = ticket(desk, "soon", owner=1, priority=1)
    fine = ticket(desk, "fine", owner=1, priority=4)
    reasons = {each.subject_id: each.reason for each in desk.rep.read_now(queue.entries)}
    assert list(reasons) == [late, soon, fine]
    assert reasons[late].startswith("LATE acknowledge ")
    assert reasons[soon] == "acknowledge 30 min"
    assert reasons[fine].startswith("acknowledge ")
    urgent = desk.rep.read_now(queue.most_urgent, 1)
    assert urgent is not None
    assert (urgent.subject_id, urgent.late) == (late, True)
    assert desk.rep.read_now(queue.most_urgent, 2) is None


def test_the_team_sees_who_has_how_many_and_what_was_let_pass(desk: Desk) -> None:
    first = ticket(desk, "first", at=desk.clock() - timedelta(days=4))
    ticket(desk, "second")
    ticket(desk, "third", owner=2)
    desk.rep.write_now(ticket_next.skip, first, "needs somebody who speaks French")
    team = desk.lead.read_now(queue.listed, "team")
    assert [(each.login, each.many, each.late) for each in team.having] == [
        ("", 1, 1), ("lead3", 1, 0), ("rep7", 1, 0)
    ]  # fmt: skip
    assert [(each.login, each.why) for each in team.passed] == [("rep7", "needs somebody who speaks French")]
    assert desk.lead.read_now(queue.listed).passed == ()


def test_a_request_one_may_not_decide_stands_below_with_ones_own(desk: Desk) -> None:
    asked = ask(desk.talk(), pieces(1, 1))
    mine = desk.rep.read_now(queue.listed)
    assert (mine.entries, [each.id for each in mine.own]) == ((), [asked.id])
    seen = desk.as_("coll1").read_now(queue.listed)
    assert (seen.entries, [each.id for each in seen.barred]) == ((), [asked.id])
    lead = desk.lead.read_now(queue.listed)
    assert [(each.kind, each.subject_id, each.version) for each in lead.entries] == [("request", asked.id, 1)]
    assert lead.entries[0].reason.startswith("approve ")
