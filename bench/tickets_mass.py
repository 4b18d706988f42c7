"""Tickets by the hundred thousand, the same rows on SQLite and Postgres: heads, events, thread, search rows.

One in ten is under way: a quarter of these nobody's, the others with one of the staff; the rest was solved over the
last years. Events replay to what the heads say; due instants of those under way lie by chance around the present one,
as if their clocks had been running. Written in bulk: executemany on SQLite, COPY on Postgres.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import items
import mass
import psycopg

from csdesk.services.audit import stamp
from csdesk.services.search_index import row_range
from csdesk.services.search_tickets import words_of

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)  # as the clock of the small desk, a Tuesday morning in New York
FIRST = 1 << 50
CHUNK = 10_000
SUBJECTS = (
    "order", "delivery", "late", "short", "crushed", "damaged", "wrong", "missing", "invoice", "price", "credit",
    "pallet", "driver", "truck", "cold", "frozen", "label", "barcode", "expired", "leaking", "broken", "returned",
    "refused", "address", "standing", "list", "account", "statement", "discount", "contract", "sample", "brochure",
    "opening", "hours", "allergen", "recall", "temperature",
)  # fmt: skip
TABLES = {
    "ticket": "company id number kind state base version customer_id contact channel subject category cause product_id "
    "impact urgency priority safety queue owner_id tier value currency cutoff_at opened_at opened_by source policy "
    "policy_version waits_for waits_on question wake_at stage told_at resolution resolved_at closed_at reopened "
    "reassigned merged_into follow_up_of due_at due_kind breaches next_at",
    "ticket_event": "company ticket_id seq event at by data",
    "ticket_item": "company id ticket_id seq kind visible recipients subject body author at by call_id request",
    "ticket_search": "id company ticket_id body terms",
}  # fmt: skip
Rows = dict[str, list[tuple[Any, ...]]]


def made(start: int, end: int, customers: int, staff: Sequence[int], pick: random.Random) -> Rows:
    """The rows of tickets number start to end - 1, by table."""
    rows: Rows = {name: [] for name in TABLES}
    for n in range(start, end):
        _one(rows, n, n % 10 == 9, mass.FIRST_ID + pick.randrange(customers), staff, pick)
    return rows


def _one(rows: Rows, n: int, live: bool, customer: int, staff: Sequence[int], pick: random.Random) -> None:
    ticket = FIRST + n
    age = timedelta(minutes=pick.randrange(60 * 24 * 5 if live else 60 * 24 * 900))
    opened = NOW - age
    owner = None if live and pick.random() < 0.25 else pick.choice(staff)
    subject = " ".join(pick.choice(SUBJECTS) for _ in range(pick.randrange(2, 6))) + f" {n % 9973}"
    priority, value = pick.choice([1, 2, 3, 3, 3, 4]), pick.choice([0, 0, pick.randrange(500, 400_000)])
    due = NOW + timedelta(minutes=pick.randrange(-120, 60 * 24 * 4)) if live else None
    cutoff = NOW + timedelta(minutes=pick.randrange(-600, 60 * 40)) if live and value and pick.random() < 0.3 else None
    head = {
        "kind": "query", "subject": subject, "category": "", "impact": 2, "urgency": 2, "priority": priority,
        "safety": pick.random() < 0.01, "queue": pick.choice(["desk", "desk", "south"]), "owner_id": owner,
        "value": value, "cutoff_at": stamp(cutoff) if cutoff else None, "policy": "standard", "policy_version": 1,
        "stage": "",
    }  # fmt: skip
    by = owner or 0
    events = [("opened", opened, head), ("call", opened + timedelta(minutes=3), {"answered": True})]
    if not live:
        events.append(("resolved", opened + timedelta(hours=2), {"category": "order", "words": "told"}))
        events.append(("closed", opened + timedelta(days=7), {}))
    for seq, (event, at, data) in enumerate(events, 1):
        rows["ticket_event"].append((1, ticket, seq, event, at, by, json.dumps(data, sort_keys=True)))
    for place in range(2):
        item = (1, ticket * 4 + place, ticket, 2, "call", False, "", "", f"{subject}, said {place}", "Robin Penn",
                opened, by, None, f"{ticket}-{place}")  # fmt: skip
        rows["ticket_item"].append(item)
    state, base = ("open", "work") if live else ("closed", "done")
    solved = None if live else events[2][1]
    rows["ticket"].append(
        (1, ticket, f"T{n:08d}", "query", state, base, len(events), customer, "", "phone", subject,
         "" if live else "order", "", None, 2, 2, priority, head["safety"], head["queue"], owner, pick.choice("123"),
         value, "USD", cutoff, opened, by, "desk", "standard", 1, "", "", "", None, "", None, "" if live else "told",
         solved, None if live else events[3][1], 0, 0, None, None, due, "resolution" if due else "", 0, due)
    )  # fmt: skip
    words = words_of(subject)
    place = row_range(1)[0] + n
    rows["ticket_search"].append((place, 1, ticket, f" {' '.join(words)} ", " ".join(f"'{word}'" for word in words)))


def chunks(count: int, customers: int, staff: Sequence[int], seed: int) -> Iterator[Rows]:
    """All rows, some thousand tickets at a time."""
    pick = random.Random(f"tickets {seed}")
    for start in range(0, count, CHUNK):
        yield made(start, min(start + CHUNK, count), customers, staff, pick)


def fill(url: str, count: int, customers: int, staff: Sequence[int], seed: int) -> None:
    """Writes the tickets into a database that has the small desk and the customers."""
    connection = items.connect(url)
    postgres = isinstance(connection, psycopg.Connection)
    for rows in chunks(count, customers, staff, seed):
        connection.execute("BEGIN")
        for name, columns in TABLES.items():
            (_copy if postgres else _many)(connection, name, columns.split(), rows[name])
        if not postgres:
            full = [(row[0], row[3]) for row in rows["ticket_search"]]
            connection.executemany("INSERT INTO ticket_fts(rowid, body) VALUES (?, ?)", full)
        connection.execute("COMMIT")
    connection.execute("VACUUM ANALYZE" if postgres else "ANALYZE")
    connection.close()


def _copy(connection: Any, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _many(connection: Any, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(columns))
    plain = [tuple(_plain(value) for value in row) for row in rows]
    if name == "ticket_search":
        plain = [(*row[:4], None) for row in plain]
    connection.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return int(value) if isinstance(value, bool) else value
