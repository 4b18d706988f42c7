"""Products that stand in for a short one: the most alike by name, the same ones every time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.likeness import most_alike

NAMES = st.lists(
    st.tuples(st.integers(1, 99), st.text("abc ", max_size=12)), max_size=10, unique_by=lambda each: each[0]
)


def test_the_nearest_names_come_first_and_strangers_not_at_all() -> None:
    shelf = [(1, "Capers in brine 1 kg"), (2, "Capers in salt 5 kg"), (3, "Paper napkins white 500")]
    assert most_alike("Capers in salt 1 kg", shelf) == [2, 1]
    assert most_alike("CAPERS IN SALT 1 KG", shelf) == [2, 1]
    assert most_alike("Capers in salt 1 kg", shelf, limit=1) == [2]


@given(st.text("abc ", max_size=12), NAMES, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_the_shelf(
    name: str, shelf: list[tuple[int, str]], random: st.DataObject
) -> None:
    found = most_alike(name, shelf)
    assert len(found) <= 3
    assert found == most_alike(name, random.sample(shelf, len(shelf)))  # type: ignore[attr-defined]
