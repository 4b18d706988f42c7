"""Who may see a ticket: the same answer for list, search, count, export and every verb that is given its id."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import ArgumentError

import csdesk.services
from csdesk.errors import DeskError, NotFound, Refused
from csdesk.models import AuditEntry, Escalation, ServiceQueue, Shift, Survey, Ticket, TicketReferral, table
from csdesk.services import (
    corrective,
    customers,
    escalation_steps,
    handover,
    queue,
    reports_lists,
    search,
    seeing,
    ticket_drafts,
    ticket_merging,
    ticket_referring,
    ticket_thread,
    ticket_views,
    timeline,
)
from csdesk.services.reports_base import REPORTS
from csdesk.services.tx import READING_VERBS, WRITING_VERBS, Tx
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query
from tests.support.seed import NOW, TODAY

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
    for _, verb, writes in by_id():
        if writes:
            with pytest.raises(Refused):
                auditor.write_now(verb, three[0], *blank(verb))


GIVEN: dict[str, Any] = {
    "customer_id": 1, "number": "26000003", "code": "20417", "day": "+1", "team": "North", "login": "lead3",
    "letter": "d", "account_id": 1, "whose": "team",
}  # fmt: skip
PLAIN: dict[str, Any] = {"int": 1, "str": "zeb", "bool": True, "Decimal": Decimal(1), "date": TODAY, "datetime": NOW}


@pytest.fixture
def hidden(desk: Desk) -> dict[str, int]:
    """A ticket of the lead that says "zebra" wherever words go with it; its id, and those of what hangs on it."""
    talk = desk.talk(1, "lead3")
    id = query(talk, "the zebra pallet")
    action = desk.lead.write_now(corrective.add, id, "boss1", "+3", "weigh the zebra").id
    desk.lead.write_now(escalation_steps.by_hand, id, "the zebra left")
    desk.lead.write_now(ticket_thread.note, id, "no zebra here")
    desk.lead.write_now(ticket_drafts.keep, id, "dear zebra", True, 1)
    desk.put(Survey, {"id": 77, "ticket_id": id, "round": 1, "code": "z", "via": "call",
                      "asked_at": NOW, "score": 1, "comment": "zebra", "answered_at": NOW})  # fmt: skip
    with pytest.raises(Refused):
        desk.lead.write_now(escalation_steps.by_hand, id, "the zebra again")
    assert "zebra" in desk.rows(AuditEntry)[-1].before
    shift = {"staff_id": 2, "team": "North", "starts_at": NOW, "ends_at": NOW + timedelta(hours=8)}
    desk.put(Shift, {"id": 1, "level": "lead", **shift})  # a roster is kept, and rep7 is not on it
    pack = desk.lead.write_now(handover.pack).id
    return {"ticket_id": id, "action_id": action, "escalation_id": desk.row(Escalation).id, "survey_id": 77,
            "handover_id": pack, "place": 1}  # fmt: skip


def told(store: Store, verb: Callable[..., Any], hidden: dict[str, int]) -> list[str]:
    """What a reading verb says, refusals too, once with what it must be given and once with all that fits."""
    found = []
    needed, more = [], {}
    for each in list(inspect.signature(verb).parameters.values())[1:]:
        value = {**GIVEN, **hidden}.get(each.name, PLAIN.get(str(each.annotation)))
        if each.default is inspect.Parameter.empty:
            needed.append(value)
        elif each.name in GIVEN or each.name in hidden:
            more[each.name] = value
    for named in ({}, more) if more else ({},):
        try:
            found.append(repr(store.read_now(verb, *needed, **named)))
        except DeskError as error:
            found.append(error.message)
        except (
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            ArgumentError,
        ):  # an argument of a kind of its own, which is not made up here
            continue
    return found


def test_no_reader_of_any_kind_tells_of_a_ticket_one_may_not_see(desk: Desk, hidden: dict[str, int]) -> None:
    """Whatever a verb is asked with: lists, searches, counts, actions, packs, drafts."""
    ours = {name: verb for name, verb in READING_VERBS.items() if verb.__module__.startswith("csdesk.")}
    leaks = [
        (login, name)
        for login in ("rep7", "fin2", "coll1", "admin1", "dock1")
        for name, verb in sorted(ours.items())
        if verb.duty not in BY_ITSELF and any("zebra" in each for each in told(desk.as_(login), verb, hidden))  # type: ignore[attr-defined]
    ]
    assert leaks == []
    seen = {name for name, verb in ours.items() if "zebra" in "".join(told(desk.as_("boss1"), verb, hidden))}
    assert {"corrective.still_open", "corrective.told", "handover.latest", "ticket_views.whole"} <= seen, seen


def test_no_report_and_no_export_tells_of_a_ticket_one_may_not_see(desk: Desk, hidden: dict[str, int]) -> None:
    def made(login: str) -> dict[str, str]:
        with desk.store.engine.connect() as connection:
            tx = Tx(connection, 1, desk.as_(login).actor, desk.clock())
            shown = {
                name: repr((each.make(tx, TODAY).rows, each.make(tx, TODAY).total)) for name, each in REPORTS.items()
            }
            pages = {name: repr(reports_lists.page(tx, name)) for name in reports_lists.LISTS}
            return shown | pages

    full = made("boss1")
    assert "zebra" in full["corrective"]
    assert "('all', 1, 1, 100" in full["surveys"]
    for login in ("fin2", "coll1", "admin1"):
        found = made(login)
        assert [name for name, words in found.items() if "zebra" in words] == []
        assert "('all', 0, 0" in found["surveys"], login


def test_an_action_is_done_by_who_has_it_or_a_lead_who_may_see_its_ticket(desk: Desk, hidden: dict[str, int]) -> None:
    desk.change(Ticket, {"id": hidden["ticket_id"]}, owner_id=3)
    desk.change(ServiceQueue, {"code": "desk"}, team="South")
    for verb, more in ((corrective.told, ()), (corrective.done, ("weighed",))):
        with pytest.raises(NotFound):
            (desk.lead.write_now if more else desk.lead.read_now)(verb, hidden["action_id"], *more)
    assert desk.lead.read_now(corrective.still_open) == ()
    desk.change(Ticket, {"id": hidden["ticket_id"]}, owner_id=2)
    desk.change(ServiceQueue, {"code": "desk"}, team="")
    assert "weigh the zebra" in desk.as_("audit1").read_now(corrective.told, hidden["action_id"])
    assert "weighed" in desk.lead.write_now(corrective.done, hidden["action_id"], "weighed").words


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
