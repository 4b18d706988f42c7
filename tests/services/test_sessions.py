"""Sessions at served desks: what begins and ends them, who may know of them, what the trail says."""

from __future__ import annotations

import json

import pytest

from csdesk.errors import NotFound, Refused
from csdesk.models import AuditEntry, DeskSession
from csdesk.services import granting, sessions
from csdesk.services.sessions import Coming
from tests.services.conftest import Desk
from tests.services.conftest import desk as desk

HERE, THERE = "here", "there"


def come(desk: Desk, login: str = "rep7", server: str = HERE) -> int:
    return desk.store.write_now(sessions.begin, server, Coming(login, "192.0.2.7", "key", "SHA256:abc")).id


def told(desk: Desk, verb: str) -> list[dict[str, str]]:
    return [json.loads(each.after) for each in desk.rows(AuditEntry, verb=verb)]


def test_a_session_begins_is_typed_at_and_ends_once(desk: Desk) -> None:
    mine = come(desk)
    desk.store.write_now(sessions.running, mine, 4711)
    desk.clock.pass_by(minutes=5)
    desk.store.write_now(sessions.typed, {mine: desk.clock()})
    (one,) = desk.store.read_now(sessions.sitting)
    assert (one.login, one.server, one.pid, one.address, one.method, one.fingerprint, one.typed_at, one.leaving) == (
        "rep7", HERE, 4711, "192.0.2.7", "key", "SHA256:abc", desk.clock(), ""
    )  # fmt: skip
    assert desk.store.read_now(sessions.of_login, "rep7") == (one,)
    assert desk.store.read_now(sessions.still, mine)
    assert desk.store.write_now(sessions.end, mine, "left \x1b[31m" + "x" * 300)
    assert not desk.store.write_now(sessions.end, mine, "again")
    assert not desk.store.read_now(sessions.still, mine)
    assert desk.store.read_now(sessions.sitting) == ()
    (row,) = desk.rows(DeskSession)
    assert row.ended_why.startswith("left [31mxxx")
    assert len(row.ended_why) == 200
    assert told(desk, "sessions.end") == [{"why": row.ended_why}]
    assert told(desk, "sessions.begin") == [
        {"login": "rep7", "server": HERE, "address": "192.0.2.7", "method": "key", "fingerprint": "SHA256:abc"}
    ]


def test_nobody_begins_who_is_unknown_or_disabled(desk: Desk) -> None:
    desk.as_("admin1").write_now(granting.disable, "rep7")
    with pytest.raises(Refused, match="disabled"):
        come(desk)
    with pytest.raises(NotFound):
        come(desk, "nobody")
    assert desk.rows(DeskSession) == []


def test_a_kick_by_login_or_number_is_told_once(desk: Desk) -> None:
    admin = desk.as_("admin1")
    first, second, other = come(desk), come(desk, server=THERE), come(desk, "lead3")
    assert admin.write_now(sessions.kick, str(first), "  \x1b]0;x\x07moving  ").startswith("1 session of rep7 will")
    assert [each.id for each in desk.store.read_now(sessions.leaving, HERE)] == [first]
    assert admin.write_now(sessions.kick, "rep7").startswith("2 sessions of rep7 will end")
    assert {each.id: each.leaving for each in desk.store.read_now(sessions.sitting)} == {
        first: "ended by Ada Minton", second: "ended by Ada Minton", other: ""
    }  # fmt: skip
    assert [each["why"] for each in told(desk, "sessions.kick")] == ["]0;xmoving", *["ended by Ada Minton"] * 2]
    assert told(desk, "sessions.want_end") == []
    desk.store.write_now(sessions.want_end, other, "taken over\r\n")
    assert told(desk, "sessions.want_end") == [{"why": "taken over"}]
    for nobody in ("boss1", "17", "", "\x1b[31m"):
        with pytest.raises(NotFound):
            admin.write_now(sessions.kick, nobody)


def test_a_disabled_login_leaves_every_server(desk: Desk) -> None:
    mine, other = come(desk), come(desk, server=THERE)
    come(desk, "lead3")
    desk.as_("admin1").write_now(granting.disable, "rep7")
    for server, session in ((HERE, mine), (THERE, other)):
        (one,) = desk.store.read_now(sessions.leaving, server)
        assert (one.id, one.leaving) == (session, "the login is disabled")


def test_a_server_that_starts_ends_what_an_earlier_one_left(desk: Desk) -> None:
    come(desk)
    come(desk, "lead3")
    other = come(desk, server=THERE)
    assert desk.store.write_now(sessions.swept, HERE) == 2
    assert desk.store.write_now(sessions.swept, HERE) == 0
    assert [each.id for each in desk.store.read_now(sessions.sitting)] == [other]


def test_a_rep_sees_and_ends_nobodys_session(desk: Desk) -> None:
    mine = come(desk)
    for acting in (desk.rep, desk.lead):
        with pytest.raises(Refused):
            acting.read_now(sessions.sitting)
        with pytest.raises(Refused):
            acting.write_now(sessions.kick, "rep7")
        with pytest.raises(Refused):
            acting.write_now(sessions.end, mine, "x")
        with pytest.raises(Refused):
            acting.write_now(sessions.begin, HERE, Coming("boss1", "192.0.2.7", "key"))
    assert desk.store.read_now(sessions.still, mine)
