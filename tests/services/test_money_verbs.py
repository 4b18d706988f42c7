"""Every writing verb of money and controls: it leaves an audit entry of its name, and a repeated request one effect."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from csdesk import services
from csdesk.migrations import roles, schema
from csdesk.models import Allocation, BankLine, BreakGlass, Callback, Dispute, Document, Promise
from csdesk.services import (
    applying,
    approving,
    credits,
    deductions,
    disputing,
    emergency,
    promises,
    unidentified,
    writing_off,
)
from csdesk.services.tx import UNAUDITED, WRITING_VERBS
from tests.services import papers
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.test_every_verb import RECIPES, held
from tests.support.seed import TODAY

for _module in pkgutil.iter_modules(services.__path__):
    importlib.import_module(f"csdesk.services.{_module.name}")

Ready = Callable[[Desk, Talk], tuple[Any, ...]]


def nothing(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    return ()


def on_line(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    talk.add("4711", 12)
    return (talk.call,)


def on_order(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    talk.amend()
    return (talk.call,)


def on_call(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    return (talk.call,)


def money(desk: Desk, talk: Talk) -> int:
    """A receipt's item."""
    return desk.as_("cash1").write_now(applying.receive, 1, 500, TODAY).id


def applied(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    desk.as_("cash1").write_now(applying.apply, None, money(desk, talk), 9301)
    return None, desk.row(Allocation).id


def waiting(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    desk.as_("cash1").write_now(unidentified.take_in, 500, TODAY)
    return (desk.row(BankLine).id,)


def short(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    applied(desk, talk)
    return (talk.call,)


def disputed(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    short(desk, talk)
    talk.store.write_now(disputing.code, talk.call, 1, "d")
    return (desk.row(Dispute).id,)


def taken(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    (one,) = disputed(desk, talk)
    desk.as_("coll1").write_now(deductions.take, one)
    return (one,)


def valid(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    (one,) = taken(desk, talk)
    desk.as_("coll1").write_now(deductions.decide, one, "valid")
    return (one,)


def invalid(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    (one,) = taken(desk, talk)
    desk.as_("coll1").write_now(deductions.decide, one, "invalid")
    return (one,)


def linked(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    (one,) = valid(desk, talk)
    made = desk.as_("lead3")
    call = desk.talk(1, "lead3").call
    return one, made.write_now(credits.ask, call, 9201, (papers.pieces(2, 1),), "p").number


def promised(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    talk.store.write_now(promises.take, talk.call, 9301, "+1", "14")
    desk.clock.pass_by(days=9)
    return (desk.row(Promise).id,)


def callback(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    talk.store.write_now(promises.take, talk.call, 9301, "+1", "14")
    return (desk.row(Callback).id,)


def written_off(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    papers.bill(desk, ("4711", 1, 500, 0), id=9900)
    made = desk.as_("coll1").write_now(writing_off.ask, 9900, "j")
    desk.as_("fin2").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    papers.post_all(desk)
    return (desk.row(Document, kind="write_off").id,)


def year(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    desk.as_("fin2").write_now(WRITING_VERBS["closing.lay_out"], 2026)
    return (date(2026, 1, 5),)


def closed(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    year(desk, talk)
    desk.as_("fin2").write_now(WRITING_VERBS["closing.soft_close"], date(2026, 1, 5), "month end")
    return (date(2026, 1, 5),)


def in_an_emergency(desk: Desk, talk: Talk) -> tuple[Any, ...]:
    desk.as_("lead3").write_now(emergency.take, "dunning.run", 2, "the supervisor is ill")
    return (desk.row(BreakGlass).id,)


# Who does it, what must be there first (it gives the first arguments), then the other arguments.
MONEY: dict[str, tuple[str, Ready, tuple[Any, ...]]] = {
    "applying.apply": ("cash1", lambda d, t: (None, money(d, t)), (9301,)),
    "applying.automatic": ("cash1", lambda d, t: (None, money(d, t)), ()),
    "applying.receive": ("cash1", nothing, (1, 500, TODAY)),
    "applying.unapply": ("cash1", applied, ()),
    "closing.lay_out": ("fin2", nothing, (2027,)),
    "closing.soft_close": ("fin2", year, ("month end",)),
    "closing.lock": ("fin2", closed, ("checked",)),
    "closing.ask_unlock": ("fin2", closed, ("left out",)),
    "collecting.log_contact": ("coll1", nothing, (1, "call", "will pay")),
    "debits.ask": ("rep7", on_call, (9201, (papers.pieces(1, 1),), "p")),
    "deduction_lists.map_code": ("coll1", nothing, ("20417", "X7", "d")),
    "deductions.code": ("coll1", disputed, ("p",)),
    "deductions.take": ("coll1", disputed, ()),
    "deductions.decide": ("coll1", taken, ("valid",)),
    "deductions.evidence": ("coll1", taken, ("mail", "of 3 March")),
    "deductions.credit": ("coll1", valid, ((papers.worth(1, 500),),)),
    "deductions.link": ("coll1", linked, ()),
    "deductions.bill_back": ("coll1", invalid, ()),
    "disputing.code": ("rep7", short, (1, "d")),
    "emergency.take": ("lead3", nothing, ("dunning.run", 2, "the supervisor is ill")),
    "emergency.review": ("audit1", in_an_emergency, ("was needed",)),
    "goodwill.ask": ("rep7", on_call, (500, "g")),
    "overriding.ask": ("boss1", nothing, ("20417", "credit-limit", "a truck waits", 7, "500")),
    "price_overriding.ask": ("rep7", on_line, (1, "17.50", "p")),
    "price_overriding.reprice": ("rep7", on_order, (1,)),
    "promise_keeping.settle": ("", promised, ()),
    "promises.take": ("rep7", on_call, (9301, "+3")),
    "proposing.block": ("coll1", nothing, (1, TODAY + timedelta(days=9), "in talks")),
    "proposing.limit": ("coll1", nothing, (1, 3_000_000, "grows")),
    "queue.called": ("rep7", callback, ()),
    "queue.missed": ("rep7", callback, ("no answer",)),
    "releasing.ask": ("lead3", held, ("a truck waits",)),
    "releasing.leave": ("lead3", held, ("they pay first",)),
    "returns.receive": ("dock1", nothing, ("26000001", 1, Decimal(1))),
    "reversing.receipt": ("cash1", lambda d, t: (money(d, t),), ("bounced",)),
    "reversing.ask": ("coll1", written_off, ("paid after all",)),
    "unidentified.take_in": ("cash1", nothing, (500, TODAY)),
    "unidentified.identify": ("cash1", waiting, (1,)),
    "unidentified.give_back": ("cash1", waiting, ("not ours",)),
    "writing_off.ask": ("coll1", nothing, (9301, "j")),
}
# Tried by the tests named here, with what they need.
ELSEWHERE = {
    "test_deductions": {"deductions.take_back", "deductions.write_off"},
    "test_delegation": {"delegating.ask", "delegating.revoke"},
    "test_separation": {"granting.accept", "granting.grant", "granting.revoke", "founding.add_staff"},
    "test_dunning": {"dunning.notify", "dunning.set_level"},
    "test_collecting": {"proposing.terms", "provisioning.propose"},
    "test_settings": {"settings.account", "settings.conflict", "settings.tier", "granting.disable", "granting.enable"},
    "test_releasing": {"rechecking.recheck"},
    "test_callbacks": {"callbacks.attempt", "callbacks.cancel", "callbacks.keep", "callbacks.lapse", "callbacks.make",
                       "callbacks.move"},
    "test_rosters": {"rosters.load"},
    "test_handover": {"handover.accept", "handover.end_shift", "handover.pack"},
    "the tick": {"escalating.climb", "escalating.review", "surveys.ask", "ticket_waking.wake"},
    "tests/store": {"founding.found", "new_duties.add", "roles.grant", "roles.provide", "schema.advance",
                    "unidentified.take_in_file"},
    "tests/documents": {"outbox.again", "outbox.again_all", "outbox.claim", "outbox.failed", "outbox.sent",
                        "outbox.post_statement",
                        "particulars.set_company", "particulars.set_customer"},
    "tests/importing": {"loading.open_source", "loading.rehearse", "loading.take_file", "search_index.reindex"},
}  # fmt: skip


def test_every_writing_verb_is_tried_somewhere() -> None:
    ours = {name for name, verb in WRITING_VERBS.items() if verb.__module__.startswith("csdesk.")}
    tried = set(RECIPES) | set(MONEY) | set().union(*ELSEWHERE.values())
    assert (roles.grant.__name__, schema.advance.__name__) == ("grant", "advance")  # they are verbs too
    assert tried <= ours
    spoken = "".join(each.read_text("utf-8") for each in Path(__file__).parent.glob("*.py"))  # tickets: by their names
    assert {name for name in ours - UNAUDITED - tried if not re.search(rf"\b{re.escape(name)}\b", spoken)} == set()


@pytest.mark.parametrize("name", sorted(MONEY))
def test_it_is_audited_by_its_name_and_repeated_without_effect(desk: Desk, talk: Talk, name: str) -> None:
    from tests.services.test_every_verb import entries

    login, ready, more = MONEY[name]
    first = ready(desk, talk)
    store = desk.as_(login) if login else desk.store
    before = entries(desk)
    answer = store.write_now(WRITING_VERBS[name], *first, *more, request_id="r1")
    after = entries(desk)
    new = sorted(after)
    for each in before:
        new.remove(each)
    assert name in new
    assert store.write_now(WRITING_VERBS[name], *first, *more, request_id="r1") == answer
    assert entries(desk) == after
