"""Every writing verb of the desk: refused without its duty, one audit entry that names it, one effect a request."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, AuditEntry, CreditAccount
from csdesk.services import amendments, approving, calls, changing, credits, editing, orders, posting, undo
from csdesk.services.asking import Change
from csdesk.services.tx import READING_VERBS, UNAUDITED, WRITING_VERBS
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, pieces
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE

MODULES = {"calls", "editing", "orders", "amendments", "undo", "credits", "approving", "changing", "posting"}
MINE = sorted(name for name in WRITING_VERBS if name.partition(".")[0] in MODULES and name not in UNAUDITED)
Ready = Callable[[Desk, Talk], tuple[object, ...]]


def nothing(desk: Desk, talk: Talk) -> tuple[object, ...]:
    return (talk.call,)


def line(desk: Desk, talk: Talk) -> tuple[object, ...]:
    talk.add("4711", 2)
    return (talk.call,)


def short(desk: Desk, talk: Talk) -> tuple[object, ...]:
    talk.add(SHORT_CODE, 6)
    return (talk.call,)


def opened(desk: Desk, talk: Talk) -> tuple[object, ...]:
    talk.amend()
    talk.set(1, 13)
    return (talk.call,)


def held(desk: Desk, talk: Talk) -> tuple[object, ...]:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    return (talk.order(("4711", 1)).id,)


def asked(desk: Desk, talk: Talk) -> tuple[object, ...]:
    return (ask(talk, pieces(1, 2)).id,)


def approved(desk: Desk, talk: Talk) -> tuple[object, ...]:
    request = ask(talk, pieces(1, 2))
    approve(desk, request)
    desk.clock.pass_by(minutes=5)
    return (request.id,)


def listed(desk: Desk, talk: Talk) -> tuple[object, ...]:
    return (((ask(talk, pieces(1, 1)).id, 1),),)


def decided(desk: Desk, talk: Talk) -> tuple[object, ...]:
    approve(desk, ask(talk, pieces(1, 2)))
    return ()


def lapsed(desk: Desk, talk: Talk) -> tuple[object, ...]:
    request = ask(talk, pieces(1, 2))
    desk.clock.pass_by(days=15)
    return (request.id,)


def tampered(desk: Desk, talk: Talk) -> tuple[object, ...]:
    (request,) = approved(desk, talk)
    desk.change(ApprovalRequest, {"id": request}, payload_hash="0" * 64)
    return (request,)


def by(name: str, desk: Desk, talk: Talk) -> Store:
    """Who may do it: the lead what a rep may not, the system what happens by itself."""
    if name.partition(".")[0] in {"approving", "posting"}:
        return desk.lead if name.startswith("approving") else desk.store
    return desk.lead if name == "orders.release" else talk.store


# What must be there first (it gives the first arguments), then the other arguments.
RECIPES: dict[str, tuple[Ready, tuple[object, ...]]] = {
    "calls.begin": (lambda desk, talk: (), ("5550142",)),
    "calls.code": (nothing, ("q",)),
    "calls.end": (nothing, ()),
    "calls.identify": (nothing, (2,)),
    "calls.note": (nothing, ("wants a call",)),
    "calls.ring": (lambda desk, talk: (), ("rep7", "5550142")),
    "calls.switch": (lambda desk, talk: (), (1,)),
    "editing.add_line": (nothing, ("4711", Decimal(2))),
    "editing.add_usual": (nothing, (1,)),
    "editing.amend": (nothing, ()),
    "editing.choose_short": (short, ("part",)),
    "editing.drop": (line, ()),
    "editing.rebase": (opened, ()),
    "editing.repeat": (nothing, ()),
    "editing.set_date": (line, ("12",)),
    "editing.set_line": (line, (1, Decimal(3))),
    "editing.take_alternative": (short, ()),
    "orders.place": (lambda desk, talk: (talk.add("4711", 2).id,), ()),
    "orders.release": (held, ()),
    "amendments.apply": (lambda desk, talk: (opened(desk, talk), talk.pad().id)[1:], ()),
    "amendments.cancel_line": (lambda desk, talk: (talk.latest().id,), (1, "c")),
    "undo.last": (line, ()),
    "credits.ask": (nothing, (9201, (pieces(1, 2),), "d", "crate fell")),
    "approving.approve": (asked, ()),
    "approving.reject": (asked, ("no photo of it",)),
    "approving.approve_all": (listed, ()),
    "approving.take_back": (decided, ()),
    "changing.edit": (asked, (Change("d", Decimal(3)),)),
    "changing.withdraw": (asked, ()),
    "posting.post": (approved, ()),
    "posting.expire": (lapsed, ()),
    "posting.fail": (tampered, ()),
}


def entries(desk: Desk) -> list[str]:
    return [row.verb for row in sorted(desk.rows(AuditEntry), key=lambda row: (row.lane, row.seq))]


@pytest.mark.parametrize("name", MINE)
def test_it_leaves_one_entry_that_names_it(desk: Desk, talk: Talk, name: str) -> None:
    assert name in RECIPES, f"say in RECIPES how {name} is called"
    ready, more = RECIPES[name]
    first = ready(desk, talk)
    before = entries(desk)
    store = by(name, desk, talk)
    store.write_now(WRITING_VERBS[name], *first, *more)
    after = entries(desk)
    assert len(after) == len(before) + 1
    assert sorted(after) == sorted([*before, name])


def test_the_recipes_name_verbs_there_are() -> None:
    assert set(RECIPES) <= set(WRITING_VERBS)
    modules = (amendments, approving, calls, changing, credits, editing, orders, posting, undo)
    assert {module.__name__.rpartition(".")[2] for module in modules} == MODULES


def test_each_is_refused_without_its_duty(desk: Desk) -> None:
    """Before anything is looked at: not even the arguments matter. The attempt is left in the trail."""
    nobody, before = _nobody(desk), entries(desk)
    names = sorted(name for name, verb in WRITING_VERBS.items() if verb.duty)  # type: ignore[attr-defined]
    for name in names:
        with pytest.raises(Refused, match=f"needs the duty '{WRITING_VERBS[name].duty}'"):  # type: ignore[attr-defined]
            nobody.write_now(WRITING_VERBS[name])
    assert sorted(entries(desk)) == sorted([*before, *(f"refused:{name}"[:60] for name in names)])


def test_each_reading_verb_is_refused_without_its_duty(desk: Desk) -> None:
    nobody = _nobody(desk)
    for name, verb in READING_VERBS.items():
        if verb.duty:  # type: ignore[attr-defined]
            with pytest.raises(Refused, match=f"needs the duty '{verb.duty}'"):  # type: ignore[attr-defined]
                nobody.read_now(READING_VERBS[name])


def _nobody(desk: Desk):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return desk.rep.acting(replace(desk.rep.actor, duties=frozenset()))


@pytest.mark.parametrize("name", MINE)
def test_a_request_that_is_repeated_has_one_effect_and_one_answer(desk: Desk, talk: Talk, name: str) -> None:
    """Answers come back from the books as they were given, to the last decimal."""
    ready, more = RECIPES[name]
    first = ready(desk, talk)
    store = by(name, desk, talk)
    answer = store.write_now(WRITING_VERBS[name], *first, *more, request_id="r1")
    before = entries(desk)
    assert store.write_now(WRITING_VERBS[name], *first, *more, request_id="r1") == answer
    assert entries(desk) == before
