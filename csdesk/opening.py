"""How a desk is opened behind the first picture: the database, and everything that knows it, come after the paint."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csdesk.config import Settings
    from csdesk.prompt.desk import Desk
    from csdesk.prompt.page import Page
    from csdesk.screens.palette import Command
    from csdesk.store import Store

SETTLED = 2.0  # seconds after which a desk that was opened has loaded what it needs


def open_store(settings: Settings) -> Store:
    """The store of the settings, acting as the system; refuses a missing, older or newer schema in one sentence."""
    from csdesk.migrations.schema import require_current
    from csdesk.store import Store

    store = Store(settings.url, company=settings.company, read_url=settings.read_url)
    require_current(store)
    return store


class Opening:
    """A desk about to be opened for a login: `begin` opens it off the loop, `commands` lists its palette, `close` ends
    its connections. `stored` gives the open store; `whence` is where the rep sits, for the trail."""

    def __init__(self, stored: Callable[[], Store], login: str, greeting: Page | None = None, whence: str = "") -> None:
        self._stored, self._login, self._greeting, self._whence = stored, login, greeting, whence
        self._desk: Desk | None = None

    async def begin(self) -> Desk:
        """The desk of the login. Raises the DeskError that bars the way."""
        desk = await asyncio.to_thread(self._make)
        asyncio.get_running_loop().call_later(SETTLED, collect_again)
        return desk

    def _make(self) -> Desk:
        from csdesk.prompt import acts, looking, moves  # noqa: F401 - the first key must not wait for them
        from csdesk.prompt.desk import Desk
        from csdesk.services import staff

        store = self._stored()
        try:
            self._desk = Desk(store.acting(store.read_now(staff.sign_in, self._login)), self._greeting)
        except BaseException:
            store.close()
            raise
        return self._desk

    def commands(self) -> list[Command]:
        """The verbs that work where the rep is."""
        from csdesk.prompt.verbs import VERBS
        from csdesk.screens.palette import Command

        mode = self._desk.now.mode if self._desk is not None else ""
        return [Command(verb.letter, verb.shape, verb.does) for verb in VERBS if mode in verb.where]

    async def password(self, old: str, new: str) -> str:
        """Changes the login's own password; gives the sentence. Raises like `server.passwords.change`."""
        from csdesk.server import passwords

        assert self._desk is not None
        return await passwords.change(self._desk.store, self._login, old, new, self._whence)

    def close(self) -> None:
        """Closes the store, if it came so far."""
        if self._desk is not None:
            self._desk.store.close()


def collect_again() -> None:
    """From now on garbage is collected, but never among what the start made: no key waits for that."""
    gc.freeze()
    gc.enable()
