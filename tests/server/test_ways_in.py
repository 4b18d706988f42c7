"""Passwords and codes typed at OpenSSH: what lets in, what is asked, and that nothing tells who exists."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

import pyotp
import pytest

from csdesk.rules import lockout
from csdesk.server import passwords
from csdesk.server.tally import Tally
from csdesk.services import access_secrets
from tests.server.house import Guest, Server
from tests.server.records import Person, until

ONCE, OWN, NEXT = "abcd-efgh-jkmn-pqrs", "four crates of olives", "the harbour at dawn"
PASSWORD = ("-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=2")
ONE_TRY = ("-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1")


@pytest.fixture
def who(server: Server) -> Person:
    """A rep with a key and a one-time password."""
    made = server.hire()
    server.store.write_now(access_secrets.set_password, made.login, passwords.hashed(ONCE))
    return made


def answer(desk: Guest, prompt: str, words: str, times: int = 1) -> None:
    """Types at a prompt of ssh once it has come so often."""
    desk.wait(lambda: desk.raw.count(prompt.encode()) >= times)
    desk.type(f"{words}\n")


def test_a_one_time_password_is_changed_before_it_lets_in_and_ones_own_at_the_desk(server: Server, who: Person) -> None:
    with server.sit(who, *PASSWORD) as desk:
        answer(desk, "Password: ", ONCE)
        answer(desk, "New password: ", "short")
        answer(desk, "The same again: ", "short")
        answer(desk, "New password: ", OWN, 2)
        answer(desk, "The same again: ", OWN, 2)
        desk.ready()
        assert OWN.encode() not in desk.raw
    server.over(who)
    assert server.trail("sessions.begin", login=who.login)[0]["method"] == "password"
    with server.sit(who, *PASSWORD) as desk:
        answer(desk, "Password: ", ONCE)
        answer(desk, "Password: ", OWN, 2)
        desk.ready()
        desk.type(f"\x10password\r{OWN}\r{NEXT}\r{NEXT}\r")
        desk.wait(lambda: "is changed" in desk.echo)
    server.over(who)
    with server.sit(who, *PASSWORD) as desk:
        answer(desk, "Password: ", NEXT)
        desk.ready()
    server.over(who)
    assert [each["why"] for each in server.trail("access.tried", login=who.login)] == [
        "let in", "wrong password or code", "let in", "let in"
    ]  # fmt: skip
    assert server.logged("refused", login=who.login, method="password")
    for secret in (ONCE, OWN, NEXT):
        assert secret not in server.raw_log


def test_a_password_is_guessed_at_in_vain_and_the_key_still_opens(server: Server) -> None:
    who, nobody = server.hire(), "nobody-of-all"
    own = passwords.hashed(ONCE)
    server.store.write_now(access_secrets.set_password, who.login, own)
    server.store.write_now(access_secrets.change_password, who.login, own, passwords.hashed(OWN))
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def guess() -> None:
        tally = Tally()
        for number in range(lockout.LOCKS_AT):
            await passwords.check(server.store, who.login, f"guess {number}", "", who.address, tally=tally, wait=wait)

    asyncio.run(guess())
    assert sum(waited) > 60, "slowed"
    screens = []
    for login in (who.login, nobody):
        with server.sit(who, *ONE_TRY, "-l", login) as desk:
            answer(desk, "Password: ", OWN)
            assert desk.closed() == 255
            screens.append(desk.raw.replace(login.encode(), b"X"))
    assert screens[0] == screens[1]
    until(lambda: server.trail("access.tried", login=who.login, why="locked"))
    assert server.trail("access.tried", login=nobody, why="unknown login")
    with server.sit(who) as desk:
        desk.ready()


def test_a_second_factor_is_asked_of_everybody(server: Server) -> None:
    who, other = server.hire(), server.hire()
    own = passwords.hashed(ONCE)
    for each in (who, other):
        server.store.write_now(access_secrets.set_password, each.login, own)
        server.store.write_now(access_secrets.change_password, each.login, own, passwords.hashed(OWN))
    secret = passwords.new_totp()
    server.store.write_now(access_secrets.set_totp, who.login, secret)
    try:
        with server.sit(who, *PASSWORD) as desk:
            answer(desk, "Password: ", OWN)
            answer(desk, "Code (Enter without one): ", "")
            answer(desk, "Password: ", OWN, 2)
            answer(desk, "Code (Enter without one): ", pyotp.TOTP(secret).at(datetime.now(UTC)), 2)
            desk.ready()
        server.over(who)
        assert server.trail("sessions.begin", login=who.login)[0]["method"] == "password+totp"
        for login in (other.login, "nobody-of-all"):
            with server.sit(other, *ONE_TRY, "-l", login) as desk:
                answer(desk, "Password: ", OWN)
                answer(desk, "Code (Enter without one): ", "")
                desk.ready() if login == other.login else desk.closed()
    finally:
        server.store.write_now(access_secrets.clear_totp, who.login)


def test_answers_take_as_long_whether_a_login_exists_or_not(server: Server, who: Person) -> None:
    """The server's own way of looking at a password, known and unknown login by turns; medians of many."""
    times: dict[str, list[float]] = {who.login: [], "nobody-of-all": []}

    async def no_wait(seconds: float) -> None:
        return None

    async def go() -> None:
        for number in range(lockout.LOCKS_AT - 1):
            for login, taken in times.items():
                begun = perf_counter()
                await passwords.check(
                    server.store, login, f"guess {number}", "", who.address, tally=Tally(), wait=no_wait
                )
                taken.append(perf_counter() - begun)

    asyncio.run(go())
    known, unknown = (median(each[1:]) for each in times.values())
    print(f"known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms")
    assert 0.5 < known / unknown < 2.0
