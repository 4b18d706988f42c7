"""What strangers may do at the door before they are let in, and what is told of it: floods, weak keys, wrong ones."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.packet import Boolean, String, UInt32

from csdesk.services import access_keys
from tests.server.house import Server, new_key, public
from tests.server.records import Person, until

REQUEST, ANSWER = 50, 61  # messages of RFC 4252 and RFC 4256


@pytest.fixture
def who(server: Server) -> Person:
    """A rep with a key."""
    return server.hire()


@pytest.fixture(scope="module")
def authority(server: Server) -> Path:
    """An authority whose certificates are believed."""
    made = new_key(server.folder, "authority-of-doors")
    server.store.write_now(access_keys.trust, public(made))
    return made


def shouts(server: Server, who: Person, work: Callable[[Any], None], login: str = "", late: bool = False) -> None:
    """A client that says what it likes when it may log in, and does not wait; until the server has ended it. A `late`
    one does so after it was told what it may log in by, and goes when it is refused."""

    class Client(asyncssh.SSHClient):
        refused = 0

        def connection_made(self, conn: Any) -> None:
            self.line = conn

        def begin_auth(self, username: str) -> None:
            if not late:
                work(self.line)

        async def public_key_auth_requested(self) -> None:
            self.refused += 1
            if late and self.refused == 1:
                work(self.line)
            if not late or self.refused == 1:
                await asyncio.sleep(60)

        def kbdint_auth_requested(self) -> None:
            return None

    async def go() -> None:
        with pytest.raises((OSError, asyncssh.Error)):
            await asyncssh.create_connection(
                Client, "127.0.0.1", server.port, username=login or who.login, client_keys=[], config=None,
                agent_path=None, known_hosts=str(server.folder / "known"), local_addr=(who.address, 0),
            )  # fmt: skip

    asyncio.run(asyncio.wait_for(go(), 60))


def asks(line: Any, login: str, method: str = "none", *more: bytes) -> None:
    """A request to log in, as a packet."""
    line.send_packet(REQUEST, String(login), String("ssh-connection"), String(method), *more)


def why(server: Server, who: Person, words: str) -> str:
    """Waits until a refusal of somebody with certain words is in log and trail; all the trail says of it."""
    until(lambda: server.refused(who, words))
    return str(server.trail("access.refused", login=who.login, why=words)[0]["why"])


# -- before anybody is in ------------------------------------------------------------------------------------------


def test_a_stranger_who_sends_ahead_without_end_is_cut_off(server: Server, who: Person) -> None:
    def floods(line: Any) -> None:
        os.kill(server.process.pid, signal.SIGSTOP)  # it comes back to more than it may hold, however fast it is
        try:
            for number in range(100):
                asks(line, f"{who.login}{number % 2}", "none" + "x" * 30_000)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)

    shouts(server, who, floods)
    until(lambda: server.trail("access.refused", address=who.address))
    (told,) = server.trail("access.refused", address=who.address)
    assert told["why"] == "more than 64 KiB at once before logging in"


def test_requests_of_one_connection_have_an_end(server: Server, who: Person) -> None:
    def asks_on(line: Any) -> None:
        for _ in range(100):
            asks(line, who.login)

    shouts(server, who, asks_on)
    assert "too many attempts to log in" in why(server, who, "too many attempts")


def test_a_second_login_on_one_connection_ends_it_and_the_key_is_told_of_the_first(server: Server, who: Person) -> None:
    other = server.hire()
    key = asyncssh.read_public_key(f"{other.key}.pub")

    def tries_two(line: Any) -> None:
        asks(line, who.login, "publickey", Boolean(False), String("ssh-ed25519"), String(key.public_data))
        asks(line, other.login, "publickey", Boolean(False), String("ssh-ed25519"), String(key.public_data))

    shouts(server, who, tries_two)
    told = why(server, who, key.get_fingerprint())
    assert f"another login, {other.login}, was named" in told
    assert not server.trail("access.refused", login=other.login)


def test_answers_nobody_asked_for_are_not_looked_at(server: Server, who: Person) -> None:
    def answers(line: Any) -> None:
        asks(line, who.login, "keyboard-interactive", String(""), String(""))
        for _ in range(200):
            line.send_packet(ANSWER, UInt32(0))

    shouts(server, who, answers, late=True)
    until(lambda: server.logged("refused", login=who.login))
    assert len(server.trail("access.tried", login=who.login)) <= 1
    assert len(server.logged("refused", login=who.login)) <= 20


def test_an_answer_that_fits_no_question_is_an_attempt(server: Server, who: Person) -> None:
    class Client(asyncssh.SSHClient):
        tries = 2

        def kbdint_auth_requested(self) -> str | None:
            self.tries -= 1
            return None if self.tries < 0 else ""

        def kbdint_challenge_received(self, *challenge: Any) -> list[str]:
            return ["one", "two", "three"]

    async def go() -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.create_connection(
                Client, "127.0.0.1", server.port, username=who.login, client_keys=[], config=None, agent_path=None,
                known_hosts=str(server.folder / "known"), local_addr=(who.address, 0),
            )  # fmt: skip

    asyncio.run(asyncio.wait_for(go(), 60))
    assert [each["why"] for each in server.trail("access.tried", login=who.login)] == ["no password"] * 2


def test_wrong_keys_are_told_of_all_though_a_password_was_asked_for(server: Server, who: Person) -> None:
    """OpenSSH without BatchMode goes on to the prompt, where somebody gives up."""
    keys = [new_key(server.folder, f"{who.login}-{number}") for number in range(3)]
    more = [part for key in keys for part in ("-o", f"IdentityFile={key}")]
    with server.sit(who, *more, key=keys[0]) as desk:
        desk.wait(lambda: b"Password: " in desk.raw)
        desk.wait(lambda: desk.process.poll() is not None or desk.send(signal.SIGHUP))  # ssh may miss the first
        desk.closed()
    told = why(server, who, "3 wrong keys")
    for key in keys:
        assert access_keys.fingerprint_of(public(key)) in told


@pytest.mark.parametrize("login", ["x" * 2000, "steer\x07"], ids=["long", "forbidden"])
def test_a_login_that_cannot_be_one_is_told_with_its_address(server: Server, who: Person, login: str) -> None:
    shouts(server, who, lambda line: asks(line, login), login="x")
    until(lambda: server.trail("access.refused", address=who.address))
    (told,) = server.trail("access.refused", address=who.address)
    assert told["login"] == ""


# -- keys and certificates -----------------------------------------------------------------------------------------


def certified(server: Server, authority: Path, key: Path, principal: str, *more: str) -> None:
    words = ["ssh-keygen", "-q", "-s", str(authority), "-I", "robin's card", "-z", "42", "-n", principal, *more]
    subprocess.run([*words, f"{key}.pub"], check=True, capture_output=True)


def test_signatures_and_certified_keys_are_strong(server: Server, who: Person, authority: Path) -> None:
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=3072)
    place = server.folder / f"{who.login}-rsa"
    rsa.write_private_key(str(place))
    rsa.write_public_key(f"{place}.pub")
    place.chmod(0o600)
    server.store.write_now(access_keys.add_key, who.login, public(place))

    async def signs(by: str) -> None:
        keypair = asyncssh.load_keypairs([rsa])[0]
        keypair.set_sig_algorithm(by.encode())
        keypair.sig_algorithms = (by.encode(),)
        async with asyncssh.connect(
            "127.0.0.1", server.port, username=who.login, client_keys=[keypair], config=None, agent_path=None,
            known_hosts=str(server.folder / "known"), local_addr=(who.address, 0), signature_algs=[by],
            preferred_auth="publickey",
        ):  # fmt: skip
            pass

    asyncio.run(signs("rsa-sha2-512"))
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(signs("ssh-rsa"))
    assert rsa.get_fingerprint() in why(server, who, "without a signature that is taken")
    weak = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    card = server.folder / f"{who.login}-weak"
    weak.write_private_key(str(card))
    weak.write_public_key(f"{card}.pub")
    card.chmod(0o600)
    certified(server, authority, card, who.login)
    assert server.run(who, "-o", "BatchMode=yes", "-o", "RequiredRSASize=1024", key=card)[0] == 255
    assert weak.get_fingerprint() in why(server, who, "an RSA key of 1024 bits is too weak")
    server.store.write_now(access_keys.trust, public(place))
    card = new_key(server.folder, f"{who.login}-sha1")
    certified(server, place, card, who.login, "-t", "ssh-rsa")
    assert server.run(who, "-o", "BatchMode=yes", key=card)[0] == 255
    why(server, who, "signed by SHA-1")
    certified(server, place, card, who.login, "-t", "rsa-sha2-256")
    assert server.run(who, "-o", "BatchMode=yes", key=card)[0] == 1, "let in, without a terminal"
    server.store.write_now(access_keys.distrust, access_keys.fingerprint_of(public(place)))


def test_certificates_are_told_by_their_key_name_number_and_authority(
    server: Server, who: Person, authority: Path
) -> None:
    card = new_key(server.folder, f"{who.login}-card")
    mark = access_keys.fingerprint_of(public(card))
    certified(server, authority, card, who.login, "-V", "-2h:-1h")
    plain = card.with_name(f"{card.name}.pub")
    agent = ("-o", f"CertificateFile={card}-cert.pub", "-o", "BatchMode=yes")
    kept = plain.read_text()
    assert server.run(who, *agent, key=card)[0] == 255
    assert f"{mark} (certificate 'robin's card', serial 42: Certificate expired)" in why(server, who, "expired")
    plain.write_text(kept)
    certified(server, authority, card, who.login, "-O", "clear", "-O", "permit-pty")
    with server.sit(who, key=card) as desk:
        desk.ready()
    server.over(who)
    begun = server.trail("sessions.begin", login=who.login)[0]
    assert (begun["method"], begun["fingerprint"]) == ("certificate", mark)
    assert begun["certificate"] == "'robin's card', serial 42"
    assert begun["authority"] == access_keys.fingerprint_of(public(authority))
