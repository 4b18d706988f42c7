"""The server as a command: one at a time in a folder, logs as lines of JSON, ended by its pid."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
from pathlib import Path

import fasteners

from csdesk.config import Settings
from csdesk.errors import Conflict, NotFound, Refused
from csdesk.server.extras import need
from csdesk.server.first import FILE, first_way_in
from csdesk.store import Store

log = logging.getLogger("csdesk.server")


def run(settings: Settings, store: Store) -> None:
    """Serves until told to stop. Raises Conflict when a server runs in this folder already."""
    need("asyncssh")
    from csdesk.server.front import Front

    _log()
    _many_files()

    async def serve() -> None:
        front = Front(settings, store)
        front.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(front.folder):
            await asyncio.to_thread(_first, store, front.folder)
            port = await front.start()
            print(f"Serving desks at port {port}.", flush=True)  # noqa: T201
            log.info("serving", extra={"port": port, "server": front.name})
            await front.run()
        log.info("stopped")

    asyncio.run(serve())


def _first(store: Store, folder: Path) -> None:
    """Tells the first administrator his way in: on a terminal, else in a file of the server's alone, never in a log."""
    try:
        words = first_way_in(store)
    except Refused as error:
        log.warning("no administrator can come in", extra={"why": error.message})
        return
    if words and sys.stdout.isatty():
        print(words, flush=True)  # noqa: T201
    elif words:
        path = folder / FILE
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(f"{words}\n")
        print(f"No administrator can come in yet; {path} tells the way, for an hour.", flush=True)  # noqa: T201


def drain(settings: Settings) -> str:
    """Tells the server of these settings to end in order. Raises NotFound when none runs."""
    from csdesk.server.front import folder_of

    folder = folder_of(settings)
    lock = fasteners.InterProcessLock(folder / "lock")
    free = folder.exists() and lock.acquire(blocking=False)
    if free:
        lock.release()
    try:
        pid = int((folder / "pid").read_text("ascii"))
        if free:
            raise ProcessLookupError
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        raise NotFound(f"No server runs in {folder}.") from None
    return f"The server (pid {pid}) ends in {settings.serve_drain} s; desks are told, everything is kept."


@contextlib.contextmanager
def _alone(folder: Path):  # type: ignore[no-untyped-def]
    lock = fasteners.InterProcessLock(folder / "lock")
    if not lock.acquire(blocking=False):
        raise Conflict(f"A server runs in {folder} already; give this one a serve_folder of its own.")
    try:
        (folder / "pid").write_text(str(os.getpid()), "ascii")
        yield
    finally:
        (folder / "pid").unlink(missing_ok=True)
        lock.release()


def _many_files() -> None:
    """As many open files as this process may have: each desk takes four."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _log() -> None:
    """Logs as lines of JSON on standard error, so that no name a client sends can forge one."""
    structlog = need("structlog")
    handler = logging.StreamHandler(sys.stderr)
    before = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    after = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before, processors=[*after, structlog.processors.JSONRenderer()]
        )
    )
    logging.getLogger().addHandler(handler)  # what a library warns of is a line of JSON too
    logging.getLogger("csdesk").setLevel(logging.INFO)
    logging.getLogger("asyncssh").setLevel(logging.ERROR)  # it logs each connection; ours says more
