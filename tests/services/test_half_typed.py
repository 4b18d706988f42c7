"""What is typed while nobody is on the line: one text a rep, taken by what carries it out and by nothing else."""

from __future__ import annotations

import pytest

from csdesk.errors import Invalid
from csdesk.models import Call, HalfTyped
from csdesk.services import calls, half_typed
from csdesk.services.half_typed import Kept
from tests.services.conftest import Desk
from tests.services.talk import Talk

LONG = "a " + "x" * 19_998  # all that the prompt takes


def test_each_rep_has_one_text_with_its_view(desk: Desk) -> None:
    assert desk.rep.read_now(half_typed.mine) == Kept()
    desk.rep.write_now(half_typed.keep, "a spoke of", "ticket:12")
    desk.rep.write_now(half_typed.keep, LONG, "ticket:13")
    desk.lead.write_now(half_typed.keep, "n billed", "v" * 300)
    assert desk.rep.read_now(half_typed.mine) == Kept(LONG, "ticket:13")
    assert desk.lead.read_now(half_typed.mine) == Kept("n billed", "v" * 200)
    desk.rep.write_now(half_typed.keep, "", "ticket:13")
    desk.rep.write_now(half_typed.keep, "", "")
    desk.store.write_now(half_typed.keep, "typed by nobody", "")
    assert [row.prompt for row in desk.rows(HalfTyped)] == ["n billed"]


def test_what_is_carried_out_takes_it_along_or_neither_happens(desk: Desk, talk: Talk) -> None:
    desk.rep.write_now(half_typed.keep, "m ", "")
    with pytest.raises(Invalid):
        desk.rep.write_now(calls.note, talk.call, " ", along=half_typed.take)
    assert desk.rep.read_now(half_typed.mine).prompt == "m "
    for _ in range(2):
        desk.rep.write_now(calls.note, talk.call, "late", along=half_typed.take, request_id="once")
    assert (desk.row(Call).note, desk.rows(HalfTyped)) == ("late", [])
    desk.rep.write_now(half_typed.keep, "m next", "")
    desk.rep.write_now(calls.note, talk.call, "late", along=half_typed.take, request_id="once")
    assert desk.rep.read_now(half_typed.mine).prompt == "m next", "an answer given again takes nothing more"


def test_the_text_of_a_call_is_kept_as_long_as_the_prompt_takes(desk: Desk, talk: Talk) -> None:
    desk.rep.write_now(calls.keep, talk.call, LONG, "pad")
    assert desk.row(Call).prompt == LONG
