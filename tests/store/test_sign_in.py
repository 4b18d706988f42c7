"""A login becomes an actor with the duties of its roles, or is refused in one sentence."""

from __future__ import annotations

import pytest

from csdesk.errors import NotFound, Refused
from csdesk.services import duties, staff
from csdesk.store import Store
from tests.support.forge import forge
from tests.support.seed import Seeded


@pytest.mark.parametrize(
    ("login", "role"), [("rep7", "rep"), ("lead3", "lead"), ("boss1", "supervisor"), ("admin1", "admin")]
)
def test_an_actor_holds_the_duties_of_its_role(store: Store, seeded: Seeded, login: str, role: str) -> None:
    actor = store.read_now(staff.sign_in, login)
    assert (actor.id, actor.login, actor.team) == (seeded.staff[login], login, "North")
    assert actor.duties == duties.ROLES[role][1]


def test_several_roles_add_up(store: Store, seeded: Seeded) -> None:
    forge(store, "INSERT INTO staff_role (company, staff_id, role) VALUES (1, 1, 'admin')")
    assert store.read_now(staff.sign_in, "rep7").duties == duties.ROLES["rep"][1] | duties.ROLES["admin"][1]


def test_an_administrator_neither_sells_nor_releases(store: Store, seeded: Seeded) -> None:
    actor = store.read_now(staff.sign_in, "admin1")
    assert not actor.may("order.enter")
    assert not actor.may("order.release")


def test_unknown_and_disabled_logins_are_refused(store: Store, seeded: Seeded) -> None:
    with pytest.raises(NotFound, match="Nobody has the login 'rep8'"):
        store.read_now(staff.sign_in, "rep8")
    forge(store, "UPDATE staff SET disabled = (1 = 1) WHERE login = 'rep7'")
    with pytest.raises(Refused, match="The login 'rep7' is disabled"):
        store.read_now(staff.sign_in, "rep7")


def test_a_login_of_another_company_is_unknown_here(store: Store, seeded: Seeded) -> None:
    other = Store(store.url, company=2)
    with pytest.raises(NotFound):
        other.read_now(staff.sign_in, "rep7")
    other.close()
