"""What a request holds: equal contents have one text and one hash, and nothing inexact gets in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.payloads import canonical, changed_fields, is_material, payload_hash

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TODAY = date(2026, 3, 3)
PAYLOAD = {"invoice": "INV-1", "line": 2, "net": 40000, "reason": "damaged", "note": "two boxes"}


@dataclass(frozen=True)
class _Line:
    number: int
    net: Decimal


def test_equal_contents_have_one_text() -> None:
    berlin = timezone(timedelta(hours=1))
    one = {"b": Decimal("1.50"), "a": [date(2026, 3, 3), NOON], "c": {3, 1}, "d": _Line(1, Decimal("-0.0")), "e": None}
    two = {
        "e": None, "d": _Line(1, Decimal(0)), "c": frozenset({1, 3}), "a": (TODAY, NOON.astimezone(berlin)),
        "b": Decimal("1.5"),
    }  # fmt: skip
    assert (
        canonical(one)
        == canonical(two)
        == ('{"a":["2026-03-03","2026-03-03T12:00:00+00:00"],"b":"1.5","c":[1,3],"d":{"net":"0","number":1},"e":null}')
    )
    assert payload_hash(one) == payload_hash(two)
    assert payload_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # sha-256 of "{}"
    assert len(payload_hash("\udcff grüße")) == 64


@pytest.mark.parametrize("bad", [1.5, Decimal("NaN"), datetime(2026, 3, 3), b"x", object()])  # noqa: DTZ001
def test_what_has_no_one_text_is_refused(bad: object) -> None:
    with pytest.raises(Invalid):
        canonical({"x": bad})


def test_a_note_is_not_material_an_amount_is() -> None:
    assert not is_material(PAYLOAD, {**PAYLOAD, "note": "three boxes"})
    assert is_material(PAYLOAD, {**PAYLOAD, "net": 1})
    assert is_material(PAYLOAD, {**PAYLOAD, "note": "x"}, immaterial=frozenset())
    assert changed_fields(PAYLOAD, {**PAYLOAD, "net": 1, "new": None}) == ("net",)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), PLAIN, max_size=4), st.randoms())
def test_the_order_of_fields_never_matters(payload: dict[str, object], random: st.DataObject) -> None:
    shuffled = dict(random.sample(list(payload.items()), len(payload)))  # type: ignore[attr-defined]
    assert payload_hash(shuffled) == payload_hash(payload)
