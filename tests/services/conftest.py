"""A desk with a signed-in rep on the small seeded books."""

from dataclasses import dataclass

import pytest

from csdesk.services import staff
from csdesk.store import Store
from tests.support.seed import Seeded


@dataclass(frozen=True)
class Desk:
    """The seeded store as the system and as the rep, lead and supervisor."""

    store: Store
    rep: Store
    lead: Store
    seeded: Seeded

    def as_(self, login: str) -> Store:
        return self.store.acting(self.store.read_now(staff.sign_in, login))


@pytest.fixture
def desk(store: Store, seeded: Seeded) -> Desk:
    actors = {login: store.acting(store.read_now(staff.sign_in, login)) for login in ("rep7", "lead3")}
    return Desk(store, actors["rep7"], actors["lead3"], seeded)
