"""What a database holds, as one value: to see that nothing was written, or that two ways led to the same rows."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from sqlalchemy import MetaData, select
from sqlmodel import SQLModel

from csdesk.store import Store

_ID = re.compile(r"\d{17,19}")
_OWN = {"request_id", "hash", "previous"}  # of the trail: they carry the ids of requests
_METADATA: MetaData = SQLModel.metadata


def rows(store: Store, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables by primary key."""
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in _METADATA.sorted_tables
            if table.name not in without and table.primary_key
        }


def digest(store: Store) -> str:
    """A hash over every row of every table."""
    return hashlib.sha256(repr(rows(store)).encode()).hexdigest()


def story(store: Store) -> str:
    """All rows as text, with each id made by the program replaced by its place among them: equal for equal deeds."""
    told: dict[str, list[Any]] = {}
    with store.engine.connect() as connection:
        for table in _METADATA.sorted_tables:
            if table.name in {"request", "audit_head"} or not table.primary_key:
                continue
            columns = [column for column in table.columns if not (table.name == "audit" and column.name in _OWN)]
            found = connection.execute(select(*columns).order_by(*table.primary_key)).mappings()
            told[table.name] = [dict(row) for row in found]
    text = json.dumps(told, default=str, indent=1)
    places = {each: f"#{n}" for n, each in enumerate(sorted(set(_ID.findall(text)), key=int))}
    return _ID.sub(lambda each: places[each[0]], text)
