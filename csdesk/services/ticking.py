"""What happens by itself once its time has come: one table of steps, run by `csdesk tick` and by a desk at leisure.

A step lists ids and acts on each in a transaction of its own, which looks again whether it is still due: safe to run as
often, and by as many, as one likes, and right after a weekend off. Another step is one entry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from csdesk.errors import DeskError, Unavailable
from csdesk.services import (
    callbacks,
    escalating,
    posting,
    proactive,
    promise_keeping,
    rechecking,
    surveys,
    ticket_cutoffs,
    ticket_resolving,
    ticket_waking,
)

log = logging.getLogger("csdesk.tick")
Said = tuple[str, bool]  # a sentence, and whether it went well


@dataclass(frozen=True)
class Step:
    """What is listed and what is done with each; where that is refused, `otherwise` sets it aside."""

    listed: Callable[..., Any]
    act: Callable[..., str]
    otherwise: Callable[..., str] | None = None


# In this order: what comes back from a wait is judged as running, what was broken is escalated in the same round.
STEPS: tuple[Step, ...] = (
    Step(posting.lapsed, posting.expire),
    Step(posting.due, posting.post, posting.fail),
    Step(promise_keeping.due, promise_keeping.settle),
    Step(callbacks.lapsed, callbacks.lapse),
    Step(rechecking.due, rechecking.recheck),
    Step(ticket_waking.due, ticket_waking.wake),
    Step(ticket_resolving.due, ticket_resolving.lapse),
    Step(proactive.due, proactive.open_),
    Step(ticket_cutoffs.due, ticket_cutoffs.settle),
    Step(surveys.to_ask, surveys.ask),
    Step(escalating.due, escalating.review),
    Step(escalating.unanswered, escalating.climb),
)


class Runs(Protocol):
    """What runs verbs in transactions: a store."""

    def read_now(self, verb: Callable[..., Any], *args: Any) -> Any:
        """Runs a reading verb."""

    def write_now(self, verb: Callable[..., Any], *args: Any) -> Any:
        """Runs a writing verb."""


class Broken(DeskError):
    """A fault of the program where something was due; the traceback is in the log."""


def run(store: Runs) -> Iterator[Said]:
    """Does everything whose time has come, each in its own transaction; says what was done, and what was refused or
    broken, which never stops the rest.

    Without the database nothing follows: raises Unavailable.
    """
    for step in STEPS:
        listed, why = _tried(store.read_now, step.listed)
        if why is not None:
            yield why.message, False
        for each in listed or ():
            words, why = _tried(store.write_now, step.act, each)
            if words:
                yield words, True
            if why is None:
                continue
            yield why.message, False
            if step.otherwise is not None and not isinstance(why, Broken):
                words, why = _tried(store.write_now, step.otherwise, each)
                if words or why is not None:
                    yield words or str(why), False


def _tried(does: Callable[..., Any], verb: Callable[..., Any], *args: Any) -> tuple[Any, DeskError | None]:
    """What a verb gives, or why it gives nothing. Raises Unavailable."""
    try:
        return does(verb, *args), None
    except Unavailable:
        raise
    except DeskError as error:
        return None, error
    except Exception as error:
        name = f"{verb.__module__.rpartition('.')[2]}.{verb.__name__}{''.join(f' of {each}' for each in args)}"
        log.exception("%s broke", name)
        return None, Broken(f"{name} broke: {type(error).__name__}: {error}")
