"""What the benches share: a Postgres of their own, percentiles, tables on the screen and JSON beside them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
RESULTS = Path(os.environ.get("BENCH_RESULTS", ROOT / "bench" / "results"))


DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on",
           "shared_buffers": "512MB"}  # fmt: skip


@contextmanager
def postgres_server() -> Iterator[Callable[..., str]]:
    """A private Postgres with durable settings, as in use; gives a function that makes a database (empty, or a copy of
    a template) and returns its URL."""
    from tests.support import postgres

    postgres.SETTINGS.update(DURABLE)
    run = postgres.new_run()
    server = postgres.server(run)

    def create(name: str, template: str = "template1") -> str:
        server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return server.url(name)

    try:
        yield create
    finally:
        postgres.stop(run)


@contextmanager
def urls(folder: Path, names: Sequence[str] = ("sqlite", "postgres")) -> Iterator[dict[str, str]]:
    """Empty migrated databases by backend name."""
    from csdesk.migrations import schema
    from csdesk.store import Store

    with ExitStack() as stack:
        found = {}
        if "sqlite" in names:
            found["sqlite"] = f"sqlite:///{folder / 'bench.db'}"
        if "postgres" in names:
            found["postgres"] = stack.enter_context(postgres_server())("bench")
        for url in found.values():
            store = Store(url)
            schema.upgrade(store)
            store.close()
        yield found


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and worst in milliseconds, and how many."""
    return {
        "n": len(seconds),
        "p50_ms": round(statistics.median(seconds) * 1000, 3),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 3),
        "max_ms": round(max(seconds) * 1000, 3),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds a call took, and its answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def table(rows: Sequence[dict[str, Any]]) -> None:
    """Prints rows as a plain table."""
    if not rows:
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def keep(name: str, rows: Sequence[dict[str, Any]], **facts: Any) -> None:
    """Writes the result as JSON beside the other results."""
    RESULTS.mkdir(exist_ok=True)
    whole = {"bench": name, "python": platform.python_version(), "machine": platform.machine(), **facts, "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n")
