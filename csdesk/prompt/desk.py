"""The desk without a screen: keys in, faces out. TUI and line mode drive it; acts do the work through the store."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Concatenate, TypeVar
from zoneinfo import ZoneInfo

from csdesk.errors import DeskError, Invalid, NotFound, Unavailable
from csdesk.ids import new_id
from csdesk.prompt import expansion_acts, faces, helping, keeping, keyboard, leisure, pasting, ticket_drafting
from csdesk.prompt.expansions import NOTHING
from csdesk.prompt.keyboard import Effect, Typing
from csdesk.prompt.modes import mode_of
from csdesk.prompt.page import Echo, Face, Page
from csdesk.prompt.verbs import CALL, CALLING, DRAFT, IDLE
from csdesk.rules.canned_texts import UNFILLED, left
from csdesk.services import calls, customers, pads
from csdesk.services.calls import CallView, RingingView
from csdesk.services.customers import Bar
from csdesk.services.half_typed import Kept
from csdesk.services.pads import DraftView
from csdesk.services.tx import Tx, verb_name
from csdesk.store import Store

log = logging.getLogger("csdesk.desk")
Act = Callable[[], Awaitable[None]]
T = TypeVar("T")
LISTED_VIEWS = ("inbox", "deductions", "tickets", "handover", "corrective", "clocks:")  # where a digit chooses
TAKING = frozenset({"submit", "fire", "commit", "choose", "open", "row"})  # effects that may take what was typed


@dataclass(frozen=True)
class Choice:
    """A numbered question: its page and what each number does. `restore` is the text F12 puts back; without `digits`
    only arrows and Enter choose, digits are typed."""

    page: Page
    acts: Sequence[Act]
    restore: str = ""
    digits: bool = True


@dataclass(frozen=True)
class Shown:
    """What stands in the view: a name that survives a restart, its page, and what Enter does on each row."""

    name: str
    page: Page
    acts: Sequence[Act | None] = ()
    opens: Sequence[Act | None] = ()  # what Enter does where a digit does something else
    on: Act | None = None  # the page after the last row, before the first one
    off: Act | None = None
    # Numbered lists of the page by name: a typed place means what stands there, whatever others do meanwhile.
    places: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    subjects: tuple[tuple[int, int], ...] = ()  # requests of the first rows, or a held order: as shown


@dataclass
class Moment:
    """All that changes while a rep works; acts write it, faces read it."""

    keys: Typing = field(default_factory=Typing)
    calls: tuple[CallView, ...] = ()
    call: CallView | None = None
    bar: Bar | None = None
    draft: DraftView | None = None
    shown: Shown | None = None
    cursor: int = 0
    live: Shown | None = None
    choice: Choice | None = None
    guide: object = None
    help: Page | None = None  # lies over all of these
    values: Mapping[str, str] = field(default_factory=dict)  # of the variables of canned texts, by the ticket shown
    meant: tuple[str, Any] | None = None  # a typed line and the record its echo named, see prompt.seen
    echo: Echo = field(default_factory=Echo)
    ringing: RingingView | None = None
    kept: tuple[int, str, str] | None = None
    width: int = 80
    height: int = 24
    zone: tzinfo | None = None
    queue: str = "mine"  # the list that q chose last

    @property
    def undecided(self) -> bool:
        """Whether a line of the draft is short and nobody said what to do about it."""
        lines = self.draft.lines if self.draft else ()
        return any(line.short and not line.choice and line.quantity > 0 for line in lines)

    @property
    def numbered(self) -> int:
        """How many rows of the view a digit chooses from."""
        if self.choice is not None:
            return min(9, len(self.choice.acts)) if self.choice.digits else 0
        if self.shown is None or self.guide or not self.shown.name.startswith(LISTED_VIEWS):
            return 0
        return min(9, len(self.shown.acts))

    @property
    def mode(self) -> str:
        """idle, call, draft; inbox while what waits is listed, opened while one of it is shown; else by the view."""
        by_view = mode_of(self.shown.name) if self.shown is not None else ""
        if by_view:
            return by_view
        if self.call is None or self.call.customer_id is None:
            return IDLE
        return DRAFT if self.draft is not None else CALL


class Desk:
    """One rep's desk. `press` is called for one key after the other and never at the same time twice."""

    def __init__(self, store: Store, greeting: Page | None = None) -> None:
        self.store = store
        self.now = Moment()
        self.greeting = greeting
        self.quitting = False
        self.canned = NOTHING
        self._covered: tuple[Echo, Echo] | None = None  # what was said before the database was away, and that it is
        self.away = False  # the last key found no database; pressed again it goes on where it stopped
        self.attempt = 0
        self.drafted: tuple[str, str, bool] | None = None  # what is stored of an answer: view, words, goes out
        self.alone: Kept | None = keeping.NOTHING  # what is stored of a text that belongs to no call; None: it is not
        self._tried: tuple[Typing, Effect] | None = None

    @property
    def face(self) -> Face:
        """Everything to paint now."""
        return faces.face_of(self.now, self.store.actor, self.store.clock(), self.greeting)

    async def start(self) -> None:
        """Loads the rep's calls, the active one's draft and half-typed text, and a call that rings."""
        self.now.ringing = await self.store.read(calls.ringing)
        self.now.zone = ZoneInfo(await self.store.read(customers.company_zone))
        await self.load_calls()
        await self.enter_call(self.now.call)
        await ticket_drafting.remind(self)

    async def load_calls(self) -> None:
        """Reads the rep's open calls; the active one becomes the call."""
        self.now.calls = await self.store.read(calls.mine)
        self.now.call = next((call for call in self.now.calls if call.active), None)

    async def enter_call(self, call: CallView | None) -> None:
        """Shows a call, or the desk with nobody on the line, as it was left: customer, draft, view and typed text."""
        from csdesk.prompt import acts

        now = self.now
        now.call, now.bar, now.draft, now.shown, now.choice, now.guide = call, None, None, None, None, None
        now.live, now.cursor = None, 0
        await expansion_acts.refresh(self)
        text = call.prompt if call else await keeping.bring(self)
        now.kept = (call.id, text, call.view) if call else None
        if call and call.customer_id is not None:
            now.bar = await self.store.read(customers.bar, call.customer_id)
            if call.draft_id is not None:
                now.draft = await self.store.read(pads.view, call.draft_id)
            usual = "pad" if now.draft else "customer"
            try:
                await acts.show(self, call.view or usual)
            except (NotFound, Invalid):  # what was shown is gone or can be shown no more
                await acts.show(self, usual)
        self.sync_keys(text)

    def sync_keys(self, text: str = "", row: int | None = None, tail: str = "") -> None:
        """Sets the typed text and the state keys fall into, as of now."""
        now = self.now
        rows = len(now.draft.lines) if now.draft else 0
        now.keys = Typing(
            now.mode, text, len(text), row if row is not None and rows else None, rows,
            choices=now.numbered,
            listed=bool(now.shown and now.shown.acts), tail=tail, asking=now.guide is not None, short=now.undecided,
        )  # fmt: skip

    async def press(self, key: str) -> None:
        """Handles one key in full. Desk errors become the echo; the text stays with the cursor on the fault.

        Without the database nothing moves: the same key again carries the same requests, so nothing is done twice.
        """
        if self.now.help is not None and helping.pressed(self, key):
            return
        was, before = replace(self.now), self.now.keys
        self.now.keys, effect = keyboard.press(
            before, key, expansion_acts.at_hand(self) if ";" in before.text else NOTHING
        )
        self.away, tried, self._tried = False, self._tried, None
        if before.choices and not self.now.keys.choices and effect.kind != "choose" and self.now.guide is None:
            self.now.choice = None  # something else was typed instead
        if effect.kind == "edit" and not effect.typed:
            self._edited(before)
            return
        self.now.help = None
        if tried != (before, effect):
            self.attempt = new_id()
        try:
            await self._do(effect)
        except Unavailable as error:
            self.now, self.away, self._tried = was, True, (before, effect)
            self.now.echo = keeping.lost(self, error)
        except DeskError as error:
            self.wrong(error, before.text if effect.kind == "submit" else "")
        except Exception:
            log.exception("a key failed")
            where = "the log tells more" if log.parent else ""
            self.now.echo = Echo(f"Something went wrong inside; your draft is kept ({where}).", "wrong")

    def paste(self, text: str) -> tuple[list[str], str]:
        """Takes a pasted text, see prompt.pasting: the keys to press for it, and what of it waits behind them."""
        return pasting.taken(self, text)

    def _edited(self, before: Typing) -> None:
        if self.now.keys.text != before.text:
            helping.edited(self)
            self.now.live = self.now.meant = None
            looking = self.now.mode in CALLING or self.now.keys.text.lstrip().startswith("/")
            self.now.cursor = 0 if looking else self.now.cursor
        if not self.now.keys.text and (self.now.choice is not None or self.now.numbered):
            self.sync_keys()  # an answer was deleted: the numbers count again
        self.now.echo = Echo()

    def wrong(self, error: DeskError, text: str = "") -> None:
        """Shows what is wrong; the typed line stays, the cursor goes where the fault is."""
        keys = self.now.keys
        if not (text or keys.text) and self.now.choice is None and keys.row is None:
            self.sync_keys(tail=keys.tail)  # the numbers of a list count on
        if text and not self.now.keys.text:
            self.now.keys = replace(self.now.keys, text=text, cursor=len(text))
        brace = left(self.now.keys.text)[1] if error.field == UNFILLED else -1
        if brace >= 0:
            self.now.keys = replace(self.now.keys, cursor=brace)
        self.now.echo = Echo(error.message, "wrong", fault=self.now.keys.cursor if error.field else None)

    async def _do(self, effect: Effect) -> None:
        from csdesk.prompt import acts, moves

        if effect.typed:
            await acts.set_row(self, effect.row, Decimal(effect.typed))
        await moves.MOVES[effect.kind](self, effect)
        if effect.typed or effect.kind in TAKING:
            self.now.kept = None  # what was taken took its text along, see services.memory

    async def write(self, verb: Callable[Concatenate[Tx, ...], T], *args: Any) -> T:
        """Runs a writing verb as part of the present key: at most once, however often the key must be tried again."""
        along, request = keeping.along(self), f"{verb_name(verb)}-{self.attempt}"
        made = await self.store.write(verb, *args, request_id=request, along=along)
        self.alone = self.alone if along is None else keeping.NOTHING
        return made

    async def look(self) -> bool:
        """Looks up what is typed: live hits, or what Enter would do. True when the face changed."""
        from csdesk.prompt import looking

        return await looking.look(self)

    async def pause(self) -> None:
        """Stores the half-typed text and the view of the call; begins a call when somebody is being typed in."""
        try:
            await keeping.keep(self)
            self.away = False
            if self._covered is not None and self.now.echo is self._covered[1]:
                self.now.echo = self._covered[0]  # what the last key came to counts still
            self._covered = None
        except Unavailable as error:
            before = self._covered[0] if self._covered else self.now.echo
            self._covered = before, keeping.lost(self, error)
            self.now.echo, self.away = self._covered[1], True
        except DeskError as error:
            self.now.echo = Echo(error.message, "wrong")

    async def begin_call(self, phone: str = "", ringing_id: int | None = None) -> CallView:
        """Opens a call and makes it the one at hand."""
        call = await self.write(calls.begin, phone, ringing_id)
        self.now.calls = (*(replace(each, active=False) for each in self.now.calls), call)
        self.now.call, self.now.kept = call, None
        return call

    async def leisure(self, stop: Callable[[], bool]) -> None:
        """Does what is due by itself, nothing of it shown, until `stop` says that a key waits."""
        await leisure.tick(self.store, stop)

    async def ring(self, phone: str) -> None:
        """A call rings: the status line says so, nothing else moves."""
        self.now.ringing = await self.store.read(calls.ringing)

    async def stop(self) -> None:
        """Keeps what is typed; called when the terminal goes or the rep leaves."""
        await self.pause()

    def resize(self, width: int, height: int) -> None:
        """The window has another size."""
        self.now.width, self.now.height = width, height

    def clock(self) -> datetime:
        """The present instant."""
        return self.store.clock()
