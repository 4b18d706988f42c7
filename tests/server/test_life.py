"""A served desk from login to its end, with a real OpenSSH client: keys, windows, broken lines, what comes back."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

import psutil
import pytest

from csdesk.services import access_keys, granting
from tests.crash.rep import CUSTOMER, FIVE, ORDER, OTHER
from tests.server.house import HALF, Guest, Server, asked, finds_all, half_typed, is_kept, new_key, public
from tests.server.records import SOON, alive, until
from tests.support.seed import acting


def test_a_key_lets_in_and_the_desk_is_used(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        desk.ready()
        desk.type(f"{CUSTOMER}\r{ORDER}")
        desk.wait(lambda: desk.pad == list(FIVE))
        desk.type("\x11")
        desk.wait(lambda: "A call is open" in desk.echo)
        desk.type("\x03.")
        desk.wait(lambda: "placed" in desk.echo)
        desk.type("z\x11")
        assert desk.closed() == 0
        assert desk.raw.rstrip().endswith(b"\x1b[?1004l"), "nothing is written after the window is given back"
    assert server.over(who) == "left"
    fingerprint = access_keys.fingerprint_of(public(who.key))
    begun = {"login": who.login, "address": who.address, "method": "key", "fingerprint": fingerprint, "server": "here"}
    assert server.trail("sessions.begin", login=who.login) == [begun]
    assert server.logged("desk begins", login=who.login, fingerprint=fingerprint)
    assert server.logged("desk over", login=who.login, why="left")


def test_an_order_typed_in_one_burst_is_placed_once(server: Server) -> None:
    who = server.hire()
    with server.sit(who, typed=f"{OTHER}\r{ORDER}.z".encode()) as desk:
        desk.wait(lambda: "ended" in desk.echo)
        desk.type("\x11")
        assert desk.closed() == 0
    placed = server.books.rows("SELECT id FROM sales_order WHERE placed_by = :s", s=who.staff_id)
    assert len(placed) == 1
    assert list(server.books.orders().values()).count(list(FIVE)) >= 1
    assert (server.drafts(who), server.calls(who)) == ([], [])
    assert server.over(who) == "left"


def test_the_window_grows_and_shrinks(server: Server) -> None:
    with server.sit(server.hire()) as desk:
        desk.ready()
        desk.type(f"{CUSTOMER}\r{HALF}")
        desk.wait(lambda: desk.prompt == HALF)
        for width, height in ((200, 60), (60, 15), (80, 24)):
            desk.resize(width, height)
            desk.wait(lambda: len(desk.lines) == height and desk.prompt == HALF and desk.lines[-1])  # noqa: B023
            assert max(map(len, desk.lines)) <= width


def killed(desk: Guest) -> None:
    desk.send(signal.SIGKILL)


def closed(desk: Guest) -> None:
    desk.hang_up()


def asleep_and_killed(desk: Guest) -> None:
    desk.send(signal.SIGSTOP)
    desk.send(signal.SIGKILL)


@pytest.mark.parametrize("gone", [killed, closed, asleep_and_killed])
def test_a_line_that_breaks_in_the_middle_of_a_line_loses_nothing(server: Server, gone: Callable[..., None]) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        gone(desk)
        assert server.over(who) == "the line broke"
    assert is_kept(server, who)
    other = new_key(server.folder, f"{who.login}-other")
    server.store.write_now(access_keys.add_key, who.login, public(other))
    with server.sit(who, key=other) as desk:
        finds_all(desk)


def test_a_second_login_takes_over_or_leaves_the_first(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as first:
        half_typed(first)
        with server.sit(who) as second:
            asked(second)
            assert f"{who.login} sits at a desk since" in second.text
            second.type("q")
            assert second.closed() == 0
            assert "the other desk goes on" in second.text
        assert len(server.sessions(who)) == 1
        with server.sit(who) as second:
            asked(second)
            second.send(signal.SIGKILL)
        first.type("7")
        first.wait(lambda: first.prompt == f"{HALF}7")
        first.type("\x7f")
        first.wait(lambda: first.prompt == HALF)
        with server.sit(who) as second:
            asked(second)
            second.type("\r")
            finds_all(second)
            assert first.closed() == 0
            assert f"This desk was taken over from {who.address}. Everything you typed is kept".encode() in first.raw
        assert "taken over from" in server.sessions(who)[0][2]


def test_a_desk_that_is_killed_gives_its_terminal_back(server: Server) -> None:
    who, other = server.hire(), server.hire()
    with server.sit(other) as beside, server.sit(who) as desk:
        beside.ready()
        half_typed(desk)
        until(lambda: is_kept(server, who))
        os.kill(server.pid(who), signal.SIGKILL)
        assert desk.closed() == 1
        end = desk.raw[desk.raw.rindex(b"\x1b[?1049l") :]
        assert b"\x1b[?25h" in end
        assert b"This desk was cut off. What you typed is kept, but for perhaps the last of it. Log in again" in end
        beside.type(f"{CUSTOMER}\r")
        beside.wait(lambda: CUSTOMER in beside.text)
        with server.sit(who) as again:
            finds_all(again)
    assert server.sessions(who)[0][2] == "the desk was killed (signal 9)"


def test_desks_outlive_the_process_they_are_forked_from(server: Server) -> None:
    who, other = server.hire(), server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        old = server.zygote
        os.kill(old, signal.SIGKILL)
        desk.type("7")
        desk.wait(lambda: desk.prompt == f"{HALF}7")
        until(lambda: server.logged("the zygote died") and server.zygote not in (0, old))
        with server.sit(other) as beside:
            beside.ready()
        desk.type("\x7f")
        desk.wait(lambda: desk.prompt == HALF)
        desk.send(signal.SIGKILL)
    server.over(who)
    assert is_kept(server, who)


def test_who_and_kick(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        code, said = server.command("who")
        line = next(each for each in said.splitlines() if who.login in each)
        assert code == 0
        assert re.search(rf"{re.escape(who.address)} .* idle 0 min  key  SHA256:", line)
        assert server.command("kick", who.login, "--user", "lead3")[0] != 0
        code, said = server.command("kick", who.login, "--why", "\x1b[31mmoving \x1b]0;x\x07desks", "--user", "admin1")
        assert (code, said[:9]) == (0, "1 session")
        assert desk.closed() == 0
        assert b"This desk was ended: [31mmoving ]0;xdesks. Everything" in desk.raw
    assert "moving" in server.over(who)
    assert is_kept(server, who)
    assert len(server.trail("sessions.kick", login=who.login)) == 1
    assert server.command("kick", who.login)[0] != 0


def test_a_login_that_is_disabled_leaves_at_once(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        acting(server.store, "admin1").write_now(granting.disable, who.login)
        assert desk.closed() == 0
        assert b"the login is disabled" in desk.raw
    assert "disabled" in server.over(who)
    assert is_kept(server, who)
    assert server.run(who)[0] == 255


def test_a_drain_and_a_killed_server_lose_nothing(serve: Callable[..., Server]) -> None:
    server = serve(settings={"serve_drain": 2})
    who, other = server.hire(), server.hire()
    with server.sit(who) as desk, server.sit(other) as idle:
        half_typed(desk)
        idle.ready()
        os.kill(server.pid(who), signal.SIGTERM)  # as a service manager sends it to everything of a server
        os.kill(server.zygote, signal.SIGTERM)
        code, said = server.command("serve", "--drain")
        assert code == 0
        assert "ends in 2 s" in said
        desk.wait(lambda: "This server stops in 2 s" in desk.echo)
        assert server.run(who)[0] == 255
        for each in (desk, idle):
            assert each.closed() == 0
            assert b"The server stopped. Everything you typed is kept." in each.raw
    assert server.process.wait(SOON) == 0
    assert server.over(who) == server.over(other) == "The server stopped"
    assert is_kept(server, who)
    assert server.command("serve", "--drain")[0] != 0
    server.start()
    with server.sit(who) as desk:
        finds_all(desk)
        pids = [server.pid(who), server.zygote, server.process.pid]
        server.process.kill()
        desk.closed()
        until(lambda: not any(map(alive, pids)), SOON)
    assert is_kept(server, who)
    server.start()
    assert server.sessions(who)[-1][2] == "the server stopped"
    with server.sit(who) as desk:
        finds_all(desk)
        os.kill(server.process.pid, signal.SIGTERM)
        os.kill(server.process.pid, signal.SIGTERM)
        assert desk.closed() == 0
    assert server.process.wait(SOON) == 0
    assert not [each for each in psutil.pids() if each in pids]
