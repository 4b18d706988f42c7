"""The Textual app of the desk: keys in the order they came, a face painted, errors kept in a log, a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from asyncio import Server
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import constants
from textual.app import App
from textual.binding import BindingType
from textual.events import Event, Key, Paste
from textual.filter import ANSIToTruecolor
from textual.screen import Screen

from csdesk.config import Settings
from csdesk.errors import DeskError, Invalid, Unavailable
from csdesk.prompt.page import Echo, Face
from csdesk.screens import keys
from csdesk.screens.contract import DeskLike
from csdesk.screens.desk import DeskScreen
from csdesk.screens.dialog import Dialog
from csdesk.screens.palette import Command, PaletteScreen
from csdesk.screens.password import PasswordScreen
from csdesk.screens.themes import THEMES, colours, theme_for
from csdesk.screens.turns import CLEAR, LEISURE_AFTER, QUIT, Pasted, Ring, Turns
from csdesk.screens.widgets.cells import ASCII, PRETTY
from csdesk.screens.widgets.painted import Painted
from csdesk.server import bell
from csdesk.server.driver import DeskDriver, HungUp

LAST_WORD = 8.0  # seconds an orderly end may take once the terminal is gone
FELL = 70  # the exit code of a desk that came to no orderly end
PASSWORD = Command("password", "password", "change the password you log in by")

log = logging.getLogger("csdesk.app")


def log_file() -> Path:
    """Where tracebacks go: a file of the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("csdesk", appauthor=False)) / "csdesk.log"


