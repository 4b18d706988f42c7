"""An import that is killed leaves files whole or out, and the next run ends where an undisturbed one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from csdesk.models import ImportRun, OrderLine, SalesOrder, table
from csdesk.store import Store
from tests.importing.bed import MASTERS, PLAIN, broken, small, state, take
from tests.support import databases

ORDERS = 1500


def large(folder: Path) -> Path:
    """The small source with so many orders that killing finds one of the last files under way."""
    orders = "no,customer,day,picked,follows,status\n"
    orders += "".join(f"{n},{('C1', 'B1')[n % 2]},2024-05-{n % 28 + 1:02d},,,\n" for n in range(1, ORDERS + 1))
    lines = "no,pos,item,qty,price,picked\n"
    lines += "".join(f"{n},{pos},A-{pos},{n % 7 + 1},2.50,0\n" for n in range(1, ORDERS + 1) for pos in (1, 2))
    return small(folder, orders=orders, lines=lines, invoices="no,kind,customer,order,day,gross,tax,paid\n",
                 deliveries="no,order,delivered,by\n")  # fmt: skip


def test_a_killed_import_keeps_whole_files_only_and_a_second_run_completes_it(
    store: Store, backend: str, database_url: str, tmp_path: Path
) -> None:
    folder = large(tmp_path / "in")
    (tmp_path / "mine.toml").write_text(PLAIN + MASTERS, "utf-8")
    words = ["import", str(folder), "--map", str(tmp_path / "mine.toml"), "--db", database_url]
    running = subprocess.Popen(
        [sys.executable, "-m", "csdesk", *words], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("orders.csv"):
            break
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()

    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table(SalesOrder))).scalar() == ORDERS
        assert connection.execute(select(func.count()).select_from(table(OrderLine))).scalar() == 0
        assert connection.execute(select(func.count()).select_from(table(ImportRun))).scalar() == 4
    assert broken(store) == []

    take(store, PLAIN + MASTERS, folder)
    (tmp_path / "other").mkdir()
    with databases.database(backend, tmp_path / "other") as url:
        calm = Store(url)
        take(calm, PLAIN + MASTERS, folder)
        undisturbed = state(calm)
        calm.close()
    assert state(store) == undisturbed  # ids and all
    assert broken(store) == []
