"""Who may see a ticket: the same answer for list, search, count, export and every verb that is given its id."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

import csdesk.services
from csdesk.errors import NotFound, Refused
from csdesk.models import Ticket, TicketReferral, table
from csdesk.services import (
    customers,
    queue,
    search,
    seeing,
    ticket_merging,
    ticket_referring,
    ticket_thread,
    ticket_views,
    timeline,
)
from csdesk.services.tx import READING_VERBS, WRITING_VERBS, Tx
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query

for _module in pkgutil.iter_modules(csdesk.services.__path__):
    importlib.import_module(f"csdesk.services.{_module.name}")
# Verbs the desk itself runs by the clock, whoever may see a ticket.
BY_ITSELF = frozenset({"posting.run", "outbox.run"})


def by_id() -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """Every verb whose first argument is a ticket's id: name, function, whether it writes."""
    for verbs, writes in ((READING_VERBS, False), (WRITING_VERBS, True)):
        for name, verb in verbs.items():
            given = list(inspect.signature(verb).parameters)
            if len(given) > 1 and given[1] == "ticket_id" and verb.duty not in BY_ITSELF:  # type: ignore[attr-defined]
                yield name, verb, writes


def blank(verb: Callable[..., Any]) -> list[Any]:
    """Something for every further argument that is needed."""
    plain = {"int": 1, "str": "x", "bool": True}
    rest = list(inspect.signature(verb).parameters.values())[2:]
    return [plain.get(str(each.annotation)) for each in rest if each.default is inspect.Parameter.empty]


def numbers(found: Any) -> set[str]:
    return {each.number for each in found}


def ways(store: Store) -> dict[str, set[str]]:
    """What of the customer's tickets is found by each way."""
    bar = store.read_now(customers.bar, 1)
    listed = numbers(store.read_now(ticket_views.of_customer, 1))
    found = {
        "list": listed,
        "under way": numbers(store.read_now(ticket_views.under_way)),
        "search": {hit.code for hit in store.read_now(search.jump, "pallet") if hit.kind == "ticket"},
        "number": {hit.code for text in ("26000001", "26000002", "26000003")
                   for hit in store.read_now(search.jump, text) if hit.kind == "ticket"},
        "history": {each.number for each in store.read_now(timeline.happenings, 1) if each.kind == "ticket"},
    }  # fmt: skip
    assert bar.tickets == len(listed), "the context bar counts what may be seen"
    return found


@pytest.fixture
def three(desk: Desk, talk: Talk) -> tuple[int, int, int]:
    """The rep's own, one of nobody in his queue, and the lead's, all about a pallet."""
    own = query(talk, "the pallet, mine")
    free = query(talk, "the pallet, nobody's")
    desk.rep.write_now(importlib.import_module("csdesk.services.ticket_moves").release, free)
    other = query(desk.talk(1, "lead3"), "the pallet, the lead's")
    return own, free, other


def test_each_way_shows_the_same(desk: Desk, talk: Talk, three: tuple[int, int, int]) -> None:
    desk.rep.write_now(ticket_referring.refer, three[0], "dock1", "is it there?")
    everything = {"26000001", "26000002", "26000003"}
    seen = {"rep7": {"26000001", "26000002"}, "lead3": everything, "boss1": everything, "audit1": everything,
            "dock1": {"26000001"}, "fin2": set(), "admin1": set(), "coll1": set()}  # fmt: skip
    for login, wanted in seen.items():
        for way, found in ways(desk.as_(login)).items():
            assert found == wanted, (login, way)


def test_no_verb_answers_for_a_ticket_one_may_not_see(desk: Desk, talk: Talk, three: tuple[int, int, int]) -> None:
    told = [
        (login, name, words)
        for login in ("rep7", "dock1", "fin2", "admin1")
        for name, verb, writes in by_id()
        if (words := answered(desk.as_(login), verb, writes, three[2]))
    ]
    assert [" ".join(each) for each in told] == []
    assert len(list(by_id())) > 40


