"""Compiled statements are kept from test to test: they are the same for every database of a kind.

Each test has an engine of its own, which would compile every statement anew: half of what a small test costs.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

import csdesk.store


class Compiled(dict[Any, Any]):
    """A cache that all engines of one kind of database share; SQLAlchemy's own keys begin with the dialect."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """What was compiled for any engine of the kind."""
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


def share() -> None:
    """From now on every store of this process shares what is compiled."""
    made, cache = csdesk.store.make_engine, Compiled()

    def engine(url: str) -> Engine:
        fresh = made(url)
        fresh.update_execution_options(compiled_cache=cache)
        return fresh

    csdesk.store.make_engine = engine
