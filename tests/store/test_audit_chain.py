"""The audit trail names the first link that does not hold, whoever forged it."""

from __future__ import annotations

import pytest

from csdesk.services import care
from csdesk.services.audit import Broken
from csdesk.services.tx import Actor
from csdesk.store import Store
from tests.support import verbs
from tests.support.forge import forge

REP = Actor(id=7, person_id=7, login="rep7", name="Robin Penn")
ENTRIES = 4
CHANGED = "its content was changed after it was written"


@pytest.fixture
def trail(store: Store) -> Store:
    """Two lanes: the system's and a rep's, with four entries each."""
    for each in (store, store.acting(REP)):
        for name in ("Ann", "Bob", "Cid", "Dee"):
            each.write_now(verbs.add_person, name)
    return store


def test_a_whole_trail_holds(trail: Store) -> None:
    assert trail.read_now(care.verify_audit) == (2 * ENTRIES, ())


@pytest.mark.parametrize("column", ["actor", "verb", "subject", "before", "after", "request_id", "previous", "hash"])
def test_a_forged_field_is_found(trail: Store, column: str) -> None:
    forge(trail, f"UPDATE audit SET \"{column}\" = 'forged' WHERE lane = 7 AND seq = 2")
    ((lane, seq),) = [(each.lane, each.seq) for each in trail.read_now(care.verify_audit)[1]]
    assert (lane, seq) == (7, 2)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET subject_id = 1 WHERE lane = 7 AND seq = 3", Broken(7, 3, CHANGED)),
        ("DELETE FROM audit WHERE lane = 7 AND seq = 1", Broken(7, 1, "this entry is missing")),
        ("DELETE FROM audit WHERE lane = 7 AND seq = 3", Broken(7, 3, "this entry is missing")),
        ("DELETE FROM audit WHERE lane = 7 AND seq = 4", Broken(7, 4, "the end of the trail is missing")),
        ("DELETE FROM audit WHERE lane = 7", Broken(7, 1, "the end of the trail is missing")),
        ("DELETE FROM audit_head WHERE lane = 7", Broken(7, 5, "the end of the trail is missing")),
    ],
)  # fmt: skip
def test_what_was_changed_or_taken_out_is_named(trail: Store, statement: str, broken: Broken) -> None:
    forge(trail, statement)
    assert trail.read_now(care.verify_audit)[1] == (broken,)


def test_an_entry_put_in_between_is_found(trail: Store) -> None:
    forge(
        trail,
        "UPDATE audit SET seq = seq + 10 WHERE lane = 7 AND seq >= 3",
        "UPDATE audit SET seq = seq - 9 WHERE lane = 7 AND seq >= 13",
        "INSERT INTO audit SELECT company, lane, 3, at, actor, verb, subject, subject_id, \"before\", \"after\", "
        "request_id, previous, witness_lane, witness_seq, witness_hash, hash FROM audit WHERE lane = 7 AND seq = 2",
    )  # fmt: skip
    assert trail.read_now(care.verify_audit)[1] == (Broken(7, 3, "it does not link to the entry before it"),)


def test_a_lane_cut_short_with_its_head_written_anew_is_cited_by_another(trail: Store) -> None:
    trail.write_now(verbs.add_person, "Eve")
    forge(
        trail,
        "DELETE FROM audit WHERE lane = 7 AND seq = 4",
        "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE lane = 7 AND seq = 3) WHERE lane = 7",
    )
    (broken,) = trail.read_now(care.verify_audit)[1]
    assert (broken.lane, broken.seq) == (7, 4)
    assert "another login's trail cites this entry" in broken.why


@pytest.mark.parametrize("column", ["witness_lane", "witness_seq", "witness_hash"])
def test_a_forged_citation_is_found(trail: Store, column: str) -> None:
    forge(trail, f"UPDATE audit SET {column} = '5' WHERE lane = 7 AND seq = 2")
    assert Broken(7, 2, CHANGED) in trail.read_now(care.verify_audit)[1]
