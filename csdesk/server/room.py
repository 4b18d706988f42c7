"""How much memory is left for another desk, on this machine and within what this service was given."""

from __future__ import annotations

import contextlib
from pathlib import Path

OF_A_DESK = 48  # megabytes a desk is counted with; see bench/server.py
GROUP = Path("/sys/fs/cgroup")


def left() -> int:
    """Bytes that could be taken before the machine, or a control group this process is in, is full."""
    return min([_machine(), *_groups()])


def _machine() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/meminfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return 1 << 62


def _groups() -> list[int]:
    """What each control group above this process has left (cgroup v2); caches count as free."""
    found = []
    with contextlib.suppress(OSError, IndexError):
        own = Path("/proc/self/cgroup").read_text("ascii").strip().splitlines()[-1].split(":", 2)[2].lstrip("/")
        for folder in [GROUP / own, *(GROUP / own).parents]:
            if folder == GROUP.parent:
                break
            with contextlib.suppress(OSError, ValueError):
                most = int((folder / "memory.max").read_text())
                used = int((folder / "memory.current").read_text())
                stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                found.append(most - used + int(stat.get("inactive_file", 0)))
    return found
