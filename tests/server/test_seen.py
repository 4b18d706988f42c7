"""What another user of the server's machine sees of it: that it runs, and nothing it knows."""

from __future__ import annotations

import os
import subprocess

import psutil
import pytest

from tests.server.house import Server

NOBODY = 65534
OPEN = (".pub", "lock", "pid")  # public keys, and what tells that a server runs
LOOK = "for each; do tr '\\0' ' ' < /proc/$each/cmdline; cat /proc/$each/environ; ls -l /proc/$each/fd; done 2>&1"


def test_the_process_table_shows_no_database_and_no_secret(server: Server) -> None:
    if os.getuid() != 0:
        pytest.skip("NOT ROOT: what another user sees of the server's processes is NOT looked at here")
    top = psutil.Process(server.process.pid)
    with server.sit(server.hire()) as desk:
        desk.ready()
        pids = [str(each.pid) for each in (top, *top.children(recursive=True))]
        assert len(pids) >= 3  # the server, the parent of desks, a desk
        seen = subprocess.run(
            ["/bin/sh", "-c", LOOK, "look", *pids], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True,
            text=True, timeout=30,
        ).stdout  # fmt: skip
    assert "serve" in seen
    assert seen.count("Permission denied") >= 2 * len(pids)
    assert server.url.rpartition("/")[2] not in seen
    assert "CSDESK" not in seen


def test_files_the_server_made_are_its_own(server: Server) -> None:
    with server.sit(server.hire()) as desk:
        desk.ready()
    made = [each for top in (server.home, server.folder / "serve") for each in top.rglob("*") if each.is_file()]
    assert any(each.name == "csdesk.log" for each in made)
    loose = {each.name for each in made if each.stat().st_mode & 0o077}
    assert {name for name in loose if not name.endswith(OPEN)} == set()
