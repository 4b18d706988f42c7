"""Sessions at served desks: what begins and ends them, who may know of them, what the trail says."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest

from csdesk.errors import Conflict, NotFound, Refused
from csdesk.models import AuditEntry, DeskSession
from csdesk.services import access_keys, access_secrets, founding, granting, sessions
from csdesk.services.access_keys import fingerprint_of
from csdesk.services.sessions import Coming
from tests.services.conftest import Desk
from tests.services.conftest import desk as desk

HERE, THERE = "here", "there"


def key_of(login: str) -> str:
    """A public key that is as good as one for the books."""
    kind = b"ssh-ed25519"
    return f"{kind.decode()} {base64.b64encode(len(kind).to_bytes(4, 'big') + kind + login.encode()).decode()}"


MARK = fingerprint_of(key_of("rep7"))


def come(desk: Desk, login: str = "rep7", server: str = HERE) -> int:
    with contextlib.suppress(Conflict, NotFound):
        desk.store.write_now(access_keys.add_key, login, key_of(login))
    who = Coming(login, "192.0.2.7", "key", fingerprint_of(key_of(login)))
    return desk.store.write_now(sessions.begin, server, who).id


def told(desk: Desk, verb: str) -> list[dict[str, str]]:
    return [json.loads(each.after) for each in desk.rows(AuditEntry, verb=verb)]


def test_a_session_begins_is_typed_at_and_ends_once(desk: Desk) -> None:
    mine = come(desk)
    desk.store.write_now(sessions.running, mine, 4711)
    desk.clock.pass_by(minutes=5)
    desk.store.write_now(sessions.typed, {mine: desk.clock()})
    (one,) = desk.store.read_now(sessions.sitting)
    assert (one.login, one.server, one.pid, one.address, one.method, one.fingerprint, one.typed_at, one.leaving) == (
        "rep7", HERE, 4711, "192.0.2.7", "key", MARK, desk.clock(), ""
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
        {"login": "rep7", "server": HERE, "address": "192.0.2.7", "method": "key", "fingerprint": MARK}
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
    assert [each.id for each in desk.store.read_now(sessions.leaving, [first, second, other])] == [first]
    assert admin.write_now(sessions.kick, "rep7").startswith("2 sessions of rep7 will end")
    assert {each.id: each.leaving for each in desk.store.read_now(sessions.sitting)} == {
        first: "ended by Ada Minton", second: "ended by Ada Minton", other: ""
    }  # fmt: skip
    assert [each["why"] for each in told(desk, "sessions.kick")] == ["]0;xmoving", *["ended by Ada Minton"] * 2]
    assert told(desk, "sessions.want_end") == []
    desk.store.write_now(sessions.want_end, other, "taken over\r\n")
    assert told(desk, "sessions.want_end") == [{"why": "taken over"}]
    for nobody in ("boss1", "17", "", "\x1b[31m", "\u00b2", "9" * 5000):
        with pytest.raises(NotFound):
            admin.write_now(sessions.kick, nobody)


def test_a_login_of_digits_is_a_login(desk: Desk) -> None:
    desk.store.write_now(founding.add_staff, "4711", "Ada Digit", "rep")
    come(desk, "4711")
    assert desk.as_("admin1").write_now(sessions.kick, "4711").startswith("1 session of 4711 will")


def test_what_opens_no_more_begins_no_session(desk: Desk) -> None:
    come(desk)
    desk.store.write_now(access_keys.trust, key_of("authority"))
    mark = fingerprint_of(key_of("authority"))
    by_password, by_card = (
        Coming("rep7", "192.0.2.7", "password"),
        Coming("rep7", "192.0.2.7", "certificate", "SHA256:any", "'card', serial 1", mark),
    )
    with pytest.raises(Refused, match=r"\(password\) lets in no more"):
        desk.store.write_now(sessions.begin, HERE, by_password)
    desk.store.write_now(access_secrets.set_password, "rep7", "once")
    with pytest.raises(Refused, match=r"\(password\) lets in no more"):
        desk.store.write_now(sessions.begin, HERE, by_password)
    desk.store.write_now(access_secrets.change_password, "rep7", "once", "own")
    desk.store.write_now(sessions.begin, HERE, by_password)
    desk.store.write_now(sessions.begin, HERE, by_card)
    desk.store.write_now(access_keys.distrust, mark)
    desk.store.write_now(access_keys.remove_key, "rep7", MARK)
    with pytest.raises(Refused, match=r"\(certificate\) lets in no more"):
        desk.store.write_now(sessions.begin, HERE, by_card)
    with pytest.raises(Refused, match=r"\(key\) lets in no more"):
        desk.store.write_now(sessions.begin, HERE, Coming("rep7", "192.0.2.7", "key", MARK))


def test_a_disabled_login_leaves_every_server(desk: Desk) -> None:
    mine, other = come(desk), come(desk, server=THERE)
    come(desk, "lead3")
    desk.as_("admin1").write_now(granting.disable, "rep7")
    for session in (mine, other):
        (one,) = desk.store.read_now(sessions.leaving, [session])
        assert (one.id, one.leaving, one.over) == (session, "the login is disabled", "")


def test_a_desk_whose_row_was_ended_elsewhere_leaves_and_its_real_end_is_told(desk: Desk) -> None:
    mine, other = come(desk), come(desk, "lead3")
    assert desk.store.read_now(sessions.leaving, []) == desk.store.read_now(sessions.leaving, [mine, other]) == ()
    desk.store.write_now(sessions.end, mine, "its server did not answer")
    (one,) = desk.store.read_now(sessions.leaving, [mine, other])
    assert (one.id, one.leaving, one.over) == (mine, "its server did not answer", "its server did not answer")
    assert not desk.store.write_now(sessions.gone, mine, "left")
    assert desk.store.write_now(sessions.gone, other, "left")
    assert told(desk, "sessions.gone") == [{"why": "left"}]
    assert told(desk, "sessions.end") == [{"why": "its server did not answer"}, {"why": "left"}]


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
