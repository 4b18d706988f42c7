"""The commands that open and close ways in, as an administrator types them, and the first administrator of 'init'."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pyotp
import pytest
from typer.testing import CliRunner, Result

from csdesk.cli import app
from csdesk.commands import staff_access
from csdesk.commands.staff import staff_app
from csdesk.errors import DeskError
from csdesk.models import StaffSecret
from csdesk.server import passwords, public_keys
from csdesk.services import access, access_keys, access_secrets
from csdesk.store import Store
from tests.services.conftest import Desk

Run = Callable[..., Result]
LONG, OTHER = "four crates of olives", "the harbour at dawn"


@pytest.fixture
def run(desk: Desk) -> Run:
    """Runs 'csdesk staff …' on the desk's database."""
    url = desk.store.engine.url.render_as_string(hide_password=False)

    def runs(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(staff_app, [*words, "--db", url], input=typed)

    return runs


@pytest.fixture(scope="module")
def pub() -> str:
    return asyncssh.generate_private_key("ssh-ed25519", comment="robin at home").export_public_key().decode()


def test_keys_from_a_file_or_standard_input_listed_and_taken_away(run: Run, pub: str, tmp_path: Path) -> None:
    fingerprint = public_keys.parse(pub).fingerprint
    assert run("keys", "rep7").output == "rep7 comes in by no key.\n"
    (tmp_path / "robin.pub").write_text(pub)
    assert run("add-key", "rep7", str(tmp_path / "robin.pub")).output == f"rep7 may come in by the key {fingerprint}.\n"
    listed = run("keys", "rep7", "--user", "admin1").output
    assert listed.startswith(f"{fingerprint}  ssh-ed25519  since ")
    assert listed.endswith(" by system  robin at home\n")
    twice = run("add-key", "rep7", "-", typed=pub)
    assert isinstance(twice.exception, DeskError)
    assert run("remove-key", "rep7", fingerprint[:20]).exit_code == 0
    assert run("add-key", "rep7", "-", "--user", "admin1", typed=pub).exit_code == 0
    for words in (("add-key", "rep7", str(tmp_path / "gone")), ("add-key", "nobody", "-"), ("remove-key", "rep7", "x")):
        assert isinstance(run(*words, typed=pub).exception, DeskError)


def test_authorities(run: Run, pub: str) -> None:
    assert run("authorities").output == "No authority is trusted: certificates let in nobody.\n"
    assert run("trust-ca", "-", typed=pub).exit_code == 0
    fingerprint = public_keys.parse(pub).fingerprint
    assert run("authorities").output.startswith(fingerprint)
    assert f"AUTHORITY  {fingerprint}  robin at home" in run("review", "--user", "audit1").output
    assert run("distrust-ca", fingerprint).exit_code == 0
    assert isinstance(run("distrust-ca", fingerprint).exception, DeskError)


def verdict(desk: Desk, password: str, code: str = "") -> passwords.Verdict:
    return asyncio.run(passwords.check(desk.store, "rep7", password, code, "", tally=passwords.Tally()))


def test_an_administrators_password_is_shown_once_and_the_persons_own_is_never(
    run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = run("passwd", "rep7", "--user", "admin1")
    once = shown.output.split()[-1]
    assert desk.row(StaffSecret).once_until is not None
    desk.change(StaffSecret, {"staff_id": 1}, once_until=None)  # the desk's clock stands in another year
    assert run("passwd", "rep7", "--user", "rep7", "--stdin", typed=f"{once}\n{LONG}\n").output == (
        "The password of rep7 is changed.\n"
    )
    assert verdict(desk, LONG).ok
    assert "use --stdin" in str(run("passwd", "rep7", "--user", "rep7").exception)
    answers = iter([LONG, OTHER, "another", LONG, OTHER, OTHER])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    ask = staff_access._ask
    monkeypatch.setattr(
        staff_access, "_ask", lambda: (monkeypatch.setattr(sys.stdin, "isatty", lambda: True), ask())[1]
    )
    assert "are not the same" in str(run("passwd", "rep7", "--user", "rep7").exception)
    assert run("passwd", "rep7", "--user", "rep7").output == "The password of rep7 is changed.\n"
    assert "The old password is wrong" in str(
        run("passwd", "rep7", "--user", "rep7", "--stdin", typed=f"{LONG}\nthe third of mine\n").exception
    )


def test_a_one_time_password_from_a_script_obeys_the_rules_and_is_not_shown(run: Run, desk: Desk) -> None:
    assert "at least 12" in str(run("passwd", "rep7", "--stdin", typed="short\n").exception)
    done = run("passwd", "rep7", "--stdin", "--hours", "2", typed=f"{LONG}\r\n")
    assert LONG not in done.output
    assert passwords._matches(desk.row(StaffSecret).password, LONG)
    assert run("no-passwd", "rep7").output == "rep7 comes in by no password any more.\n"
    assert "has no password" in str(run("no-passwd", "rep7").exception)


def test_a_second_factor_is_shown_once(run: Run, desk: Desk) -> None:
    desk.store.write_now(access_secrets.set_password, "rep7", passwords.hashed(LONG))
    desk.store.write_now(
        access_secrets.change_password, "rep7", desk.row(StaffSecret).password, passwords.hashed(OTHER)
    )
    shown = run("totp", "rep7", "--user", "admin1").output.splitlines()
    secret = shown[1].split()[-1]
    assert shown[2] == f"otpauth://totp/csdesk:rep7?secret={secret}&issuer=csdesk"
    assert not verdict(desk, OTHER).ok
    assert verdict(desk, OTHER, pyotp.TOTP(secret).at(desk.clock())).ok
    assert run("no-totp", "rep7").output == "rep7 comes in by password alone from now on.\n"
    assert verdict(desk, OTHER).ok


def test_without_the_server_extra_a_sentence_says_what_to_install(
    run: Run, pub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing, words in (
        ("asyncssh", ("add-key", "rep7", "-")), ("asyncssh", ("trust-ca", "-")), ("argon2", ("passwd", "rep7")),
        ("pyotp", ("totp", "rep7")),
    ):  # fmt: skip
        with monkeypatch.context() as without:
            without.setitem(sys.modules, missing, None)
            without.setattr(passwords, "_hasher", passwords._hasher.__wrapped__)
            assert str(run(*words, typed=pub).exception) == (
                f"This needs '{missing}'; install it with: pip install 'csdesk[server]'."
            )


def test_a_new_company_has_an_administrator_who_comes_in_by_his_key(empty_url: str, pub: str, tmp_path: Path) -> None:
    (tmp_path / "ada.pub").write_text(pub)
    (tmp_path / "weak.pub").write_text("ssh-dss AAAA")
    base = ["init", "--db", empty_url, "--name", "Mill", "--country", "GB", "--currency", "GBP"]

    def init(*words: str) -> Result:
        return CliRunner().invoke(app, [*base, *words])

    assert "Say whose key it is" in str(init("--admin-key", str(tmp_path / "ada.pub")).exception)
    assert "No public key" in str(init("--admin", "ada", "--admin-key", str(tmp_path / "weak.pub")).exception)
    done = init("--admin", "ada", "--admin-key", str(tmp_path / "ada.pub"))
    assert done.exit_code == 0, done.output
    store = Store(empty_url)
    try:
        assert store.read_now(access_secrets.way_in) == "ada"
        assert len(store.read_now(access.door, "ada").keys) == 1
        assert store.read_now(access_keys.keys, "ada")[0].comment == "robin at home"
    finally:
        store.close()