def answered(store: Store, verb: Callable[..., Any], writes: bool, hidden: int) -> str:
    """What a verb tells of a ticket; '' where it is not found, or the duty for the verb is wanting."""
    try:
        return str((store.write_now if writes else store.read_now)(verb, hidden, *blank(verb)))
    except NotFound as error:
        return error.message if "the lead's" in error.message else ""
    except Refused as error:
        return "" if f"needs the duty '{verb.duty}'" in error.message else error.message  # type: ignore[attr-defined]


def test_who_reads_all_writes_nothing(desk: Desk, talk: Talk, three: tuple[int, int, int]) -> None:
    auditor = desk.as_("audit1")
    for name, verb, writes in by_id():
        if writes and name != "ticket_drafts.keep":
            with pytest.raises(Refused):
                auditor.write_now(verb, three[0], *blank(verb))


def test_a_senior_works_the_queue_and_a_rep_does_not(desk: Desk, talk: Talk, three: tuple[int, int, int]) -> None:
    with pytest.raises(NotFound):
        desk.rep.write_now(ticket_thread.note, three[2], "x")
    with pytest.raises(Refused):
        desk.rep.write_now(ticket_merging.merge, three[0], "002")
    desk.lead.write_now(ticket_thread.note, three[0], "looked at")


def test_who_investigates_sees_what_is_inside_only_and_only_while_asked(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_thread.inbound, id, "my price is 9.90")
    desk.rep.write_now(ticket_thread.note, id, "which ramp?")
    dock = desk.as_("dock1")
    with pytest.raises(NotFound):
        dock.read_now(ticket_views.whole, id)
    desk.rep.write_now(ticket_referring.refer, id, "dock1", "who loaded it?")
    view = dock.read_now(ticket_views.whole, id)
    assert [each.body for each in view.items] == ["which ramp?", "To Ray Tulk: who loaded it?"]
    with pytest.raises(Refused, match=r"needs the duty 'ticket.work'"):
        dock.write_now(ticket_thread.reply, id, "x", view.version)


def test_another_company_has_another_world(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    other = Store(desk.store.engine.url.render_as_string(hide_password=False), company=2, clock=desk.clock)
    try:
        with pytest.raises(NotFound):
            other.read_now(ticket_views.whole, id)
    finally:
        other.close()


def test_the_condition_is_the_same_in_bulk(desk: Desk, talk: Talk) -> None:
    """A list of many holds what may be seen one by one."""
    base = desk.row(Ticket, id=query(talk))._asdict()
    rows = [
        {**base, "id": 5000 + n, "number": f"9{n:06d}", "owner_id": (None, 1, 2)[n % 3],
         "opened_at": base["opened_at"] - timedelta(minutes=n)}
        for n in range(60)
    ]  # fmt: skip
    asked = {"company": 1, "ticket_id": 5001, "staff_id": 11, "question": "?", "at": base["opened_at"], "by": 1}
    actors = [desk.as_(login).actor for login in ("rep7", "lead3", "dock1", "audit1", "fin2")]
    with desk.store.engine.execution_options(desk_write=True).connect() as connection, connection.begin() as begun:
        connection.execute(insert(table(Ticket)), rows)
        connection.execute(insert(table(TicketReferral)), asked)
        for actor in actors:
            tx = Tx(connection, 1, actor, desk.clock())
            assert numbers(ticket_views.of_customer(tx, 1)) == {row["number"] for row in (*rows, base) if sees(tx, row)}
        begun.rollback()


def sees(tx: Tx, row: dict[str, Any]) -> bool:
    try:
        return bool(seeing.one(tx, row["id"]).number == row["number"])
    except NotFound:
        return False


def test_the_queue_lists_only_what_may_be_seen(desk: Desk, talk: Talk, three: tuple[int, int, int]) -> None:
    for login, wanted in (("rep7", {three[0], three[1]}), ("fin2", set()), ("admin1", set())):
        found = {each.subject_id for each in desk.as_(login).read_now(queue.entries) if each.kind == "ticket"}
        assert found <= wanted, login
