"""A duty that a release brings: 'csdesk db upgrade' gives it to the usual roles of every company, once, and says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from csdesk import cli
from csdesk.models import AuditEntry, RoleDuty, table
from csdesk.services import care, duties, founding, new_duties
from csdesk.store import Store
from tests.support.seed import Seeded

HELD, TRAIL = table(RoleDuty), table(AuditEntry)
Run = Callable[[], str]


@pytest.fixture
def upgrade(database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process; gives what it says."""

    def run() -> str:
        monkeypatch.setattr("sys.argv", ["csdesk", "db", "upgrade", "--db", database_url])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capfd.readouterr().out

    return run


def take(store: Store, *held: Any) -> None:
    """Takes duties from roles past the program, as a database of an older release or its owner would have it."""
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(delete(HELD).where(*held))


def holders(store: Store, duty: str, company: int = 1) -> set[str]:
    mine = select(HELD.c.role).where(HELD.c.company == company, HELD.c.duty == duty)
    with store.engine.connect() as connection:
        return set(connection.execute(mine).scalars())


def usual(duty: str) -> set[str]:
    return {role for role, (_, held) in duties.ROLES.items() if duty in held}


def test_an_upgrade_gives_a_new_duty_to_the_usual_roles_of_every_company(
    store: Store, seeded: Seeded, upgrade: Run, database_url: str
) -> None:
    other = Store(database_url, company=2)
    other.write_now(founding.found, "Harbour Wholesale", "CA", "CAD", "America/Halifax")
    other.close()
    take(store, HELD.c.duty == "desk.act")
    said = upgrade().splitlines()
    names = ", ".join(sorted(usual("desk.act")))
    assert said[1:] == [f"company {each}: desk.act is new and given to {names}" for each in (1, 2)]
    assert [holders(store, "desk.act", each) for each in (1, 2)] == [usual("desk.act")] * 2
    assert upgrade().splitlines() == [said[0]], "a second time there is nothing to do"
    with store.engine.connect() as connection:
        [entry] = connection.execute(select(TRAIL).where(TRAIL.c.company == 1, TRAIL.c.verb == "new_duties.add")).all()
    assert json.loads(entry.after) == {"desk.act": sorted(usual("desk.act"))}
    assert store.read_now(care.verify_audit)[1] == ()


def test_what_a_company_took_from_a_role_stays_taken(store: Store, seeded: Seeded, upgrade: Run) -> None:
    take(store, HELD.c.duty == "order.enter")
    take(store, HELD.c.duty == "desk.act", HELD.c.role == "warehouse")
    assert len(upgrade().splitlines()) == 1
    store.write_now(founding.add_staff, "new1", "", "rep")
    assert holders(store, "order.enter") == set()
    assert holders(store, "desk.act") == usual("desk.act") - {"warehouse"}


def test_a_new_duty_taken_from_all_is_not_given_again(store: Store, seeded: Seeded, upgrade: Run) -> None:
    take(store, HELD.c.duty == "desk.act")
    store.write_now(founding.add_staff, "new1", "", "rep")
    assert holders(store, "desk.act") == usual("desk.act"), "adding a login gives it too"
    take(store, HELD.c.duty == "desk.act")
    assert len(upgrade().splitlines()) == 1
    assert (holders(store, "desk.act"), store.write_now(new_duties.add)) == (set(), "")


def test_a_duty_that_comes_later_is_among_those_upgrades_give() -> None:
    first = len(duties.DUTIES) - len(duties.LATER)
    assert set(duties.LATER) <= set(duties.DUTIES)
    assert first == 41, "companies founded before a duty get it by an upgrade only when it is named in duties.LATER"
