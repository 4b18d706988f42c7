"""All benches: `python -m bench` runs each on small figures, `python -m bench --full` as it is published.

Small runs show that the benches work and what they print; their results go to a folder that is thrown away, those of
`--full` to bench/results/. Names choose some: `python -m bench latency orders`. `--list` only tells what there is.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
# Each bench with the words that make it small; without them it runs as published.
SMALL: dict[str, list[str]] = {
    "tasks": ["--desk", "sample", "--layer", "line", "pty", "--task", "1", "2", "3"],
    "latency": ["--customers", "5000", "--products", "300", "--keys", "30", "--orders", "3"],
    "orders": ["--orders", "20", "--clients", "1", "2"],
    "search": ["--size", "5000", "--names", "3"],
    "import": ["--orders", "300"],
    "clock": ["--clocks", "2000", "--tickets", "100", "--walked", "3", "--library", "20"],
    "tickets": ["--tickets", "4000", "--customers", "300", "--calls", "5"],
    "soak": ["--reps", "4", "--leads", "1", "--minutes", "1"],
    "ledger": ["--sizes", "5000,20000", "--accounts", "1000", "--calls", "20"],
}


def told(name: str) -> str:
    """The first sentence of a bench's own description."""
    words = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text("utf-8"))) or ""
    return words.partition("\n")[0]


def run(name: str, small: bool, results: str) -> tuple[int, float]:
    """Exit code and seconds of one bench."""
    words = SMALL[name] if small else []
    begin = time.monotonic()
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent), **({"BENCH_RESULTS": results} if small else {})}
    done = subprocess.run([sys.executable, str(HERE / f"{name}.py"), *words], cwd=HERE.parent, env=environ)
    return done.returncode, time.monotonic() - begin


def main() -> None:
    """Runs what was asked for; exit 1 when one of them failed."""
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("names", nargs="*", choices=[*SMALL, []], help="all of them when none is given")
    words.add_argument("--full", action="store_true", help="as published: this takes a while")
    words.add_argument("--list", action="store_true", help="only tell what there is")
    given = words.parse_args()
    if given.list:
        print("\n".join(f"{name:<8} {told(name)}" for name in SMALL))
        return
    found = []
    with tempfile.TemporaryDirectory(prefix="csdesk") as folder:
        for name in given.names or SMALL:
            print(f"\n== {name}: {told(name)}", flush=True)
            found.append((name, *run(name, not given.full, folder)))
    print()
    for name, code, seconds in found:
        print(f"{name:<8} {'ok' if code == 0 else f'failed ({code})'}  {seconds:.0f} s")
    sys.exit(any(code for _, code, _ in found))


if __name__ == "__main__":
    main()
