"""Passwords and codes, looked at outside any transaction: argon2id, RFC 6238, the same work for a login nobody has.

argon2id with 19 MiB, two passes and one lane, which is the OWASP Password Storage Cheat Sheet's minimum and costs a
seventh of RFC 9106's second choice here (29 ms of 213): twenty logins at once take half a second, and at most two are
looked at together.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from csdesk.errors import Conflict, Invalid, Refused
from csdesk.rules import lockout
from csdesk.rules.lockout import Count
from csdesk.rules.passwords import plain, weakness
from csdesk.server.extras import need
from csdesk.server.tally import Tally
from csdesk.services import access, access_secrets
from csdesk.services.access import Secret
from csdesk.store import Store

T = TypeVar("T")
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
STEP = 30  # seconds of a code
DIGITS = 6
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
WRONG = "Login, password or code is wrong, or was tried too often: wait a while, or come in by your key."
CHANGE = "This password is good for once: choose your own."
TALLY = Tally()
Wait = Callable[[float], Awaitable[Any]]


@dataclass(frozen=True)
class Verdict:
    """What became of a password. `ok` alone lets in. `change`: it fits but was good for once, and lets in only after
    `renew`, which takes this verdict. `words` are for who tries, and never tell what was wrong."""

    ok: bool
    words: str = ""
    change: bool = False
    login: str = ""
    secret: str = field(default="", repr=False)


async def check(
    store: Store,
    login: str,
    password: str,
    code: str,
    address: str,
    *,
    tally: Tally = TALLY,
    wait: Wait = asyncio.sleep,
) -> Verdict:
    """Looks at a password, and at a code where the login has a second factor; writes the attempt down.

    `store` acts as the system. The answer waits for what this login and this address failed before. Raises Unavailable
    when the database is away; that attempt does not count.
    """
    pause = tally.begin(login, address, store.clock())
    if pause:
        await wait(pause)
    try:
        seen = await store.read(access.secret, login)
        fits, step = await _aside(lambda: _fits(seen, password, code, store.clock()))
        made = await store.write(access.tried, login, address, fits, step, seen.password)
    except Exception:
        tally.take_back(login)
        raise
    if not made.ok:
        tally.failed(address, store.clock())
        return Verdict(False, WRONG)
    tally.passed(login)
    if made.change:
        return Verdict(False, CHANGE, True, login, seen.password)
    if _hasher().check_needs_rehash(seen.password):
        await store.write(access_secrets.rehash, login, seen.password, await _aside(lambda: hashed(password)))
    return Verdict(True, "", False, login)


async def renew(store: Store, verdict: Verdict, new: str) -> Verdict:
    """Puts a password of one's own in place of the one that was good for once; `verdict` is that of `check`.

    A verdict with `change` still set says why the new one is not taken, and may be used again.
    """
    if not verdict.change:
        return Verdict(False, WRONG)
    words = await _why_not(verdict.login, new, verdict.secret)
    if words:
        return Verdict(False, words, True, verdict.login, verdict.secret)
    try:
        made = await _aside(lambda: hashed(new))
        await store.write(access_secrets.change_password, verdict.login, verdict.secret, made)
    except (Conflict, Refused) as error:
        return Verdict(False, error.message)
    return Verdict(True, "", False, verdict.login)


async def change(store: Store, login: str, old: str, new: str, address: str = "") -> str:
    """Changes a password by the old one, for somebody who is in; gives the sentence.

    Raises Invalid for a new one that is too weak or the old one, Refused when the old one is wrong or rests; a wrong
    one counts.
    """
    seen = await store.read(access.secret, login)
    if lockout.locked(Count(seen.failures, seen.failed_at, seen.locked_until), store.clock()):
        raise Refused("The old password was tried too often; wait a while, or ask an administrator.", field="password")
    if not seen.password:
        raise Refused(
            f"{login} comes in without a password; an administrator sets a one-time one: csdesk staff passwd {login}."
        )
    if not await _aside(lambda: _matches(seen.password, old)):
        await store.write(access.tried, login, address, False)
        raise Refused("The old password is wrong.", field="password")
    words = await _why_not(login, new, seen.password)
    if words:
        raise Invalid(words, field="password")
    made = await _aside(lambda: hashed(new))
    return await store.write(access_secrets.change_password, login, seen.password, made)


def hashed(password: str) -> str:
    """The argon2id hash of a password, parameters and salt included."""
    return str(_hasher().hash(_bytes(password)))


def one_time() -> str:
    """A password nobody guesses (79 bits), in groups that can be read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def new_totp() -> str:
    """A new second factor: 160 bits in base32."""
    return str(need("pyotp").random_base32())


def totp_uri(secret: str, login: str, desk: str) -> str:
    """The otpauth:// address an authenticator app takes."""
    return str(need("pyotp").TOTP(secret).provisioning_uri(name=login, issuer_name=desk))


def step_of(secret: str, code: str, now: datetime) -> int:
    """The 30 seconds since 1970 whose code this is, of now, the ones before and after; 0 when it is none of them."""
    typed = "".join(code.split())
    present, found = int(now.timestamp()) // STEP, 0
    make = need("pyotp").TOTP(secret, digits=DIGITS, interval=STEP).generate_otp
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(make(step).encode(), typed.encode("utf-8", "replace")):
            found = step
    return found


def _fits(seen: Secret, password: str, code: str, now: datetime) -> tuple[bool, int]:
    """Whether password and code fit, and the code's step; as much work for a login without them."""
    right = _matches(seen.password, password)
    step = step_of(seen.totp or _nobodys()[1], code, now)
    return (right and step > 0, step) if seen.totp else (right, 0)


def _matches(kept: str, password: str) -> bool:
    errors = need("argon2").exceptions
    nobodys = _nobodys()[0]
    try:
        _hasher().verify(kept or nobodys, _bytes(password))
    except (errors.VerificationError, errors.InvalidHashError):
        return False
    return bool(kept)


async def _why_not(login: str, new: str, old_hash: str) -> str:
    if words := weakness(new, login):
        return words
    same = await _aside(lambda: _matches(old_hash, new))
    return "The new password is the old one; choose another." if same else ""


def _bytes(password: str) -> bytes:
    return plain(password).encode("utf-8", "replace")


@lru_cache(maxsize=1)
def _hasher() -> Any:
    return need("argon2").PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@lru_cache(maxsize=1)
def _nobodys() -> tuple[str, str]:
    """The hash and the second factor of whoever has none."""
    return hashed(secrets.token_urlsafe(32)), new_totp()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="csdesk-password")


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)
