"""Passwords and codes at the door: what lets in, what it costs to guess, what many at once come to. Nothing waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pyotp
import pytest

from csdesk.errors import Conflict, Invalid, Refused, Unavailable
from csdesk.models import AuditEntry, StaffSecret
from csdesk.rules import lockout
from csdesk.server import passwords
from csdesk.server.passwords import Verdict
from csdesk.server.tally import Tally, network
from csdesk.services import access, access_secrets, granting
from tests.services.conftest import Desk
from tests.services.conftest import desk as desk
from tests.support.clock import Clock

OWN, ONCE, NEXT = "four crates of olives", "abcd-efgh-jkmn-pqrs", "the harbour at dawn"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
hashed = lru_cache(passwords.hashed)


class Door:
    """Attempts at the door of a desk, with a memory of its own and waits that are written down instead of waited."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.store = desk, desk.store
        self.tally = Tally()
        self.waited: list[float] = []

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def tries(self, password: str, code: str = "", login: str = "rep7", address: str = "192.0.2.7") -> Verdict:
        return await passwords.check(self.store, login, password, code, address, tally=self.tally, wait=self.wait)

    def code(self, **later: float) -> str:
        return pyotp.TOTP(TOTP).at(self.desk.clock() + timedelta(**later))

    @property
    def secret(self) -> Any:
        return self.desk.row(StaffSecret, staff_id=self.desk.seeded.staff["rep7"])

    def whys(self) -> list[str]:
        """What the trail says of the attempts."""
        import json

        return [json.loads(each.after)["why"] for each in self.desk.rows(AuditEntry, verb="access.tried")]


@pytest.fixture
def door(desk: Desk) -> Door:
    """The rep has a password of his own."""
    desk.store.write_now(access_secrets.set_password, "rep7", hashed(ONCE))
    desk.store.write_now(access_secrets.change_password, "rep7", hashed(ONCE), hashed(OWN))
    return Door(desk)


async def test_the_right_password_lets_in_and_every_wrong_answer_is_the_same(door: Door) -> None:
    assert await door.tries(OWN) == Verdict(True, "", False, "rep7")
    wrong = [
        await door.tries("four crates of olive"),
        await door.tries("x" * 5000),
        await door.tries("\udcff\0\x1b[31m"),
        await door.tries(""),
        await door.tries(OWN, login="nobody"),
        await door.tries(OWN, login="rep7\0\x1b]0;x\x07" * 50),
        await door.tries(OWN, login="lead3"),
    ]
    door.desk.as_("admin1").write_now(granting.disable, "rep7")
    wrong.append(await door.tries(OWN))
    assert set(wrong) == {Verdict(False, passwords.WRONG)}
    assert door.whys() == ["let in", *["wrong password or code"] * 4, *["unknown login"] * 2, "no password",
                           "disabled login"]  # fmt: skip
    logged = "".join(each.after for each in door.desk.rows(AuditEntry))
    assert OWN not in logged
    assert "\\u001b" not in logged


