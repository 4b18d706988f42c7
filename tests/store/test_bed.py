"""The test bed itself: both databases are real, each test has its own, and the small desk is what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
from sqlalchemy import func, select

from csdesk.migrations import schema
from csdesk.models import Customer, SalesOrder, table
from csdesk.services import staff
from csdesk.store import Store
from tests.support import databases
from tests.support.seed import Seeded, acting

ROOT = Path(__file__).parents[2]


def test_a_new_database_is_migrated_and_empty(store: Store, backend: str) -> None:
    schema.require_current(store)
    assert store.postgres == (backend == "postgres")
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table(Customer))) == 0


def test_the_small_desk_has_its_people_customers_and_orders(store: Store, seeded: Seeded) -> None:
    rep = acting(store, "rep7")
    assert rep.actor.may("order.enter")
    assert not rep.actor.may("order.release")
    assert store.read_now(staff.sign_in, "lead3").may("order.release")
    with store.engine.connect() as connection:
        order = table(SalesOrder)
        found = dict(connection.execute(select(order.c.id, order.c.status)).all())
    assert found == {seeded.invoiced_order: "invoiced", seeded.open_order: "allocated"}


def test_a_killed_run_leaves_no_server_behind() -> None:
    databases.the_server()  # skips where there is none
    program = (
        "import time; from tests.support import postgres as p; run = p.new_run(); p.watch(run)\n"
        "print(run, p.server(run).pid, flush=True); time.sleep(600)"
    )
    runner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert runner.stdout is not None
    folder, pid = runner.stdout.readline().split()
    server = psutil.Process(int(pid))
    assert server.is_running()
    runner.kill()
    runner.communicate()
    server.wait(timeout=60)
    for _ in range(600):
        if not Path(folder).exists():
            break
        threading.Event().wait(0.1)
    assert not Path(folder).exists()
