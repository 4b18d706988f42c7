"""Ways in from outside: what the server is told of a login, who opens and closes ways, and the first administrator."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import AuditEntry, LoginAuthority, Person, RoleDuty, Staff, StaffKey, StaffSecret
from csdesk.server import first, passwords
from csdesk.services import access, access_keys, access_review, access_secrets, founding, granting
from csdesk.services.access import Door, Secret
from csdesk.services.tx import WRITING_VERBS
from tests.services.conftest import Desk

HOSTILE = ("", "nobody", "rep7\0", "\x1b]0;owned\x07", "\ud800", "x" * 100_000, "' OR 1=1 --", "rep7 ", "REP7")


def key(n: int) -> str:
    """A public key that is well formed."""
    body = (11).to_bytes(4, "big") + b"ssh-ed25519" + (32).to_bytes(4, "big") + bytes([n]) * 32
    return f"ssh-ed25519 {base64.b64encode(body).decode()}"


A, B, C = (access_keys.fingerprint_of(key(n)) for n in (1, 2, 3))


def told(desk: Desk, verb: str) -> list[dict[str, Any]]:
    return [json.loads(each.after) for each in desk.rows(AuditEntry, verb=verb)]


def test_the_door_of_a_login_shows_its_ways_in_and_nobody_elses(desk: Desk) -> None:
    admin = desk.as_("admin1")
    assert admin.write_now(access_keys.add_key, "rep7", key(1), "robin\x1b[31m at home") == (
        f"rep7 may come in by the key {A}."
    )
    admin.write_now(access_keys.add_key, "rep7", key(2))
    admin.write_now(access_keys.add_key, "lead3", key(3))
    admin.write_now(access_secrets.set_password, "rep7", "hash")
    door = desk.store.read_now(access.door, "rep7")
    assert (door.staff_id, [each.fingerprint for each in door.keys]) == (desk.seeded.staff["rep7"], [A, B])
    assert (door.keys[0].public, door.keys[0].comment) == (key(1), "robin[31m at home")
    assert (door.has_password, door.has_totp, door.authorities) == (True, False, ())
    desk.store.write_now(access_keys.trust, key(9), "the company's")
    admin.write_now(access_secrets.set_totp, "rep7", "JBSWY3DP")
    door = desk.store.read_now(access.door, "rep7")
    assert (door.has_totp, len(door.authorities)) == (True, 1)
    admin.write_now(granting.disable, "rep7")
    assert desk.store.read_now(access.door, "rep7") == Door("rep7", desk.seeded.staff["rep7"], True, codes=True)
    assert desk.store.read_now(access.secret, "rep7") == Secret()


def test_whatever_is_typed_as_a_login_gets_an_empty_door(desk: Desk) -> None:
    desk.store.write_now(access_keys.trust, key(9))
    for login in HOSTILE:
        assert desk.store.read_now(access.door, login) == Door(login)
        assert desk.store.read_now(access.secret, login) == Secret()
        assert desk.store.write_now(access.tried, login, "192.0.2.7", True).why == "unknown login"
        desk.store.write_now(access.refused, login, "192.0.2.7\x1b[2J", "shell", "no\nshell" * 200)
    entries = told(desk, "access.refused")
    assert len(entries) == len(HOSTILE)
    assert all(text.isprintable() for entry in entries for text in entry.values())
    assert {(len(entry["login"]) <= 60, len(entry["why"])) for entry in entries} == {(True, access.WHY)}


def test_the_database_is_asked_the_same_for_a_login_nobody_has(desk: Desk) -> None:
    """What an unknown login's door costs is what a known one's does."""
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(desk.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    desk.store.write_now(access_secrets.set_password, "rep7", "hash")
    costs = []
    for login in ("rep7", "nobody", "lead3"):
        asked.clear()
        desk.store.read_now(access.door, login)
        desk.store.read_now(access.secret, login)
        desk.store.write_now(access.tried, login, "192.0.2.7", False)
        costs.append([text for text in asked if text.startswith(("SELECT", "INSERT", "UPDATE"))])
    assert costs[0] == costs[1] == costs[2]


def test_secrets_and_doors_are_for_the_server_and_the_login_itself(desk: Desk) -> None:
    for store in (desk.as_("admin1"), desk.lead):
        for verb in (access.secret, access.door):
            with pytest.raises(Refused, match=r"Only the server itself looks"):
                store.read_now(verb, "rep7")
        for verb, words in ((access.tried, ("", True)), (access.refused, ("", "shell", "no"))):
            with pytest.raises(Refused, match=r"Only the server itself looks"):
                store.write_now(verb, "rep7", *words)
    assert desk.rep.read_now(access.secret, "rep7") == Secret()
    desk.rep.write_now(access.refused, "rep7", "192.0.2.7", "session", "no forwarding")


def test_a_key_belongs_to_one_person_and_ends_when_it_is_taken_away(desk: Desk) -> None:
    admin = desk.as_("admin1")
    admin.write_now(access_keys.add_key, "rep7", key(1))
    with pytest.raises(Conflict, match=r"rep7 has the key SHA256:\S+ already"):
        admin.write_now(access_keys.add_key, "rep7", key(1))
    with pytest.raises(Refused, match=r"rep7 comes in by the key SHA256:\S+; a key belongs to one person"):
        admin.write_now(access_keys.add_key, "lead3", key(1))
    admin.write_now(founding.add_staff, "rep7b", "", "rep", "", "rep7")
    admin.write_now(access_keys.add_key, "rep7b", key(1))
    admin.write_now(access_keys.add_key, "rep7", key(2), "laptop")
    one, two = admin.read_now(access_keys.keys, "rep7")
    assert (one.fingerprint, two.comment, two.kind, two.added_by) == (A, "laptop", "ssh-ed25519", "admin1")
    for fingerprint in ("", "SHA256:", A[:10]):
        with pytest.raises(Invalid, match=r"does not name one key"):
            admin.write_now(access_keys.remove_key, "rep7", fingerprint)
    with pytest.raises(NotFound, match=r"rep7 has no key .* 'csdesk staff keys rep7' lists them"):
        admin.write_now(access_keys.remove_key, "rep7", C)
    assert "comes in no more by the key" in admin.write_now(access_keys.remove_key, "rep7", A[7:15])
    assert [each.fingerprint for each in desk.store.read_now(access.door, "rep7").keys] == [B]
    assert [each.ended_by for each in desk.rows(StaffKey, fingerprint=A)].count(desk.seeded.staff["admin1"]) == 1
    admin.write_now(access_keys.add_key, "rep7", key(1))
    assert told(desk, "access_keys.add_key")[0]["fingerprint"] == A


def test_what_is_no_public_key_is_not_kept(desk: Desk) -> None:
    for public in ("", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-rsa AAAA", key(1).replace("ssh-ed25519", "ssh-rsa"),
                   f'command="sh" {key(1)}', f"{key(1)} comment", "ssh-ed25519 é"):  # fmt: skip
        for verb, words in ((access_keys.add_key, ("rep7", public)), (access_keys.trust, (public,))):
            with pytest.raises(Invalid, match=r"A public key is wanted"):
                desk.store.write_now(verb, *words)


def test_authorities_are_trusted_by_who_answers_for_the_server(desk: Desk) -> None:
    admin = desk.as_("admin1")
    admin.write_now(access_keys.trust, key(1), "company")
    with pytest.raises(Conflict, match=r"is trusted already"):
        admin.write_now(access_keys.trust, key(1))
    with pytest.raises(Refused, match=r"server.run"):
        desk.lead.write_now(access_keys.trust, key(2))
    (shown,) = admin.read_now(access_keys.authorities)
    assert (shown.fingerprint, shown.login, shown.comment) == (A, "", "company")
    with pytest.raises(NotFound, match=r"There is no authority"):
        admin.write_now(access_keys.distrust, B)
    assert "let in nobody any more" in admin.write_now(access_keys.distrust, A)
    assert desk.store.read_now(access.door, "rep7").authorities == ()
    assert desk.row(LoginAuthority).ended_by == desk.seeded.staff["admin1"]
    admin.write_now(access_keys.trust, key(1))


def test_nobody_opens_a_way_in_for_himself_or_with_a_right_he_has_not(desk: Desk) -> None:
    acts = (
        (access_keys.add_key, (key(1),)), (access_secrets.set_password, ("hash",)),
        (access_secrets.clear_password, ()), (access_secrets.set_totp, ("JBSWY3DP",)), (access_secrets.clear_totp, ()),
    )  # fmt: skip
    for verb, words in acts:
        with pytest.raises(Refused, match=r"Nobody opens a way in for himself; another administrator must"):
            desk.as_("admin1").write_now(verb, "admin1", *words)
        with pytest.raises(Refused, match=r"staff.admin"):
            desk.lead.write_now(verb, "rep7", *words)
        with pytest.raises(NotFound, match=r"Nobody has the login 'nobody'"):
            desk.store.write_now(verb, "nobody", *words)
    for verb in (access_keys.keys, access_keys.authorities, access_secrets.way_in):
        with pytest.raises(Refused, match=r"it needs the duty"):
            desk.lead.read_now(verb, *(("rep7",) if verb is access_keys.keys else ()))
    assert desk.rows(StaffKey) == desk.rows(StaffSecret) == []


def test_an_administrator_never_sets_a_password_that_lasts(desk: Desk) -> None:
    admin = desk.as_("admin1")
    for hours in (0, -1, 169):
        with pytest.raises(Invalid, match=r"good for 1 to 168 hours"):
            admin.write_now(access_secrets.set_password, "rep7", "hash", hours)
    assert admin.write_now(access_secrets.set_password, "rep7", "hash") == (
        "rep7 has a one-time password, good until 2026-03-04 14:03Z; it is to be changed at the first login."
    )
    with pytest.raises(Refused, match=r"Everybody changes his own password alone"):
        admin.write_now(access_secrets.change_password, "rep7", "hash", "mine now")
    assert desk.store.write_now(access.tried, "rep7", "", True, 0, "hash").change
    desk.rep.write_now(access_secrets.change_password, "rep7", "hash", "own")
    assert desk.row(StaffSecret).once_until is None
    assert desk.store.write_now(access.tried, "rep7", "", True, 0, "own").change is False
    assert "by no password any more" in admin.write_now(access_secrets.clear_password, "rep7")
    for verb, words in (
        (access_secrets.clear_password, "has no password"), (access_secrets.clear_totp, "no second factor"),
    ):  # fmt: skip
        with pytest.raises(NotFound, match=words):
            admin.write_now(verb, "rep7")
    admin.write_now(access_secrets.set_totp, "rep7", "JBSWY3DP")
    assert "password alone" in admin.write_now(access_secrets.clear_totp, "rep7")


def test_hashes_and_secrets_are_in_no_trail(desk: Desk) -> None:
    admin = desk.as_("admin1")
    admin.write_now(access_secrets.set_password, "rep7", "s3cr3t")
    admin.write_now(access_secrets.set_totp, "rep7", "s3cr3t")
    for store in (admin, desk.lead):  # a refused attempt is written down with what was asked for
        with pytest.raises(DeskError):
            store.write_now(access_secrets.change_password, "rep7", "s3cr3t", "s3cr3t")
        with pytest.raises(DeskError):
            store.write_now(access_secrets.set_password, "admin1", "s3cr3t")
        with pytest.raises(DeskError):
            store.write_now(access_secrets.set_totp, "admin1", "s3cr3t")
    with pytest.raises(DeskError):
        desk.lead.write_now(access.tried, "rep7", "", True, 0, "s3cr3t")
    assert len(desk.rows(AuditEntry)) >= 7
    assert not any("s3cr3t" in each.before + each.after for each in desk.rows(AuditEntry))


def test_a_disabled_login_is_said_to_lose_its_sessions(desk: Desk) -> None:
    assert "a server ends its sessions at once" in desk.as_("admin1").write_now(granting.disable, "rep7")


def test_the_first_administrator_gets_a_password_for_an_hour_only_when_nobody_can_come_in(desk: Desk) -> None:
    sentence = first.first_way_in(desk.store)
    words = sentence.split()
    login, password = words[words.index("login") + 1].strip("'"), words[words.index("password") + 1]
    assert login == "admin"
    held = desk.row(StaffSecret)
    assert (held.once_until - desk.clock()).total_seconds() == 3600
    assert passwords._matches(held.password, password)
    assert not any(password in each.after for each in desk.rows(AuditEntry))
    again = first.first_way_in(desk.store)  # the console of the first start may be gone
    assert again
    assert again != sentence
    assert len(desk.rows(Staff, login="admin")) == 1
    held = desk.row(StaffSecret)
    desk.store.write_now(access_secrets.change_password, "admin", held.password, "own")
    assert first.first_way_in(desk.store) == ""
    assert desk.store.write_now(access_secrets.open_first, "hash") == ""
    with pytest.raises(Refused, match=r"Only the server itself"):
        desk.as_("admin1").write_now(access_secrets.open_first, "hash")


def test_the_file_of_the_first_login_goes_when_it_was_used(tmp_path: Path) -> None:
    file = tmp_path / first.FILE
    file.write_text("a password")
    for login, method in (("admin", "key"), ("rep7", "password")):
        first.used(tmp_path, login, method)
        assert file.exists()
    for _ in range(2):
        first.used(tmp_path, "admin", "password+totp")
        assert not file.exists()


def test_any_way_in_of_any_administrator_is_enough(desk: Desk) -> None:
    store = desk.store
    for opens, closes in (
        ((access_keys.add_key, "admin1", key(1)), (access_keys.remove_key, "admin1", A)),
        ((access_secrets.set_password, "admin1", "hash"), (access_secrets.clear_password, "admin1")),
        ((access_keys.trust, key(1)), (access_keys.distrust, A)),
    ):
        store.write_now(*opens)
        assert store.read_now(access_secrets.way_in) == "admin1"
        assert first.first_way_in(store) == ""
        desk.change(Staff, {"login": "admin1"}, disabled=True)
        assert store.read_now(access_secrets.way_in) == ""
        desk.change(Staff, {"login": "admin1"}, disabled=False)
        store.write_now(*closes)
        assert store.read_now(access_secrets.way_in) == ""
    store.write_now(access_secrets.set_password, "admin1", "hash")
    desk.clock.pass_by(hours=25)  # a one-time password that is over
    assert store.read_now(access_secrets.way_in) == ""


def test_nobody_is_made_administrator_because_his_login_is_admin(desk: Desk) -> None:
    desk.as_("admin1").write_now(founding.add_staff, "admin", "Ann", "rep")
    with pytest.raises(Refused, match=r"the login 'admin' is disabled or no administrator"):
        first.first_way_in(desk.store)
    assert desk.rows(StaffSecret) == []


def test_the_review_shows_the_ways_in_and_the_authorities(desk: Desk) -> None:
    admin = desk.as_("admin1")
    for n in (1, 2):
        admin.write_now(access_keys.add_key, "rep7", key(n))
    admin.write_now(access_secrets.set_password, "rep7", "hash")
    admin.write_now(access_secrets.set_totp, "rep7", "JBSWY3DP")
    admin.write_now(access_keys.add_key, "lead3", key(3))
    admin.write_now(access_keys.trust, key(9), "company")
    found = desk.as_("audit1").read_now(access_review.review)
    ways = [(each.person, each.logins, each.duty, each.until) for each in found if each.what == "way"]
    assert ways == [
        (desk.row(Person, id=desk.seeded.staff["lead3"]).name, "lead3", "1 key", ""),
        ("Robin Penn", "rep7", "2 keys, one-time password and code", "2026-03-04 14:03Z"),
    ]
    assert [each.risk for each in found if each.what == "authority"] == ["company"]


def test_every_verb_of_ways_in_names_who_may(desk: Desk) -> None:
    """Those without a duty ask for the server or the login itself."""
    free = {name for name, verb in WRITING_VERBS.items() if name.startswith("access") and not verb.duty}
    assert free == {"access.tried", "access.refused", "access_secrets.change_password", "access_secrets.rehash"}
    assert desk.rows(RoleDuty, duty="server.run", role="rep") == []
