"""Ticks in several processes at once: no escalation, mail or reminder twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from csdesk.models import Contact, Escalation, Outbox, Survey, TicketEvent
from tests.services.conftest import Desk, faults
from tests.services.escalations import closed, local, query

ROOT = Path(__file__).parents[2]
PROCESSES, TICKETS = 3, 12
TICK = """
import sys
from datetime import datetime
from csdesk.services import ticking
from csdesk.store import Store
store = Store(sys.argv[1], clock=lambda: datetime.fromisoformat(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
print(sum(1 for _ in ticking.run(store)), sum(1 for _, good in ticking.run(store) if not good), flush=True)
"""


def test_each_thing_that_is_due_is_done_once(desk: Desk, database_url: str) -> None:
    desk.change(Contact, {"customer_id": 1}, email="jo@harbour.example")
    late = [query(desk, f"number {n}") for n in range(TICKETS)]
    desk.clock.now = local("9 Mar 13:00")  # the highest level of two clocks of each is due
    closed(desk, "done")
    ticks = [
        subprocess.Popen([sys.executable, "-c", TICK, database_url, desk.clock.now.isoformat()], cwd=ROOT,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]  # fmt: skip
    for each in ticks:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in ticks:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in ticks:
        out, _ = each.communicate(timeout=120)
        assert out.split()[1] == "0", "nothing is refused"
    keys = Counter((row.ticket_id, row.rule, row.level, row.epoch) for row in desk.rows(Escalation))
    assert set(keys.values()) == {1}
    told = [row for row in desk.rows(TicketEvent, event="escalated") if row.ticket_id in late]
    raised = [row for row in desk.rows(Escalation) if row.state == "raised" and row.ticket_id in late]
    assert len(told) == len(raised) == 2 * TICKETS
    assert len(desk.rows(Survey)) == len(desk.rows(Outbox, kind="survey-mail")) == 1
    assert faults(desk.store) == []
