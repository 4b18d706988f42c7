"""A claimed amount by what became of it: the parts always add up, whatever the facts say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.claims import PARTS, parted

AMOUNT = st.integers(-10, 10_000)


@given(claimed=AMOUNT, facts=st.dictionaries(st.sampled_from(PARTS), AMOUNT))
def test_the_parts_add_up_and_none_is_below_nothing(claimed: int, facts: dict[str, int]) -> None:
    parts = parted(claimed, facts)
    assert set(parts) == {"claimed", *PARTS, "open"}
    assert parts["claimed"] == max(claimed, 0) == sum(parts[name] for name in (*PARTS, "open"))
    assert min(parts.values()) >= 0
    assert all(parts[name] <= max(facts.get(name, 0), 0) for name in PARTS)
    whole = sum(max(each, 0) for each in facts.values())
    assert parts["open"] == max(max(claimed, 0) - whole, 0)


def test_cases_by_hand() -> None:
    assert parted(3974, {"credited": 1000, "replaced": 2974})["open"] == 0
    assert parted(3974, {"paid": 5000}) == {
        "claimed": 3974, "credited": 0, "replaced": 0, "paid": 3974, "written_off": 0, "upheld": 0, "open": 0,
    }  # fmt: skip
    with pytest.raises(Invalid, match="whole minor units"):
        parted(39.74, {})  # type: ignore[arg-type]
