"""The bell: how a telephone system tells an open desk that a call rings. One JSON line on a socket of the user alone.

Sockets lie in a folder only the user can open, one for each desk: company, login and process id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from csdesk.errors import Unavailable

LINE_MOST = 4096
PATH_MOST = 60  # the address of a socket holds about 100 bytes, file name included
WAIT = 2.0  # seconds a desk may take to answer


def folder() -> Path:
    """The folder of the sockets, made if missing. Raises Unavailable when somebody else could reach into it."""
    import platformdirs

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(runtime) if runtime and os.path.isdir(runtime) else Path(platformdirs.user_state_dir("csdesk"))
    path = base / "csdesk-bell"
    if len(os.fsencode(path)) > PATH_MOST:
        path = Path(tempfile.gettempdir()) / f"csdesk-bell-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise Unavailable(f"The folder {path} for ringing calls cannot be made: {error.strerror}.") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unavailable(f"The folder {path} must be yours alone (mode 0700); set that right, then try again.")
    return path


def _stem(company: int, login: str) -> str:
    return f"{company}-{re.sub(r'[^A-Za-z0-9]', '_', login)[:24]}-"


async def listen(company: int, login: str, ring: Callable[[str], None]) -> asyncio.Server:
    """Listens for this desk; `ring` gets each number. Raises Unavailable when the socket cannot be made."""
    path = folder() / f"{_stem(company, login)}{os.getpid()}.sock"
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            line = await asyncio.wait_for(reader.readline(), WAIT)
            phone = _phone_of(line)
            if phone:
                ring(phone)
            writer.write(b"ok\n" if phone else b"no\n")
            await writer.drain()
        writer.close()

    try:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        os.chmod(path, 0o600)
        return await asyncio.start_unix_server(answer, sock=listening, limit=LINE_MOST)
    except OSError as error:
        raise Unavailable(f"The socket {path} for ringing calls cannot be made: {error.strerror}.") from None


def hush(server: asyncio.Server) -> None:
    """Stops listening and takes the socket away."""
    for each in server.sockets:
        with contextlib.suppress(OSError):
            os.unlink(each.getsockname())
    server.close()


def poke(company: int, login: str, phone: str) -> int:
    """Tells every open desk of the login; how many answered. Sockets of desks that died are taken away."""
    heard = 0
    for path in sorted(folder().glob(f"{_stem(company, login)}*.sock")):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(WAIT)
                line.connect(str(path))
                line.sendall(json.dumps({"phone": phone}).encode() + b"\n")
                heard += line.recv(8).startswith(b"ok")
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            continue
    return heard


def _phone_of(line: bytes) -> str:
    """The number of a JSON line {"phone": "..."}; "" when it is something else."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    phone = told.get("phone") if isinstance(told, dict) else None
    return phone.strip()[:60] if isinstance(phone, str) else ""
