"""Somebody changes the password he logs in by, at the desk: on both databases, and not to be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound
from textual.events import Key, Paste
from textual.pilot import Pilot

from csdesk.app import DeskApp
from csdesk.config import Settings
from csdesk.errors import Unavailable
from csdesk.models import AuditEntry, StaffSecret
from csdesk.opening import Opening
from csdesk.prompt.page import Echo
from csdesk.screens.dialog import Dialog
from csdesk.screens.password import HINT, PasswordScreen
from csdesk.server import passwords
from csdesk.services import access_secrets
from csdesk.store import AWAY, Store
from tests.screens.test_app import lines, settled
from tests.screens.test_real_desk import one
from tests.support.seed import Seeded

OLD, NEW = "four crates of olives", "the harbour at dawn"


@pytest.fixture
def mine(store: Store, seeded: Seeded) -> Callable[[], Any]:
    """The rep's secret, who has a password of his own."""
    once, own = passwords.hashed("abcd-efgh-jkmn-pqrs"), passwords.hashed(OLD)
    store.write_now(access_secrets.set_password, "rep7", once)
    store.write_now(access_secrets.change_password, "rep7", once, own)
    return lambda: one(store, StaffSecret, staff_id=seeded.staff["rep7"])


def good(secret: Any, password: str) -> bool:
    """Whether a password is that of a secret."""
    return passwords._matches(secret.password, password)


@asynccontextmanager
async def asked(
    store: Store, change: Callable[[str, str], Awaitable[str]] | None = None
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """A served desk that asks for the passwords, chosen from the list of all commands."""
    opening = Opening(lambda: store, "rep7", whence="session 42")
    app = DeskApp(Settings(user="rep7"), opening.begin, opening.commands, None, change or opening.password)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("4")
        for key in ("ctrl+p", *"password", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert isinstance(app.screen, PasswordScreen)
        yield app, pilot


async def fill(app: DeskApp, pilot: Pilot[None], *fields: str) -> str:
    """Fields with Enter behind each, as fast as a program can post keys; the echo once it was looked at."""
    for field in fields:
        for sign in field:
            app.post_message(Key("space" if sign == " " else sign, sign))
        app.post_message(Key("enter", "\r"))
    await pilot.pause()
    while isinstance(app.screen, PasswordScreen) and app.screen._sent is not None:
        await pilot.pause(0.01)
    await settled(app, pilot)
    return " ".join(line.strip(" ─") for line in lines(app)[-4:-2]).strip()


async def test_the_old_one_and_the_new_one_twice_and_it_is_changed(store: Store, mine: Callable[[], Any]) -> None:
    async with asked(store) as (app, pilot):
        assert HINT in lines(app)[-3]
        assert "is changed" in await fill(app, pilot, OLD, NEW, NEW)
        assert not isinstance(app.screen, Dialog)
        assert app.turns.desk is not None
        assert app.turns.desk.face.prompt == "4"
    assert good(mine(), NEW)
    assert not good(mine(), OLD)


async def test_nothing_of_it_can_be_read(store: Store, mine: Callable[[], Any]) -> None:
    async with asked(store) as (app, pilot):
        await pilot.press(*"secret", "enter")
        app.post_message(Paste("hidden\rwords"))
        await pilot.press("up")
        await pilot.pause()
        seen = "\n".join(lines(app))
        assert "secret" not in seen
        assert "hidden" not in seen
        assert "> Old password" in seen
        assert ["New", "password", "*" * len("hiddenwords")] in [line.split() for line in lines(app)]
        assert lines(app)[-2] == "> ******"
    assert good(mine(), OLD)


@pytest.mark.parametrize(
    ("fields", "words", "begins_at"),
    [
        (("wrong", NEW, NEW), "The old password is wrong", "Old password"),
        ((OLD, "short", "short"), "at least 12 signs", "New password"),
        ((OLD, OLD, OLD), "is the old one", "New password"),
        ((OLD, NEW, "the harbour at dusk"), "were not the same", "New password"),
        (("",), "Old password: type it, or leave", "Old password"),
    ],
)
async def test_what_is_wrong_is_said_and_only_that_is_typed_again(
    store: Store, mine: Callable[[], Any], fields: tuple[str, ...], words: str, begins_at: str
) -> None:
    async with asked(store) as (app, pilot):
        assert words in await fill(app, pilot, *fields)
        assert any(line.startswith(f"> {begins_at}") for line in lines(app))
        assert good(mine(), OLD)
        rest = (OLD, NEW, NEW) if begins_at == "Old password" else (NEW, NEW)
        assert "is changed" in await fill(app, pilot, *rest)
    assert good(mine(), NEW)


async def test_a_wrong_old_one_counts_and_the_trail_names_the_session(store: Store, mine: Callable[[], Any]) -> None:
    async with asked(store) as (app, pilot):
        await fill(app, pilot, "wrong", NEW, NEW)
        assert mine().failures == 1
    told = one(store, AuditEntry, verb="access.tried").after
    assert '"address":"session 42"' in told.replace(": ", ":")
    assert NEW not in told


async def test_without_the_database_nothing_typed_is_lost(store: Store, mine: Callable[[], Any]) -> None:
    tried: list[tuple[str, str]] = []

    async def away(old: str, new: str) -> str:
        tried.append((old, new))
        if len(tried) == 1:
            raise Unavailable(AWAY)
        return "done"

    async with asked(store, away) as (app, pilot):
        assert await fill(app, pilot, OLD, NEW, NEW) == f"! {AWAY}"
        assert await fill(app, pilot, "") == "✓ done"
    assert tried == [(OLD, NEW)] * 2


async def test_who_has_no_password_is_told_so(store: Store, seeded: Seeded) -> None:
    async with asked(store) as (app, pilot):
        assert "comes in without a password" in await fill(app, pilot, OLD, NEW, NEW)
        with pytest.raises(NoResultFound):
            one(store, AuditEntry, verb="access.tried")


async def test_what_the_server_says_meanwhile_is_read_afterwards(store: Store, mine: Callable[[], Any]) -> None:
    async with asked(store) as (app, pilot):
        app.turns.notice = Echo("This server stops in 30 s.", "wrong")
        await pilot.press("f12")
        await settled(app, pilot)
        assert "This server stops in 30 s." in lines(app)[-3]


@pytest.mark.parametrize("key", ["escape", "f12", "f3", "ctrl+c"])
async def test_it_can_be_left_and_nothing_is_changed(store: Store, mine: Callable[[], Any], key: str) -> None:
    async with asked(store) as (app, pilot):
        await pilot.press(*"fours", "enter", *"x", key)
        await settled(app, pilot)
        assert not isinstance(app.screen, Dialog)
        assert app.turns.desk is not None
        assert app.turns.desk.face.prompt == "4"
    assert good(mine(), OLD)


async def test_a_desk_nobody_logs_in_to_does_not_offer_it(store: Store, seeded: Seeded) -> None:
    opening = Opening(lambda: store, "rep7")
    app = DeskApp(Settings(user="rep7"), opening.begin, opening.commands)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("ctrl+p", *"password")
        await pilot.pause()
        assert "No command has these words" in lines(app)[-3]
