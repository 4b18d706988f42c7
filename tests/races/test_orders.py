"""Eight processes place orders at once: no oversell, no limit passed, numbers without a gap, nothing twice.

A normal run has ten for each process; CSDESK_LONG=1 has two hundred.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, text, update

from csdesk.ids import new_id
from csdesk.models import CreditAccount, Draft, OrderLine, SalesOrder, Stock, table
from csdesk.services import audit, care
from csdesk.services.drafts import LINES, DraftLine
from csdesk.store import Store
from tests.support.seed import Seeded

PROCESSES, ORDERS = 8, 200 if os.environ.get("CSDESK_LONG") == "1" else 10
KILLED_AFTER = 5  # orders
ROOT = Path(__file__).parents[2]
ORDER, LINE, STOCK, ACCOUNT, DRAFT = (table(m) for m in (SalesOrder, OrderLine, Stock, CreditAccount, Draft))


def _drafts(store: Store, customer: int, product: int, unit: str, count: int, now: object) -> list[int]:
    ids = [new_id() for _ in range(count)]
    lines = LINES.dump_json((DraftLine(product, unit, Decimal(1)),)).decode()
    rows = [
        {"company": 1, "id": each, "staff_id": 1, "customer_id": customer, "kind": "new", "lines": lines,
         "status": "open", "version": 1, "created_at": now, "updated_at": now}
        for each in ids
    ]  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(insert(DRAFT), rows)
    return ids


def start(
    url: str, ids: Sequence[object], seed: int, mode: str = "desk", login: str = "rep7"
) -> subprocess.Popen[bytes]:
    """A worker, which waits for a line once it is ready; what it says can be read when it is done."""
    words = [sys.executable, "-m", "tests.races.worker", url, login, mode, str(seed), *map(str, ids)]
    return _started(words)


def _started(words: Sequence[str]) -> subprocess.Popen[bytes]:
    pipe, around = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, env=around)


def begin(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Lets workers go at one moment, when all of them are ready."""
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", process.communicate()[1].decode()
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()


def kill(victim: subprocess.Popen[bytes]) -> None:
    """Kills a worker that has placed a few orders, wherever it is in the next."""
    assert victim.stdout is not None
    for _ in range(KILLED_AFTER):
        assert victim.stdout.readline() == b"placed\n"
    victim.send_signal(signal.SIGKILL)
    assert victim.wait(timeout=60) == -signal.SIGKILL


def _race(url: str, ids: list[int]) -> None:
    """Runs all shares at once; two are killed on the way, then their shares and a third are submitted again."""
    shares = [ids[n::PROCESSES] for n in range(PROCESSES)]
    running = [start(url, share, n) for n, share in enumerate(shares)]
    begin(running)
    with ThreadPoolExecutor() as watchers:
        list(watchers.map(kill, running[:2]))
    for process in running[2:]:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    again = start(url, [each for share in shares[:3] for each in share], 9)
    _, errors = again.communicate(b"\n", timeout=300)
    assert again.returncode == 0, errors.decode()


def _facts(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            "orders": connection.execute(
                select(func.count()).select_from(ORDER).where(ORDER.c.call_id.is_(None))
            ).scalar(),
            "numbers": connection.execute(select(func.count(ORDER.c.number.distinct()))).scalar(),
        }


def _clean(store: Store) -> None:
    failed = [finding for finding in store.read_now(care.check) if finding.offenders]
    assert not failed
    checked, broken = store.read_now(audit.verify)
    assert not broken
    assert checked >= PROCESSES * ORDERS


@pytest.mark.parametrize("scarce", ["stock", "credit"])
def test_eight_processes(store: Store, seeded: Seeded, database_url: str, clock: object, scarce: str) -> None:
    customer = seeded.customers["20417"]
    product = seeded.products["4711"]
    half = PROCESSES * ORDERS // 2
    with store.engine.begin() as connection:
        free = Decimal(half) if scarce == "stock" else Decimal(10**6)
        reserved = connection.execute(select(STOCK.c.reserved).where(STOCK.c.product_id == product)).scalar()
        connection.execute(update(STOCK).where(STOCK.c.product_id == product).values(on_hand=reserved + free))
        row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.id == 1)).one()
        used = row.orders + row.delivered + row.billed + row.open_debit - row.open_credit
        limit = None if scarce == "stock" else used + half * 1987  # 18.40 and 8 % tax
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == 1).values(credit_limit=limit))
    before = _orders(store)
    ids = _drafts(store, customer, product, "EA", PROCESSES * ORDERS, clock())
    _race(database_url, ids)

    placed = {each: row for each, row in _orders(store).items() if each not in before}
    assert sorted(placed) == sorted(ids)
    numbers = sorted(int(row.number) for row in placed.values() if row.number.startswith(f"{_year()}"))
    assert numbers == list(range(numbers[0], numbers[0] + len(ids)))
    with store.engine.connect() as connection:
        stock = connection.execute(select(STOCK).where(STOCK.c.product_id == product)).one()
        account = connection.execute(select(ACCOUNT).where(ACCOUNT.c.id == 1)).one()
        allocated = connection.execute(
            select(func.sum(LINE.c.allocated)).where(LINE.c.order_id.in_(ids), LINE.c.product_id == product)
        ).scalar()
    assert stock.reserved <= stock.on_hand
    if scarce == "stock":
        assert allocated == half
    else:
        total = account.orders + account.delivered + account.billed + account.open_debit - account.open_credit
        assert total == account.credit_limit
        assert sum(1 for row in placed.values() if row.status == "held") == half
    _clean(store)


def _year() -> str:
    from csdesk.services.tx import utc_now

    return f"{utc_now().year % 100:02d}"


def _orders(store: Store) -> dict[int, object]:
    with store.engine.connect() as connection:
        return {row.id: row for row in connection.execute(select(ORDER))}


def test_the_same_race_oversells_on_a_naive_engine(tmp_path: Path) -> None:
    """Negative control: were this to pass cleanly, the proof above would prove nothing."""
    url = f"sqlite:///{tmp_path / 'naive.db'}"
    oversold = 0
    for _ in range(10):
        engine = create_engine(url)
        with engine.begin() as connection:
            for statement in ("DROP TABLE IF EXISTS pool", "DROP TABLE IF EXISTS taken",
                              "CREATE TABLE pool (on_hand INTEGER, reserved INTEGER)",
                              "CREATE TABLE taken (one INTEGER)", "INSERT INTO pool VALUES (400, 0)"):  # fmt: skip
                connection.execute(text(statement))
        engine.dispose()
        words = [sys.executable, "-m", "tests.races.naive", url, "200"]
        running = [_started(words) for _ in range(PROCESSES)]
        begin(running)
        for process in running:
            process.communicate(timeout=120)
        with create_engine(url).connect() as connection:
            taken = connection.execute(text("SELECT count(*) FROM taken")).scalar() or 0
        oversold += max(0, taken - 400)
        if oversold:
            break
    assert oversold > 0