async def test_a_login_nobody_has_costs_the_same_work(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash and three codes each, whatever is wrong."""
    worked: list[str] = []
    hasher, step = passwords._hasher(), passwords.step_of

    class Counting:
        check_needs_rehash = hasher.check_needs_rehash

        def verify(self, kept: str, password: bytes) -> bool:
            worked.append(kept.rpartition("$")[0].rpartition("$")[0])
            return bool(hasher.verify(kept, password))

    def counting(secret: str, code: str, now: Any) -> int:
        worked.append("code")
        return step(secret, code, now)

    passwords._nobodys()
    monkeypatch.setattr(passwords, "_hasher", lambda: Counting())
    monkeypatch.setattr(passwords, "step_of", counting)
    for login in ("rep7", "nobody", "lead3", ""):
        await door.tries("wrong", login=login)
    assert worked == ["$argon2id$v=19$m=19456,t=2,p=1", "code"] * 4


async def test_guessing_is_slowed_and_locks_the_password_for_a_while(door: Door, clock: Clock) -> None:
    for _ in range(lockout.LOCKS_AT):
        assert not (await door.tries("wrong")).ok
        clock.pass_by(seconds=20)
    assert door.waited == [0.5, 1, 2, 4, 8, 16, 16, 16]
    assert (door.secret.failures, door.secret.locked_until) == (
        10,
        clock() - timedelta(seconds=20) + lockout.FIRST_LOCK,
    )
    assert await door.tries(OWN) == Verdict(False, passwords.WRONG)
    assert door.whys()[-1] == "locked"
    clock.pass_by(minutes=16)
    assert (await door.tries(OWN)).ok
    assert (door.secret.failures, door.secret.failed_at, door.secret.locked_until) == (0, None, None)
    door.waited.clear()
    assert (await door.tries(OWN)).ok
    assert door.waited == []


async def test_logins_nobody_has_are_slowed_alike(door: Door) -> None:
    for _ in range(6):
        await door.tries("wrong", login="nobody", address="192.0.2.8")
    unknown = list(door.waited)
    door.waited.clear()
    for _ in range(6):
        await door.tries("wrong", address="192.0.2.9")
    assert door.waited == unknown == [0.5, 1, 2, 4]


async def test_an_address_that_tries_many_logins_is_slowed_too_and_the_others_are_not(door: Door, clock: Clock) -> None:
    for n in range(lockout.FREE_ADDRESS + 3):
        await door.tries("wrong", login=f"nobody{n}", address="2001:db8::5")
    assert door.waited == [0.5, 1]
    door.waited.clear()
    await door.tries("wrong", login="another", address="2001:db8::ffff:1")
    assert door.waited == [2]
    assert (await door.tries(OWN, address="2001:db8:0:1::5")).ok
    clock.pass_by(minutes=16)
    await door.tries("wrong", login="another2", address="2001:db8::5")
    assert door.waited == [2]


async def test_of_many_guesses_at_once_ten_are_looked_at(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """All read before any is written: the lock counts them one after the other, and the right ones come too late."""
    monkeypatch.setattr(passwords, "_fits", lambda seen, password, code, now: (password == OWN, 0))
    made = await asyncio.gather(*(door.tries("wrong") for _ in range(15)))
    late = await asyncio.gather(*(door.tries(OWN) for _ in range(2)))
    assert not any(each.ok for each in (*made, *late))
    assert door.secret.failures == lockout.LOCKS_AT
    assert door.whys().count("locked") == 7
    assert len(door.waited) == 15  # also those that came while the others were still looked at


async def test_a_one_time_password_lets_in_only_with_a_new_one(door: Door, clock: Clock) -> None:
    desk = door.desk
    desk.as_("admin1").write_now(access_secrets.set_password, "rep7", hashed(ONCE), 2)
    assert not (await door.tries(OWN)).ok
    verdict = await door.tries(ONCE)
    assert (verdict.ok, verdict.change) == (False, True)
    assert "argon2" not in repr(verdict)
    for new, words in (("short", "at least 12"), ("Password1234!", "among the first"), (ONCE, "is the old one")):
        again = await passwords.renew(door.store, verdict, new)
        assert (again.ok, again.change, words in again.words) == (False, True, True)
    assert await passwords.renew(door.store, verdict, NEXT) == Verdict(True, "", False, "rep7")
    late = await passwords.renew(door.store, verdict, "another one of mine")
    assert (late.ok, late.change) == (False, False)
    assert "replaced meanwhile" in late.words
    assert not (await door.tries(ONCE)).ok
    assert (await door.tries(NEXT)).ok
    assert not (await passwords.renew(door.store, Verdict(True, login="rep7"), "another one of mine")).ok


async def test_a_one_time_password_does_not_rest_however_often_it_is_guessed_at(door: Door, clock: Clock) -> None:
    """Whoever comes in for the first time has no key: a stranger must not be able to keep him out."""
    door.desk.as_("admin1").write_now(access_secrets.set_password, "rep7", hashed(ONCE))
    for _ in range(lockout.LOCKS_AT + 1):
        await door.tries("wrong")
        clock.pass_by(seconds=20)
    assert (door.secret.failures, door.secret.locked_until) == (lockout.LOCKS_AT + 1, None)
    assert door.waited[-1] == lockout.LONGEST_DELAY
    verdict = await door.tries(ONCE)
    assert verdict.change
    assert (await passwords.renew(door.store, verdict, NEXT)).ok
    for _ in range(lockout.LOCKS_AT):
        await door.tries("wrong")
    assert door.secret.locked_until is not None


async def test_a_one_time_password_ends(door: Door, clock: Clock) -> None:
    door.desk.as_("admin1").write_now(access_secrets.set_password, "rep7", hashed(ONCE), 2)
    verdict = await door.tries(ONCE)
    clock.pass_by(hours=2, seconds=1)
    assert "is over" in (await passwords.renew(door.store, verdict, NEXT)).words
    assert not (await door.tries(ONCE)).ok
    assert door.whys()[-1] == "one-time password is over"


async def test_a_code_is_wanted_beside_the_password_and_good_once(door: Door, clock: Clock) -> None:
    door.desk.as_("admin1").write_now(access_secrets.set_totp, "rep7", TOTP)
    assert not (await door.tries(OWN)).ok
    assert not (await door.tries(OWN, "000000")).ok
    assert not (await door.tries("wrong", door.code())).ok
    assert not (await door.tries(OWN, door.code(seconds=90))).ok
    assert not (await door.tries(OWN, "\u0665" * 6)).ok
    used = door.code()
    assert (await door.tries(OWN, f" {used[:3]} {used[3:]} ")).ok
    assert not (await door.tries(OWN, used)).ok
    assert door.whys()[-1] == "code used before"
    assert not (await door.tries(OWN, door.code(seconds=-30))).ok  # an older one is used up with it
    assert (await door.tries(OWN, door.code(seconds=30))).ok  # a phone whose clock goes before
    clock.pass_by(seconds=60)
    assert (await door.tries(OWN, door.code())).ok


async def test_one_code_at_two_doors_at_once_lets_in_one(door: Door) -> None:
    door.desk.as_("admin1").write_now(access_secrets.set_totp, "rep7", TOTP)
    code = door.code()
    made = await asyncio.gather(door.tries(OWN, code), door.tries(OWN, code))
    assert sorted(each.ok for each in made) == [False, True]


async def test_a_hash_of_older_parameters_is_renewed_when_it_is_seen(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = door.secret.password
    import argon2

    monkeypatch.setattr(
        passwords, "_hasher", lambda: argon2.PasswordHasher(time_cost=3, memory_cost=1024, parallelism=1)
    )
    assert (await door.tries(OWN)).ok
    assert door.secret.password.startswith("$argon2id$v=19$m=1024,t=3,p=1$")
    assert (await door.tries(OWN)).ok
    with pytest.raises(Refused, match=r"Only the server itself"):
        door.desk.lead.write_now(access_secrets.rehash, "rep7", before, "x")
    assert door.store.write_now(access_secrets.rehash, "rep7", before, "x") is False


async def test_somebody_who_is_in_changes_his_password_by_the_old_one(door: Door, clock: Clock) -> None:
    mine = door.desk.as_("rep7")
    with pytest.raises(Refused, match=r"The old password is wrong"):
        await passwords.change(mine, "rep7", "wrong", NEXT)
    with pytest.raises(Invalid, match=r"must not be the login|at least 12"):
        await passwords.change(mine, "rep7", OWN, "rep7")
    with pytest.raises(Invalid, match=r"is the old one"):
        await passwords.change(mine, "rep7", OWN, OWN)
    assert await passwords.change(mine, "rep7", OWN, NEXT) == "The password of rep7 is changed."
    assert (await door.tries(NEXT)).ok
    with pytest.raises(Refused, match=r"Only the server itself"):
        await passwords.change(door.desk.lead, "rep7", NEXT, OWN)
    for _ in range(lockout.LOCKS_AT):
        with pytest.raises(Refused, match=r"The old password is wrong"):
            await passwords.change(mine, "rep7", "wrong", OWN)
    with pytest.raises(Refused, match=r"tried too often"):
        await passwords.change(mine, "rep7", NEXT, OWN)


async def test_while_the_database_is_away_nothing_counts(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(door.store, "read", away)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await door.tries(OWN)
    assert door.waited == []
    assert (await door.tries(OWN)).ok


async def test_a_password_that_is_replaced_while_it_is_looked_at_lets_nobody_in(door: Door) -> None:
    seen = door.store.read_now(access.secret, "rep7")
    door.desk.as_("admin1").write_now(access_secrets.clear_password, "rep7")
    assert door.store.write_now(access.tried, "rep7", "", True, 0, seen.password).why == "no password"
    door.desk.as_("admin1").write_now(access_secrets.set_password, "rep7", hashed(ONCE))
    assert door.store.write_now(access.tried, "rep7", "", True, 0, seen.password).why == "password changed meanwhile"
    with pytest.raises(Conflict, match=r"replaced meanwhile"):
        door.store.write_now(access_secrets.change_password, "rep7", "", hashed(NEXT))


def test_the_memory_of_failures_has_an_end(clock: Clock) -> None:
    tally = Tally(most=10)
    for n in range(100):
        tally.begin(f"login{n}", "192.0.2.1", clock())
        tally.failed(f"192.0.2.{n}", clock())
    assert len(tally) == 10
    assert tally.begin("x" * 10_000, "y" * 10_000, clock()) == 0
    tally.take_back("never seen")


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("unknown", "unknown"), ("", "")],
)  # fmt: skip
def test_an_address_counts_as_its_network(address: str, counts_as: str) -> None:
    assert network(address) == counts_as


def test_one_time_passwords_pass_the_rules_and_differ() -> None:
    made = {passwords.one_time() for _ in range(200)}
    assert len(made) == 200
    assert not any(passwords.weakness(each, "rep7") for each in made)


def test_the_address_for_an_authenticator_names_login_and_desk() -> None:
    secret = passwords.new_totp()
    assert len(secret) == 32
    uri = passwords.totp_uri(secret, "robin penn", "csdesk")
    assert uri == f"otpauth://totp/csdesk:robin%20penn?secret={secret}&issuer=csdesk"
