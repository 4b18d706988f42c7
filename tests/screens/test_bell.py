"""The bell: a socket of the user alone that takes one JSON line."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from csdesk.errors import Unavailable
from csdesk.server import bell


async def send(path: Path, data: bytes) -> bytes:
    """What the socket answers to these bytes."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_only_a_json_line_with_a_number_rings() -> None:
    rang: list[str] = []
    server = await bell.listen(1, "rep7", rang.append)
    [path] = bell.folder().iterdir()
    assert await send(path, b'{"phone": " 0131 555 0142 "}\n') == b"ok\n"
    for wrong in (b"", b"\n", b"{}\n", b"[1]\n", b'{"phone": 7}\n', b"\xff\xfe\n", b"[" * 3000 + b"\n", b"x" * 9000):
        assert await send(path, wrong) != b"ok\n"
    assert rang == ["0131 555 0142"]
    bell.hush(server)
    assert list(bell.folder().iterdir()) == []


async def test_every_open_desk_of_the_login_is_told_and_no_other() -> None:
    rang: list[str] = []
    server = await bell.listen(1, "rep7", rang.append)
    assert await asyncio.to_thread(bell.poke, 1, "rep7", "1") == 1
    assert await asyncio.to_thread(bell.poke, 1, "rep", "2") == 0
    assert await asyncio.to_thread(bell.poke, 2, "rep7", "3") == 0
    assert rang == ["1"]
    bell.hush(server)


def test_the_socket_of_a_desk_that_died_is_taken_away() -> None:
    path = bell.folder() / "1-rep7-99.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    assert bell.poke(1, "rep7", "1") == 0
    assert not path.exists()


def test_a_folder_others_can_open_is_refused(runtime: Path) -> None:
    bell.folder().chmod(0o755)
    with pytest.raises(Unavailable, match="must be yours alone"):
        bell.folder()


def test_a_link_in_place_of_the_folder_is_refused(runtime: Path, tmp_path: Path) -> None:
    os.mkdir(tmp_path / "elsewhere", 0o700)
    os.symlink(tmp_path / "elsewhere", runtime / "csdesk-bell")
    with pytest.raises(Unavailable, match="must be yours alone"):
        bell.folder()


def test_a_long_home_is_no_hindrance(runtime: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", str(runtime))
    assert bell.folder() == runtime / f"csdesk-bell-{os.getuid()}"