def open_log() -> None:
    """Sends what csdesk and its libraries log to its file, readable by the user alone, and nowhere else: the screen is
    the desk's. A full disk changes nothing."""
    path = log_file()
    logging.raiseExceptions = False
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
        handler = logging.FileHandler(path, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        ours = logging.getLogger("csdesk")
        for each in (ours, logging.getLogger()):
            each.addHandler(handler)
        ours.propagate = False


def sit_down(
    settings: Settings, opening: Callable[[], Awaitable[DeskLike]], commands: Callable[[], list[Command]]
) -> None:
    """Runs a desk in this terminal until it is left. Raises the DeskError that ended it early.

    Any other failure is in the log; it is told as Unavailable, since the desk is gone and the drafts are kept.
    """
    open_log()
    sit_at(DeskApp(settings, opening, commands))


def sit_at(app: DeskApp) -> None:
    """Runs an app until its desk is left; raises like `sit_down`."""
    app.run(mouse=False)
    if isinstance(app.failure, DeskError):
        raise app.failure
    if app.failure is not None:
        raise Unavailable(f"The desk ended by a fault of its own; what you typed is kept. See the log {log_file()}.")


class DeskApp(App[None], inherit_bindings=False):
    """One rep's desk. `opening` makes the desk after the first paint; `failure` says after `run` why it ended early.

    After `leisure_after` seconds without a key it does what is due by itself; with None it sleeps until there is one.
    Where people log in, `password` changes one's own: it takes the old one and the new one and gives the sentence.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "csdesk"
    CSS_PATH: ClassVar = [Path(__file__).parent / "screens" / f"{name}.tcss" for name in ("tones", "desk", "dialog")]
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self, settings: Settings, opening: Callable[[], Awaitable[DeskLike]], commands: Callable[[], list[Command]],
        leisure_after: float | None = LEISURE_AFTER, password: Callable[[str, str], Awaitable[str]] | None = None,
    ) -> None:  # fmt: skip
        if settings.theme not in THEMES:
            raise Invalid(f"'{settings.theme}' is no theme; there are {', '.join(THEMES)}.", field="theme")
        constants.COLOR_SYSTEM = colours(os.environ)  # type: ignore[misc]
        theme = theme_for("mono" if settings.mono else settings.theme, constants.COLOR_SYSTEM)
        super().__init__(driver_class=DeskDriver, ansi_color=theme == "mono")
        self._filters = [each for each in self._filters if isinstance(each, ANSIToTruecolor)]
        for each in THEMES.values():
            self.register_theme(each)
        self.theme = f"csdesk-{theme}"
        self.animation_level = "none"
        self.settings = settings
        self.a11y = settings.a11y
        self.failure: BaseException | None = None
        self.turns = Turns(self.paint, self._trouble, leisure_after=leisure_after)
        self._opening = opening
        self._commands = commands
        self._password = password
        self._actions = keys.actions(settings.keys)
        self._bell: Server | None = None
        self._dying = False
        self._unseen = contextlib.ExitStack()  # open until there is something to see
        self._serving: asyncio.Task[None] | None = None
        Painted.glyphs = PRETTY if _speaks_unicode() else ASCII

    def get_default_screen(self) -> Screen[Any]:
        """The desk's screen; there is no other one below it."""
        return DeskScreen(self.resized, a11y=self.a11y, labels=keys.labels(self.settings.keys))

    async def on_event(self, event: Event) -> None:
        """Keys go into the queue here, before any widget exists or has focus; only a dialog takes its own."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._take(event)
        elif isinstance(event, HungUp):
            self._set_deadline()
            self.turns.end()
        else:
            await super().on_event(event)

    async def _take(self, event: Key | Paste) -> None:
        top = self.screen if self._screen_stack else None
        if isinstance(top, Dialog):
            top.take(event)
        elif isinstance(event, Paste):
            self.turns.feed(Pasted(event.text))
        elif event.key in self._actions:
            await self.run_action(self._actions[event.key], self)
        else:
            for key in keys.prompt_keys(event):
                self.turns.feed(key)

    def action_feed(self, key: str) -> None:
        """A bound key: it waits its turn like any other; leaving does not wait for a desk that never opens."""
        if key == QUIT and self.turns.desk is None:
            self._set_deadline()
            self.exit()
        self.turns.feed(key)

    def action_palette(self) -> None:
        """Lists every command; the one chosen is typed into the prompt."""
        own = [] if self._password is None or self.turns.desk is None else [PASSWORD]
        self.push_screen(PaletteScreen([*self._commands(), *own], self._type_command))

    def action_redraw(self) -> None:
        """Paints the whole window anew, for a terminal that something else wrote on."""
        self.refresh(repaint=True, layout=True)
        self.paint()

    def _type_command(self, letter: str | None) -> None:
        self.pop_screen()
        if letter == PASSWORD.letter and self._password is not None:
            self.push_screen(PasswordScreen(self._password, self._tell, self._trouble))
        elif letter:
            self.turns.feed(CLEAR)
            for key in letter:
                self.turns.feed(key)
        self.paint()

    def _tell(self, words: Echo | None) -> None:
        self.pop_screen()
        self.turns.notice = words or self.turns.notice
        self.paint()

    def on_mount(self) -> None:
        """Paints first, once the layout stands and not before; the desk is opened when that is seen."""
        self._unseen.enter_context(self.batch_update())
        if not self.is_headless and threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for gone in (signal.SIGHUP, signal.SIGTERM):
                loop.add_signal_handler(gone, self.hang_up)
            loop.add_signal_handler(signal.SIGINT, self.turns.feed, CLEAR)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.paint()
        self._unseen.close()
        self._serving = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        try:
            await self.turns.run(self._open())
        except Exception as error:
            self.failure = error
            if not isinstance(error, DeskError):
                log.error("the desk ended", exc_info=error)
        if self._bell is not None:
            bell.hush(self._bell)
        self.exit()

    async def _open(self) -> DeskLike:
        desk = await self._opening()
        desk.resize(*self.size)
        with contextlib.suppress(Unavailable):  # no bell is no reason not to work
            self._bell = await bell.listen(self.settings.company, self.settings.user, self._ring)
        return desk

    def _ring(self, phone: str) -> None:
        self.turns.feed(Ring(phone))

    def hang_up(self) -> None:
        """The terminal is going: what was typed gets its turn and is stored, then the process ends within seconds."""
        self._set_deadline()
        if isinstance(self._driver, DeskDriver):
            self._driver.last_keys()
        else:
            self.turns.end()

    def _set_deadline(self) -> None:
        if not self.is_headless and not self._dying:
            self._dying = True
            last = threading.Timer(LAST_WORD, os._exit, (FELL,))
            last.daemon = True
            last.start()

    def resized(self) -> None:
        """The window has another size."""
        if self.turns.desk is not None:
            self.turns.desk.resize(*self.size)
        self.paint()

    def paint(self) -> None:
        """Shows the desk's face; when the terminal is slow, only once it has taken the last one."""
        screen = self._screen_stack[0] if self._screen_stack else None
        if not isinstance(screen, DeskScreen) or not screen.is_mounted:
            return
        driver = self._driver
        if isinstance(driver, DeskDriver) and driver.behind:
            driver.when_drained(self.paint)
            return
        desk = self.turns.desk
        face = desk.face if desk is not None else Face(echo=Echo("Opening the desk; you can type already."))
        screen.show(face, self.turns.ghost, self.turns.notice)

    def _trouble(self, error: BaseException) -> Echo:
        if isinstance(error, DeskError):
            return Echo(error.message, "wrong")
        log.error("a turn failed", exc_info=error)
        return Echo(f"Something went wrong inside; your draft is kept. (see log {log_file()})", "wrong")

    def _handle_exception(self, error: Exception) -> None:
        """A fault while painting: the desk stores what is typed and ends in order, the traceback is in the log."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        log.error("a picture failed", exc_info=error)
        self.failure = error
        self.hang_up()
        if self._serving is None:
            self.exit()


def _speaks_unicode() -> bool:
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    return "utf" in encoding.lower() and os.environ.get("TERM") != "linux"
