"""The desk behind a real sshd with ForceCommand, by the file in deploy/: who logs in is who sits there."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError, Invalid, Refused
from csdesk.migrations import roles
from csdesk.server import forced
from csdesk.services import founding
from csdesk.store import Store
from tests.crash.rep import CUSTOMER, OTHER, Books
from tests.screens.tty import PATIENCE, ROOT
from tests.server.house import Guest, new_key, public
from tests.server.records import until
from tests.support import databases

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
BOSS = "lead3"
SUDOERS = Path(f"/etc/sudoers.d/csdesk-test-{os.getpid()}")


def needed() -> None:
    """Skips aloud where there is no sshd, or nobody who may make a user for it; fails on a CI machine run by root."""
    missing = [name for name in (SSHD, "ssh", "scp", "sftp", "useradd") if shutil.which(name) is None]
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: no user can be made for sshd, and the desk behind it is NOT tested here")
    if missing:
        words = f"NO {', '.join(missing)}: the desk behind sshd is NOT tested here"
        (pytest.fail if os.environ.get("CI", "").lower() in {"1", "true"} else pytest.skip)(words)


@dataclass(frozen=True)
class Site:
    """A machine of the ForceCommand way: sshd, one OS user, the desk's database on Postgres by a role of his own."""

    folder: Path
    login: str
    other: str  # has no role on Postgres: his desk runs as `login`, by sudo; empty where there is no sudo
    port: int
    books: Books

    @property
    def home(self) -> Path:
        """The user's home."""
        return self.folder / "home"

    def client(self, *options: str, login: str = "") -> list[str]:
        """The arguments of ssh, scp and sftp but for port and place."""
        given = {"IdentityFile": self.folder / "key", "IdentitiesOnly": "yes", "IdentityAgent": "none",
                 "UserKnownHostsFile": self.folder / "known", "StrictHostKeyChecking": "yes", "LogLevel": "ERROR",
                 "BatchMode": "yes", "Port": self.port, "User": login or self.login}  # fmt: skip
        return ["-F", "none", *options, *(part for name, value in given.items() for part in ("-o", f"{name}={value}"))]

    def run(self, program: str, *words: str, said: str = "") -> tuple[int, str]:
        """A program to its end: its exit code and all it said."""
        done = subprocess.run(
            [program, *self.client(), *words], input=said, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.returncode, done.stdout + done.stderr

    def sitting(self) -> set[str]:
        """The logins that have a call open."""
        return {row[0] for row in self.books.rows("SELECT s.login FROM call c JOIN staff s ON s.id = c.staff_id"
                                                  " WHERE c.customer_id IS NOT NULL")}  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One for all tests here."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="csdesk-sshd-", dir="/tmp"))
    folder.chmod(0o755)
    login = f"desk{os.getpid()}"
    other = f"{login}s" if shutil.which("sudo") else ""
    with databases.database("postgres", folder, "seeded") as url, ExitStack() as after:
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        store = Store(url)
        after.callback(store.close)
        store.write_now(roles.provide, "", "", f"{login}_all", (login,))
        for each in filter(None, (login, other)):
            store.write_now(founding.add_staff, each, f"Test {each}", "rep")
            made = ["useradd", "-M", "-d", folder / "home", "-s", "/bin/sh", "-p", "*", "-U", each]
            subprocess.run(made, check=True, capture_output=True)
            after.callback(subprocess.run, ["userdel", each], capture_output=True)
        if other:
            after.callback(SUDOERS.unlink, missing_ok=True)
            SUDOERS.write_text(f"{other} ALL=({login}) NOPASSWD: {folder}/csdesk run --os-user *\n")
            SUDOERS.chmod(0o440)
        _furnish(folder, login, store)
        process, port = _sshd(folder, login, other)
        after.callback(process.wait)
        after.callback(process.terminate)
        yield Site(folder, login, other, port, Books(store))


def _furnish(folder: Path, login: str, store: Store) -> None:
    """Root's file; a home whose owner's own settings name somebody else and another database; the desk's program."""
    base, host = store.engine.url.database, store.engine.url.query["host"]
    (folder / "desk.toml").write_text(f'db = "postgresql:///{base}?host={host}"\nuser = "{BOSS}"\n')
    own = folder / "home" / ".config" / "csdesk"
    own.mkdir(parents=True)
    (own / "config.toml").write_text(f'db = "/nowhere/at-all.db"\nuser = "{BOSS}"\n')
    ssh = folder / "home" / ".ssh"
    ssh.mkdir()
    (ssh / "rc").write_text(f"touch {folder}/home/rc-ran\n")
    (ssh / "environment").write_text(f"CSDESK_USER={BOSS}\n")
    number = pwd.getpwnam(login).pw_uid
    for each in (folder / "home", *(folder / "home").rglob("*")):
        os.chown(each, number, number)
    _install(folder, number)


def _install(folder: Path, number: int) -> None:
    """A program as an installed csdesk is: nothing of the folder it starts in, or of the environment, is imported."""
    program = folder / "csdesk"
    for python in dict.fromkeys((sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin"))):
        program.write_text(
            f"#!{python} -I\nimport sys\nsys.path[:0] = {[str(ROOT), sysconfig.get_path('purelib')]!r}\n"
            "from csdesk.cli import main\nmain()\n"
        )
        program.chmod(0o755)
        with suppress(OSError):
            tried = subprocess.run(
                [program, "db", "check", "--db", "/nowhere/x"], capture_output=True, cwd="/",
                user=number, group=number, extra_groups=[], env={"PATH": os.environ["PATH"]},
            )  # fmt: skip
            if tried.returncode == 3:  # all it needs was imported: it could not open that file
                return
    pytest.skip(f"OTHER USERS CAN RUN NEITHER {sys.executable} NOR {ROOT}: the desk behind sshd is NOT tested here")


def _deployed(folder: Path, group: str, command: str) -> str:
    """The file in deploy/ for another group, keys and program."""
    text = (ROOT / "deploy" / "sshd_csdesk.conf").read_text()
    ways = re.findall(r"^    (?:# )?ForceCommand (.*)$", text, re.MULTILINE)
    assert [way.partition("/opt")[0] for way in ways] == ["/usr/bin/sudo -n -u csdesk ", ""]
    for ours, here in (
        (f"    ForceCommand {ways[0]}", f"    ForceCommand {command}"),
        ("Match Group desk", f"Match Group {group}"),
        ("/etc/ssh/desk_keys", f"{folder}/desk_keys"),
    ):
        assert text.count(ours) == 1
        text = text.replace(ours, here)
    return text


def _sshd(folder: Path, login: str, other: str) -> tuple[subprocess.Popen[bytes], int]:
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    new_key(folder, "key")
    host = new_key(folder, "host")
    (folder / "desk_keys").mkdir()
    for each in (login, other):
        (folder / "desk_keys" / each).write_text(public(folder / "key") + "\n") if each else None
    (folder / "known").write_text(f"* {public(host)}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = f"{folder}/csdesk run --os-user --config {folder}/desk.toml"
    deployed = _deployed(folder, login, run)
    if other:
        by_sudo = _deployed(folder, other, f"/usr/bin/sudo -n -u {login} {run}")
        deployed += by_sudo.replace("PermitUserEnvironment no\n", "")  # may stand but once, before the first Match
    # A machine whose own settings are looser than they should be: they let the client's variables in.
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AcceptEnv CSDESK_* LANG\nSubsystem sftp internal-sftp\nLogLevel VERBOSE\n{deployed}"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", folder / "sshd_config"], stderr=log, stdin=subprocess.DEVNULL
        )
    until(lambda: b"Server listening" in (folder / "log").read_bytes() or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    return process, port


def test_who_logs_in_sits_at_his_own_desk_whatever_the_client_says(site: Site) -> None:
    """Neither variables that sshd lets in nor his own settings, ~/.ssh/environment and ~/.ssh/rc change who he is."""
    claims = {"CSDESK_USER": BOSS, "CSDESK_DB": "/nowhere/at-all.db", "CSDESK_CONFIG": "/nowhere/at-all.toml"}
    client = [*site.client("-o", "SendEnv=CSDESK_*", "-t"), "127.0.0.1", f"csdesk run --user {BOSS}"]
    with Guest(client, environ=claims) as desk:
        desk.ready()
        desk.type(f"{CUSTOMER}\r")
        desk.wait(site.sitting)
        assert site.sitting() == {site.login}
    assert not (site.home / "rc-ran").exists()


def test_by_sudo_he_sits_at_his_own_desk_and_cannot_reach_the_database(site: Site) -> None:
    if not site.other:
        pytest.skip("NO SUDO: the desk by ForceCommand and sudo is NOT tested here")
    client = site.client("-o", "SendEnv=CSDESK_*", "-t", login=site.other)
    with Guest([*client, "127.0.0.1"], environ={"CSDESK_USER": BOSS, "SUDO_UID": "0"}) as desk:
        desk.ready()
        desk.resize(100, 30)
        desk.type(f"{OTHER}\r")
        desk.wait(lambda: site.other in site.sitting())
        assert site.sitting() <= {site.login, site.other}
    with pytest.raises(psycopg.OperationalError, match=f'role "{site.other}" does not exist'):
        psycopg.connect(site.books.store.url.replace("+psycopg://desk@", f"://{site.other}@"))


def test_a_command_is_never_run(site: Site) -> None:
    code, said = site.run("ssh", "127.0.0.1", f"id; touch {site.home}/was-here; csdesk run --user {BOSS}")
    assert (code, said.strip()) == (2, "The desk needs a terminal; 'csdesk line' takes plain lines instead.")
    assert site.run("ssh", "-s", "127.0.0.1", "sftp")[0] == 2, "a subsystem is the desk too"
    assert not (site.home / "was-here").exists()


def test_no_files_go_in_or_out(site: Site) -> None:
    secret = site.home / "secret"
    secret.write_text("x")
    place = f"127.0.0.1:{site.home}"
    assert site.run("scp", str(site.folder / "known"), f"{place}/came-in")[0] != 0
    assert site.run("scp", "-O", str(site.folder / "known"), f"{place}/came-in")[0] != 0
    assert site.run("scp", f"{place}/secret", str(site.folder / "went-out"))[0] != 0
    assert site.run("sftp", "127.0.0.1", said=f"put {site.folder}/known {site.home}/came-in\n")[0] != 0
    assert not (site.home / "came-in").exists()
    assert not (site.folder / "went-out").exists()


def test_nothing_is_forwarded(site: Site) -> None:
    code, said = site.run("ssh", "-W", f"127.0.0.1:{site.port}", "127.0.0.1")
    assert (code, "forwarding failed" in said) == (255, True), said
    code, said = site.run("ssh", "-o", "ExitOnForwardFailure=yes", "-N", "-R", "0:127.0.0.1:22", "127.0.0.1")
    assert (code, "forwarding failed" in said) == (255, True), said


def test_the_file_must_be_roots_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())  # what is cleared there stays for the other tests
    if os.geteuid() != 0:
        pytest.skip("only root makes a file that is root's")
    monkeypatch.setenv("CSDESK_USER", BOSS)
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        file = folder / "desk.toml"
        with pytest.raises(Invalid, match="There is no settings file"):
            forced.settings(file)
        file.write_text(f'db = "/srv/desk.db"\nuser = "{BOSS}"\n')
        made = forced.settings(file, theme="mono")
        assert (made.user, made.db, made.theme) == (pwd.getpwuid(os.getuid()).pw_name, "/srv/desk.db", "mono")
        assert "CSDESK_USER" not in os.environ
        monkeypatch.setenv("SUDO_UID", str(pwd.getpwnam("nobody").pw_uid))
        assert forced.login() == "root", "a variable alone makes nobody of anybody"
        for change in (lambda: file.chmod(0o666), lambda: os.chown(file, 65534, -1), lambda: folder.chmod(0o777)):
            change()
            with pytest.raises(Refused, match="can be changed by others than root"):
                forced.settings(file)
            file.chmod(0o644)
            os.chown(file, 0, -1)
    finally:
        shutil.rmtree(folder)


def test_a_login_beside_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    done = CliRunner().invoke(app, ["run", "--os-user", "--user", BOSS])
    assert isinstance(done.exception, DeskError)
    assert "leave --user away" in done.exception.message
