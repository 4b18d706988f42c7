"""What every service verb gets first: the open transaction with who acts, in which company and when. Store makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Row

from csdesk.errors import Refused

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Actor:
    """Who acts: a login, the person behind it and the duties it holds. `id` 0 is the system itself.

    `lent` are duties taken in an emergency, each with the instant it ends.
    """

    id: int
    person_id: int
    login: str
    name: str
    team: str = ""
    duties: frozenset[str] = frozenset()
    lent: tuple[tuple[str, datetime], ...] = ()

    def may(self, duty: str) -> bool:
        """Whether the actor holds `duty`; the empty duty is everybody's, the system holds all."""
        return not duty or duty in self.duties or self.id == 0


SYSTEM = Actor(id=0, person_id=0, login="system", name="system")


@dataclass(frozen=True)
class Stand:
    """How old figures are: `at`, the instant everything until then is in them, and whole seconds `behind`, rounded up.

    `instead`: why they are the primary's and not the replica's.
    """

    at: datetime
    behind: int = 0
    instead: str = ""


def utc_now() -> datetime:
    """The present instant, aware, UTC. The only clock of the program; tests inject another into the store."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Tx:
    """One transaction: connection, company, actor, the instant it began and the request it answers.

    `stand`: how old what it reads is; None where no replica is asked.
    """

    connection: Connection
    company: int
    actor: Actor
    now: datetime
    request_id: str = ""
    stand: Stand | None = None
    cache: dict[str, Any] = field(default_factory=dict, compare=False)

    def rows(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of a statement."""
        return self.connection.execute(statement, params).all()

    def row(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row of a statement, or None."""
        return self.connection.execute(statement, params).first()

    def value(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(statement, params).scalar()

    def do(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs a statement that writes; a list of parameters runs as one bulk statement."""
        return self.connection.execute(statement, params)

    @property
    def postgres(self) -> bool:
        """Whether the database is Postgres (the only other one is SQLite)."""
        return self.connection.dialect.name == "postgresql"

    def need(self, duty: str) -> None:
        """Raises Refused when the actor does not hold `duty`, or held it for an emergency that is over."""
        if not self.actor.may(duty):
            raise Refused(f"{self.actor.name} may not do this: it needs the duty '{duty}'.")
        if any(lent == duty and self.now > until for lent, until in self.actor.lent):
            raise Refused(f"The duty '{duty}' was {self.actor.name}'s for an emergency only, and that time is over.")


# Verbs that store no business fact and so leave no audit entry.
UNAUDITED = frozenset({"calls.keep", "half_typed.keep", "sessions.running", "sessions.typed", "ticket_drafts.keep"})
WRITING_VERBS: dict[str, Callable[..., Any]] = {}
READING_VERBS: dict[str, Callable[..., Any]] = {}


def verb_name(function: Callable[..., Any]) -> str:
    """The name a verb is logged under: module and function, e.g. "orders.place"."""
    return f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"


def writes(duty: str = "") -> Callable[[F], F]:
    """Marks a service function as a writing verb that needs `duty`; only such verbs pass `store.write`."""

    def mark(function: F) -> F:
        function.duty = duty  # type: ignore[attr-defined]
        WRITING_VERBS[verb_name(function)] = function
        return function

    return mark


def reads(duty: str = "", *, quick: bool = False, replica: bool = False) -> Callable[[F], F]:
    """Marks a service function as a reading verb that needs `duty`; a `quick` one has no transaction on Postgres.

    One marked `replica` may be read from a standby that is a little behind: figures nobody acts on line by line.
    """

    def mark(function: F) -> F:
        function.duty = duty  # type: ignore[attr-defined]
        function.quick = quick  # type: ignore[attr-defined]
        function.replica = replica  # type: ignore[attr-defined]
        READING_VERBS[verb_name(function)] = function
        return function

    return mark
