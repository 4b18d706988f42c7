"""What a client may ask for besides a desk, and what it gets: a refusal, a line in the log, an entry in the trail."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import psutil
import pytest

from csdesk.services import access_keys, granting
from tests.crash.rep import CUSTOMER
from tests.server.house import Server, new_key, public
from tests.server.records import Person, until
from tests.support.seed import HOSTILE_NAME, acting


@pytest.fixture
def who(server: Server) -> Person:
    """A rep with a key."""
    return server.hire()


def told(server: Server, who: Person, why: str, **more: Any) -> None:
    """Waits for the line of the log and the entry in the trail; both hold login, address and why."""
    until(lambda: server.refused(who, why, **more))


# -- more than a desk ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "command", "why"),
    [
        ((), (), "a shell without a terminal"),
        (("-T",), ("id",), "command 'id'"),
        (("-tt",), ("/bin/sh -i",), "command '/bin/sh -i'"),
        (("-s",), ("sftp",), "subsystem 'sftp'"),
        (("-s",), ("netconf",), "subsystem 'netconf'"),
        (("-W", "127.0.0.1:22"), (), "127.0.0.1:22"),
        (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:22"), (), "listening at 127.0.0.1:0"),
        (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "/tmp/csdesk-test.sock:127.0.0.1:22"), (), "csdesk-test.sock"),
        (("-o", "Tunnel=point-to-point", "-w", "any:any", "-o", "ExitOnForwardFailure=yes"), (), ""),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_nothing_but_a_desk_is_served(
    server: Server, who: Person, options: tuple[str, ...], command: tuple[str, ...], why: str
) -> None:
    code, said = server.run(who, *options, command=command)
    assert code != 0, said
    assert "uid=" not in said
    if why:
        told(server, who, why)
    assert server.sessions(who) == []


def test_a_shell_without_a_terminal_is_told_what_to_do(server: Server, who: Person) -> None:
    assert server.run(who) == (1, "The desk needs a terminal: ssh -t LOGIN@HOST, without a command.\n")


@pytest.mark.parametrize("program", ["scp", "sftp"])
@pytest.mark.parametrize("old", [True, False])
def test_files_are_not_served(server: Server, who: Person, tmp_path: Path, program: str, old: bool) -> None:
    client = server.client(who)
    options = client[: client.index("-p")]
    place = f"{who.login}@127.0.0.1:/etc/hostname"
    way = ["-O"] * (old and program == "scp")
    done = subprocess.run(
        [program, *way, *options, "-P", str(server.port), place, str(tmp_path / "got")], capture_output=True, timeout=30
    )
    assert done.returncode != 0
    assert not (tmp_path / "got").exists()
    told(server, who, "command 'scp" if way else "subsystem 'sftp'")


@pytest.mark.parametrize("way", ["-L", "-D"])
def test_no_port_is_forwarded_from_a_desk(server: Server, who: Person, way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as secret, socket.create_server(("127.0.0.1", 0)) as free:
        inside, outside = secret.getsockname()[1], free.getsockname()[1]
        free.close()
        secret.settimeout(0.2)
        place = f"127.0.0.1:{outside}" + f":127.0.0.1:{inside}" * (way == "-L")
        with server.sit(who, way, place) as desk:
            desk.ready()
            with socket.create_connection(("127.0.0.1", outside)) as line:
                if way == "-D":  # SOCKS 4: connect to 127.0.0.1
                    line.sendall(b"\x04\x01" + inside.to_bytes(2, "big") + b"\x7f\0\0\x01\0")
                line.settimeout(20)
                assert line.recv(100) == b""
            with pytest.raises(TimeoutError):
                secret.accept()
            desk.type(CUSTOMER)
            desk.wait(lambda: desk.prompt == CUSTOMER)
        told(server, who, f"forwarding to 127.0.0.1:{inside}")


def test_agent_and_environment_do_not_come_along(server: Server, who: Person, tmp_path: Path) -> None:
    environ = {"EVIL": "1", "LD_PRELOAD": "", "CSDESK_USER": "boss1", "LC_ALL": "C"}
    ways = [part for name in environ for part in ("-o", f"SendEnv={name}")]
    place = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    try:
        until(lambda: os.path.exists(place))
        with server.sit(who, "-A", "-o", f"IdentityAgent={place}", *ways, environ=environ) as desk:
            desk.ready()
            inside = psutil.Process(server.pid(who)).environ()
    finally:
        agent.kill()
        agent.wait()
    for why in ("agent forwarding", "environment EVIL", "environment LD_PRELOAD", "environment CSDESK_USER"):
        told(server, who, why)
    assert not server.trail("access.refused", login=who.login, why="LC_ALL")
    assert not {"EVIL", "LD_PRELOAD", "CSDESK_USER", "SSH_AUTH_SOCK", "CSDESK_DB"} & set(inside)


def connected(server: Server, who: Person, work: Callable[[asyncssh.SSHClientConnection], Any]) -> Any:
    """Does something on a connection of a client of our own, for what OpenSSH does not ask for."""

    async def go() -> Any:
        async with asyncssh.connect(
            "127.0.0.1", server.port, username=who.login, client_keys=[str(who.key)], config=None, agent_path=None,
            known_hosts=str(server.folder / "known"), local_addr=(who.address, 0),
        ) as line:  # fmt: skip
            return await work(line)

    return asyncio.run(asyncio.wait_for(go(), 60))


def test_x11_is_refused(server: Server, who: Person) -> None:
    async def ask(line: asyncssh.SSHClientConnection) -> None:
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.create_process(term_type="xterm", x11_forwarding=True, x11_display="127.0.0.1:77",
                                      x11_auth_path=str(server.folder / "xauth"))  # fmt: skip

    connected(server, who, ask)
    told(server, who, "X11 forwarding")


@pytest.mark.parametrize(
    ("term", "size", "why"),
    [
        ("xterm", (4_000_000_000, 24), "window of 4000000000 x 24"),
        ("xterm", (80, 100_000), "window of 80 x 100000"),
        ("x" * 100_000, (80, 24), "terminal name 'xxxx"),
        ("../../etc/passwd", (80, 24), "terminal name '../../etc"),
        ("xterm\x1b]0;owned\x07", (80, 24), "terminal name 'xterm"),
        ("xterm;reboot", (80, 24), "terminal name 'xterm;reboot"),
    ],
)
def test_terminals_that_are_none_are_refused(
    server: Server, who: Person, term: str, size: tuple[int, int], why: str
) -> None:
    async def ask(line: asyncssh.SSHClientConnection) -> None:
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.create_process(term_type=term, term_size=size)

    connected(server, who, ask)
    told(server, who, why)
    assert "\x1b" not in server.raw_log
    assert server.sessions(who) == []


def test_a_window_that_becomes_monstrous_is_painted_within_bounds(server: Server, who: Person) -> None:
    async def ask(line: asyncssh.SSHClientConnection) -> None:
        process = await line.create_process(term_type="xterm", term_size=(80, 24), encoding=None)
        await process.stdout.readuntil(b"Commit")
        for size in ((4_000_000_000, 4_000_000_000), (1, 1), (0, 0), (65_535, 1), (80, 24)):
            process.change_terminal_size(*size)
        process.stdin.write(CUSTOMER.encode())
        await process.stdout.readuntil(CUSTOMER[-1].encode())
        assert psutil.Process(server.pid(who)).memory_info().rss < 400 << 20
        process.stdin.write_eof()

    connected(server, who, ask)
    server.over(who)


def test_one_connection_holds_one_desk(server: Server, who: Person) -> None:
    control = ("-o", f"ControlPath={server.folder}/c{who.login}", "-o", "ControlMaster=auto")
    with server.sit(who, *control) as desk:
        desk.ready()
        server.run(who, *control, "-tt")  # OpenSSH then tries a line of its own, and leaves the question
        told(server, who, "a second session on one connection")
        assert len(server.sessions(who)) == 1
        desk.type(CUSTOMER)
        desk.wait(lambda: desk.prompt == CUSTOMER)


# -- keys and certificates ----------------------------------------------------------------------------------------


def test_a_key_of_nobody_and_of_somebody_else_are_refused(server: Server, who: Person) -> None:
    stranger, other = new_key(server.folder, f"{who.login}-stranger"), server.hire()
    for key in (stranger, other.key):
        code, said = server.run(who, "-o", "BatchMode=yes", key=key)
        assert (code, "Permission denied" in said) == (255, True)
        told(server, who, access_keys.fingerprint_of(public(key)))
    code, nobody = server.run(who, "-o", "BatchMode=yes", key=stranger, login="nobody-at-all")
    assert (code, nobody.replace("nobody-at-all", who.login)) == (255, said)
    told(server, who, "1 wrong key", login="nobody-at-all")


def test_a_disabled_login_is_refused_like_one_that_does_not_exist(server: Server, who: Person) -> None:
    acting(server.store, "admin1").write_now(granting.disable, who.login)
    code, said = server.run(who, "-o", "BatchMode=yes")
    assert (code, "Permission denied" in said) == (255, True)
    told(server, who, "1 wrong key")
    assert server.sessions(who) == []


@pytest.fixture(scope="module")
def authority(server: Server) -> Path:
    """An authority whose certificates are believed."""
    made = new_key(server.folder, "authority")
    server.store.write_now(access_keys.trust, public(made))
    return made


def signed(key: Path, authority: Path, principal: str, *more: str) -> None:
    """A certificate of the key beside it, for an hour unless it says otherwise."""
    span = () if "-V" in more else ("-V", "-1m:+1h")
    words = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-n", principal, *span, *more, f"{key}.pub"]
    subprocess.run(words, check=True, capture_output=True)


def test_a_certificate_lets_in_whom_it_names(server: Server, who: Person, authority: Path) -> None:
    key = new_key(server.folder, f"{who.login}-card")
    signed(key, authority, who.login)
    with server.sit(who, key=key) as desk:
        desk.ready()
    server.over(who)
    begun = server.trail("sessions.begin", login=who.login)[0]
    assert (begun["method"], begun["authority"]) == ("certificate", access_keys.fingerprint_of(public(authority)))


@pytest.mark.parametrize(
    "wrong", ["expired", "not yet", "another's", "of all", "of a stranger", "for hosts", "elsewhere"]
)
def test_other_certificates_are_refused(server: Server, who: Person, authority: Path, wrong: str) -> None:
    key = new_key(server.folder, f"{who.login}-card")
    stranger = new_key(server.folder, f"{who.login}-ca")
    ways: dict[str, tuple[Path, str, tuple[str, ...]]] = {
        "expired": (authority, who.login, ("-V", "-2h:-1h")),
        "not yet": (authority, who.login, ("-V", "+1h:+2h")),
        "another's": (authority, "boss1", ()),
        "of a stranger": (stranger, who.login, ()),
        "for hosts": (authority, who.login, ("-h",)),
        "elsewhere": (authority, who.login, ("-O", "source-address=192.0.2.0/24")),
    }
    if wrong == "of all":
        words = ["ssh-keygen", "-q", "-s", str(authority), "-I", "x", f"{key}.pub"]
        subprocess.run(words, check=True, capture_output=True)
    else:
        by, principal, more = ways[wrong]
        signed(key, by, principal, *more)
    code, said = server.run(who, "-o", "BatchMode=yes", key=key)
    assert (code, "Permission denied" in said) == (255, True), said
    told(server, who, "wrong")
    assert server.sessions(who) == []


# -- floods -------------------------------------------------------------------------------------------------------


def test_a_thousand_half_open_connections_keep_nobody_from_working(server: Server, who: Person) -> None:
    with server.sit(who) as desk:
        desk.ready()
        desk.type(f"{CUSTOMER}\r")
        desk.wait(lambda: "Harbour" in desk.lines[1])
        before = psutil.Process(server.process.pid).memory_info().rss
        lines = []
        for number in range(1000):
            line = socket.socket()
            line.bind((f"127.0.200.{number % 50 + 1}", 0))
            line.connect(("127.0.0.1", server.port))
            lines.append(line)
        desk.type("4711 12\r")
        desk.wait(lambda: desk.pad == [("4711", 12)], 10)
        open_ones = len(psutil.Process(server.process.pid).net_connections("tcp"))
        assert open_ones <= 100 + 10, "serve_half_open, and those who are in"
        grown = psutil.Process(server.process.pid).memory_info().rss - before
        assert grown < 100 << 20
        for line in lines:
            line.close()
        other = server.hire()
        with server.sit(other) as late:
            late.ready()
    until(lambda: server.logged("too many connections", address="127.0.200."))
    flood = [line for line in server.log if str(line.get("address", "")).startswith("127.0.200.")]
    assert len(flood) <= 50 * 20, "an address is told of twenty times a minute"


def test_one_address_has_a_limit_of_its_own(server: Server) -> None:
    who = server.hire()
    lines = [socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.201.1", 0)) for _ in range(40)]
    heard = []
    for line in lines:
        line.settimeout(5)
        with contextlib.suppress(OSError):
            heard.append(line.recv(100).startswith(b"SSH-2.0-csdesk"))
    assert sum(heard) == 20
    with server.sit(who) as desk:
        desk.ready()
    for line in lines:
        line.close()


def test_a_paste_of_a_megabyte_and_a_client_that_reads_nothing_slow_nobody(server: Server, who: Person) -> None:
    front = psutil.Process(server.process.pid)
    other = server.hire()
    with server.sit(other) as beside, server.sit(who) as desk:
        beside.ready()
        desk.ready()
        before = front.memory_info().rss
        os.set_blocking(desk.master, False)
        left, deaf = b"4711 1\r" * 150_000, False
        for round_ in range(60):
            try:
                while left:
                    left = left[os.write(desk.master, left[:4096]) :]
            except BlockingIOError:
                pass
            if round_ == 20 and not deaf:
                desk.send(signal.SIGSTOP)
                deaf = True
            beside.type("x" if round_ % 2 == 0 else "\x7f")
            beside.wait(lambda: beside.prompt == ("x" if round_ % 2 == 0 else ""), 5)  # noqa: B023
        assert front.memory_info().rss - before < 32 << 20
        desk.send(signal.SIGKILL)
        server.over(who)


# -- signs that would steer a terminal ----------------------------------------------------------------------------

STEER = '\x1b]0;owned\x07\x1b[31mroot\r\n{"event": "forged"}\u202e\x9b2J'


@pytest.mark.parametrize(
    ("login", "kept"),
    [(STEER, ""), ('x]0;owned[31m"}{"event":"forged"}', "owned"), ("x" * 900, "xxx")],
    ids=["steering", "forging", "long"],
)
def test_a_login_full_of_signs_reaches_no_log(
    server: Server, who: Person, monkeypatch: pytest.MonkeyPatch, login: str, kept: str
) -> None:
    async def ask(line: asyncssh.SSHClientConnection) -> None:
        raise AssertionError("was let in")

    monkeypatch.setattr("asyncssh.connection.saslprep", str)  # our client sends what a decent one would not
    with pytest.raises((asyncssh.PermissionDenied, asyncssh.IllegalUserName, asyncssh.ConnectionLost)):
        connected(server, replace(who, login=login), ask)
    if kept:
        until(lambda: server.trail("access.refused", login=kept, address=who.address))
        assert len(server.trail("access.refused", address=who.address)[0]["login"]) <= 60
    assert not server.logged("forged")
    for sign in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert sign not in server.raw_log
        assert sign not in str(server.trail("access.refused", address=who.address))
    assert server.run(who)[0] == 1, "the server goes on"


def test_a_customers_name_full_of_escape_sequences_does_not_reach_the_terminal(server: Server, who: Person) -> None:
    with server.sit(who) as desk:
        desk.ready()
        desk.type("50999\r")
        desk.wait(lambda: "50999" in desk.lines[1])
        assert "\x1b" in HOSTILE_NAME
        assert b"\x1b[31m" not in desk.raw
