"""Public keys as they are handed in: what is taken has OpenSSH's own fingerprint, the rest is refused in a sentence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest

from csdesk.errors import Invalid, Refused
from csdesk.server import extras, public_keys

TAKEN = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
SK = (  # of a security key
    "sk-ssh-ed25519@openssh.com "
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIOV0OLWSPpyF+8PEEjOmUtlWCZv2pZIRmVxvYn/Lw9prAAAABHNzaDo=",
)


def line(kind: str = "ssh-ed25519", comment: str = "", **options: int) -> str:
    key = asyncssh.generate_private_key(kind, comment=comment, **options)
    return key.export_public_key().decode().strip()


@pytest.fixture(scope="module")
def rsa() -> dict[int, str]:
    return {bits: line("ssh-rsa", key_size=bits) for bits in (2048, 3072)}


def test_fingerprints_are_those_of_openssh(tmp_path: Path, rsa: dict[int, str]) -> None:
    keygen = shutil.which("ssh-keygen")
    lines = [*(line(kind, "robin at home") for kind in TAKEN), rsa[3072], *SK]
    parsed = [public_keys.parse(each) for each in lines]
    assert [each.comment for each in parsed[:4]] == ["robin at home"] * 4
    if keygen is None:
        pytest.skip("ssh-keygen is not installed; nothing to compare with")
    (tmp_path / "all.pub").write_text("\n".join(lines) + "\n")
    told = subprocess.run([keygen, "-lf", tmp_path / "all.pub"], capture_output=True, text=True, check=True).stdout
    assert [each.split()[1] for each in told.splitlines()] == [each.fingerprint for each in parsed]


def test_comments_and_empty_lines_around_it_are_passed_over() -> None:
    key = line()
    assert public_keys.parse(f"# mine\n\n  {key}  \n").public == key


def certificate() -> str:
    authority, mine = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    return authority.generate_user_certificate(mine, "rep7", principals=["rep7"]).export_certificate().decode()


def test_what_is_no_strong_public_key_is_refused_in_a_sentence(rsa: dict[int, str]) -> None:
    key = line()
    private = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    for text, words in (
        (private, "PRIVATE key: hand it to nobody"),
        (certificate(), "This is a certificate"),
        (f'command="/bin/sh" {key}', "Options in front of a key"),
        (f'from="10.0.0.0/8",no-pty {key}', "Options in front of a key"),
        (rsa[2048], "An RSA key of 2048 bits is too weak"),
        (f"{key}\n{line()}", "there are 2 lines"),
        ("", "there are 0 lines"),
        ("hello", "No public key that is taken here"),
        ("ssh-dss AAAAB3NzaC1kc3M=", "No public key that is taken here"),
        ("ssh-ed25519", "is damaged"),
        (key[:-12], "is damaged"),
        (key.replace("ssh-ed25519 ", "ssh-rsa "), "is damaged|wanted as in a .pub file"),
        ("ssh-ed25519 \x1b[31m", "is damaged"),
        ("\0" * 50, "No public key"),
        ("ssh-ed25519 " + "A" * 100_000, "is damaged"),
    ):
        with pytest.raises(Invalid, match=words):
            public_keys.parse(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"gone.pub' cannot be read: No such file"):
        public_keys.read(str(tmp_path / "gone.pub"))
    with pytest.raises(Invalid, match=r"cannot be read: Is a directory"):
        public_keys.read(str(tmp_path))
    (tmp_path / "bytes.pub").write_bytes(b"\xff\xfe\x00" * 100)
    with pytest.raises(Invalid, match=r"No public key"):
        public_keys.read(str(tmp_path / "bytes.pub"))


def test_a_desk_without_the_server_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "asyncssh", None)
    with pytest.raises(Refused, match=r"This needs 'asyncssh'; install it with: pip install 'csdesk\[server\]'"):
        public_keys.parse("ssh-ed25519 AAAA")
    assert extras.need("json").loads("1") == 1
