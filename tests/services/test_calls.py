"""Calls: nine at most, one at hand, parked ones kept as they were, nobody else's reachable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Call, Ringing
from csdesk.services import calls, editing
from csdesk.services.calls import WRAP_UPS, CallView
from tests.services.conftest import Desk
from tests.services.talk import Talk


def begin(desk: Desk, count: int = 1) -> list[CallView]:
    return [desk.rep.write_now(calls.begin, f"555014{n}") for n in range(count)]


def active(desk: Desk) -> list[int]:
    return [call.slot for call in desk.rep.read_now(calls.mine) if call.active]


def test_nine_calls_and_no_tenth(desk: Desk) -> None:
    opened = begin(desk, calls.SLOTS)
    assert [call.slot for call in opened] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    with pytest.raises(Refused, match="You have 9 calls open; end one with F8 first"):
        begin(desk)
    desk.lead.write_now(calls.begin, "")  # another rep has nine of his own
    desk.rep.write_now(calls.end, opened[3].id)
    assert begin(desk)[0].slot == 4  # the smallest free number


def test_one_call_is_at_hand(desk: Desk) -> None:
    one, two = begin(desk, 2)
    assert active(desk) == [2]
    assert desk.rep.write_now(calls.switch, 1).id == one.id
    assert active(desk) == [1]
    assert desk.rep.write_now(calls.switch, None) is None
    assert active(desk) == []
    desk.rep.write_now(calls.switch, 2)
    desk.rep.write_now(calls.end, two.id)
    assert active(desk) == []  # the other one comes only when it is asked for
    with pytest.raises(NotFound, match="There is no call 2; open calls: 1"):
        desk.rep.write_now(calls.switch, 2)


def test_a_parked_call_keeps_text_view_customer_and_draft(desk: Desk, talk: Talk) -> None:
    draft = talk.add("4711", 2)
    desk.rep.write_now(calls.keep, talk.call, "4720 ", "pad")
    begin(desk)
    parked = next(call for call in desk.rep.read_now(calls.mine) if call.id == talk.call)
    assert (parked.prompt, parked.view, parked.customer_name, parked.draft_id) == (
        "4720 ", "pad", "Harbour View Deli", draft.id,
    )  # fmt: skip
    assert not parked.active


def test_a_call_with_a_draft_cannot_be_ended(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 2)
    with pytest.raises(Refused, match=r"This call has a draft; commit it with \. or leave it with F12"):
        talk.store.write_now(calls.end, talk.call)
    with pytest.raises(Refused, match="A draft of another customer is open on this call"):
        talk.store.write_now(calls.identify, talk.call, 2)
    talk.store.write_now(calls.identify, talk.call, 1)  # the same customer again is no harm
    talk.commit()
    talk.store.write_now(calls.end, talk.call)


def test_an_ended_call_is_over(desk: Desk, talk: Talk) -> None:
    desk.clock.pass_by(minutes=3, seconds=7)
    assert talk.store.write_now(calls.end, talk.call) == "Call 1 ended after 3:07 (enquiry)."
    for act in (
        lambda: talk.store.write_now(calls.end, talk.call),
        lambda: talk.store.write_now(calls.note, talk.call, "late"),
        lambda: talk.store.write_now(calls.identify, talk.call, 2),
        lambda: talk.add("4711", 1),
        talk.undo,
    ):
        with pytest.raises(NotFound, match="This call has ended; find the caller again"):
            act()
    talk.store.write_now(calls.keep, talk.call, "too late", "pad")
    assert desk.row(Call).prompt == ""


def test_what_a_call_was_about(desk: Desk, talk: Talk) -> None:
    nobody = begin(desk)[0]
    assert desk.rep.write_now(calls.end, nobody.id).endswith("(no-caller).")
    for letter, name in WRAP_UPS.items():
        assert talk.store.write_now(calls.code, talk.call, letter.upper()) == f"This call is about: {name}."
    assert talk.store.write_now(calls.end, talk.call).endswith("(wrong-number).")
    assert desk.row(Call, id=talk.call).wrap_up == "wrong-number"


def test_placing_and_amending_code_the_call(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1))
    assert desk.row(Call).wrap_up == "order"
    talk.cancel(placed, 1)
    assert desk.row(Call).wrap_up == "amend"


def test_notes_add_up(desk: Desk, talk: Talk) -> None:
    for words in ("wants a call", "  in June "):
        talk.store.write_now(calls.note, talk.call, words)
    assert desk.row(Call).note == "wants a call; in June"
    for words in ("", "   "):
        with pytest.raises(Invalid, match="A note needs words: m and what was said"):
            talk.store.write_now(calls.note, talk.call, words)
    talk.store.write_now(calls.note, talk.call, "x" * 5000)
    assert len(desk.row(Call).note) == 2000


def test_another_reps_call_is_out_of_reach(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 1)
    for act in (
        lambda: desk.lead.write_now(calls.identify, talk.call, 2),
        lambda: desk.lead.write_now(calls.note, talk.call, "x"),
        lambda: desk.lead.write_now(calls.code, talk.call, "q"),
        lambda: desk.lead.write_now(calls.end, talk.call),
        lambda: desk.lead.write_now(editing.drop, talk.call),
        lambda: Talk(desk.lead, talk.call).add("4711", 1),
        lambda: Talk(desk.lead, talk.call).undo(),
        lambda: Talk(desk.lead, talk.call).cancel(talk.latest(), 1),
    ):
        with pytest.raises(NotFound, match="This call is not yours or is gone"):
            act()
    desk.lead.write_now(calls.keep, talk.call, "stolen", "pad")
    assert desk.row(Call).prompt == ""
    assert desk.lead.read_now(calls.mine) == ()
    with pytest.raises(NotFound, match="There is no call 1; open calls: none"):
        desk.lead.write_now(calls.switch, 1)


def test_a_customer_who_is_not_there_cannot_be_on_a_call(desk: Desk) -> None:
    with pytest.raises(NotFound, match="This customer no longer exists"):
        desk.rep.write_now(calls.identify, begin(desk)[0].id, 999)


def test_a_ringing_call_waits_for_its_rep_and_is_taken_once(desk: Desk) -> None:
    first = desk.store.write_now(calls.ring, "rep7", "+12025550142")
    desk.store.write_now(calls.ring, "rep7", "+12025550143")
    assert desk.lead.read_now(calls.ringing) is None
    assert desk.rep.read_now(calls.ringing) == first  # the oldest
    assert active(desk) == []
    taken = desk.rep.write_now(calls.begin, first.phone, first.id)
    assert (taken.phone, taken.active) == (first.phone, True)
    assert desk.rep.read_now(calls.ringing).phone == "+12025550143"
    desk.lead.write_now(calls.begin, "", desk.rep.read_now(calls.ringing).id)  # not his
    assert desk.rep.read_now(calls.ringing) is not None
    with pytest.raises(NotFound, match="Nobody here has the login nobody"):
        desk.store.write_now(calls.ring, "nobody", "1")
    assert len(desk.rows(Ringing)) == 2


def test_two_windows_of_a_rep_get_two_numbers(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        slots = [each.slot for each in pool.map(lambda _: desk.rep.write_now(calls.begin, ""), range(8))]
    assert sorted(slots) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(active(desk)) == 1
