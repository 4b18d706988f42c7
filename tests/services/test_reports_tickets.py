"""Ticket figures of any period and choice: received = resolved + void + open, and the backlog adds up."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csdesk.services import reports_tickets
from csdesk.services.reports_tickets import Chosen
from csdesk.store import Store
from tests.importing.bed import take
from tests.importing.test_tickets import HEAD, LOG, STATES

MANY = 500 if os.environ.get("CSDESK_LONG") == "1" else 3
FIRST = datetime(2024, 5, 1, tzinfo=UTC)
LETTERS = "NAURCX"
_ROW = st.tuples(st.integers(0, 30), st.sampled_from("NAURC"), st.integers(0, 600))
_SPAN = st.tuples(st.integers(-5, 40), st.integers(0, 40))


def log_text(rows: list[tuple[int, str, int]]) -> str:
    """A log of up to 31 tickets in four queues, an hour between its rows at most."""
    at, lines, over = FIRST, [], set()
    for number, (ticket, state, minutes) in enumerate(rows):
        at += timedelta(minutes=minutes)
        if ticket in over:
            continue
        if state == "C" and ticket % 5 == 0:
            state = "X"
            over.add(ticket)
        lines.append(f"T{ticket},Ann,x,{number},{at:%Y-%m-%d %H:%M},{state},{ticket % 4 + 1},Q{ticket % 4},,,,,,")
    return HEAD + "\n".join(lines) + "\n"


@given(st.lists(_ROW, min_size=20, max_size=60), st.lists(_SPAN, min_size=4, max_size=4))
@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_received_is_resolved_void_and_open_and_the_backlog_adds_up(
    store: Store, tmp_path: Path, rows: list[tuple[int, str, int]], spans: list[tuple[int, int]]
) -> None:
    file = tmp_path / "log.csv"
    file.write_text(log_text([(100 * len(list(tmp_path.iterdir())) + a, b, c) for a, b, c in rows]), "utf-8")
    take(store, LOG.replace("ORDER", "file").replace("STATES", STATES).replace('"plain"', f'"p{id(rows)}"'), file)
    for (day, length), chosen in zip(spans, (Chosen(), Chosen(queue="q1"), Chosen(priority=2), Chosen(kind="query")),
                                     strict=True):  # fmt: skip
        start = FIRST + timedelta(days=day)
        middle, end = start + timedelta(days=length / 2), start + timedelta(days=length)
        whole = store.read_now(reports_tickets.flow, start, end, chosen)
        assert whole.received == whole.resolved + whole.void + whole.open
        first = store.read_now(reports_tickets.flow, start, middle, chosen)
        second = store.read_now(reports_tickets.flow, middle, end, chosen)
        assert (first.before, first.backlog, second.backlog) == (whole.before, second.before, whole.backlog)
        for name in ("received", "ended", "came_back", "closed"):
            assert getattr(first, name) + getattr(second, name) == getattr(whole, name), name
        assert whole.backlog == whole.before + whole.received + whole.came_back - whole.ended
        if chosen != Chosen():
            continue
        queues = [store.read_now(reports_tickets.flow, start, end, Chosen(queue=f"q{n}")) for n in range(4)]
        everything = store.read_now(reports_tickets.flow, start, end)
        assert sum(each.backlog for each in queues) == everything.backlog
