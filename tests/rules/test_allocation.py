"""Cash application: what a remittance names, what fits exactly, then the oldest; no cent lost, no item overpaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules.allocation import Allocation, Applied, OpenItem, Policy, Reference, allocate, open_after, unapply
from csdesk.rules.settlement import DISCOUNTS, ORDERS, SAME_AMOUNT

DAY = date(2026, 6, 25)


def item(number: str, amount: int, due: int = 0, **more: Any) -> OpenItem:
    """An open item due so many days after the day of the receipt."""
    return OpenItem(number, number, amount, DAY + timedelta(days=due), **more)


def rows(found: Allocation) -> list[tuple[Any, ...]]:
    return [(row.item, row.amount, row.kind) for row in found.rows]


def given_money(amount: int, items: list[OpenItem], *references: str | Reference, **policy: Any) -> Allocation:
    return allocate(amount, items, day=DAY, references=references, policy=Policy(**policy))


# ---------------------------------------------------------------- published examples


def test_match_within_tolerance_less_available_discount() -> None:
    """JD Edwards "Invoice Selection Match, Matching Open Amount Less Available Discount": 297 against invoice 587 of
    100 (discount 1) and 695 of 200 (discount 2) pays both."""
    until = {"discount_until": DAY}
    found = given_money(
        29700, [item("587", 10000, discount=100, **until), item("695", 20000, 5, discount=200, **until)]
    )
    assert rows(found) == [("587", 9900, "cash"), ("587", 100, "discount"), ("695", 19800, "cash"),
                           ("695", 200, "discount")]  # fmt: skip
    assert found.on_account == 0


def test_an_underpayment_within_tolerance_is_written_off() -> None:
    """JD Edwards "Underpaid Tolerance Amount": tolerance 25.00, receipt 980.00 for 1000.00, 20.00 are written off."""
    found = given_money(98000, [item("1", 100000)], tolerance=2500)
    assert rows(found) == [("1", 98000, "cash"), ("1", 2000, "difference")]


def test_a_pound_short_of_a_hundred_and_one() -> None:
    """Business Central, payment tolerance: an invoice of 101.00 closed by 100.00 with a maximum tolerance of 1.00."""
    invoice = [item("INV", 10100)]
    assert rows(given_money(10000, invoice, "INV", tolerance=100)) == [
        ("INV", 10000, "cash"),
        ("INV", 100, "difference"),
    ]
    assert rows(given_money(10000, invoice, "INV", tolerance=99)) == [("INV", 10000, "cash")]


def test_a_discount_on_a_part_payment() -> None:
    """Dynamics 365 "partial payment before the discount date": 1 % of 1,000.00 in 14 days, 297.00 paid on July 2:
    discount 3.00, 700.00 stay open."""
    invoice = OpenItem(
        10020, "10020", 100000, date(2020, 7, 25), date(2020, 6, 25), discount=1000, discount_until=date(2020, 7, 9)
    )
    policy = Policy(partial_discount=True)
    found = allocate(29700, [invoice], day=date(2020, 7, 2), references=["10020"], policy=policy)
    assert rows(found) == [(10020, 29700, "cash"), (10020, 300, "discount")]
    late = allocate(29700, [invoice], day=date(2020, 7, 10), references=["10020"], policy=policy)
    assert rows(late) == [(10020, 29700, "cash")]
    plain = allocate(29700, [invoice], day=date(2020, 7, 2), references=["10020"])
    assert rows(plain) == [(10020, 29700, "cash")]


def test_money_above_the_invoice_stays_on_account() -> None:
    """Oracle Receivables: 307.40 for an invoice of 301.00 leaves 6.40 on account."""
    found = given_money(30740, [item("12345", 30100)], Reference("12345", 30740))
    assert (rows(found), found.on_account) == ([("12345", 30100, "cash")], 640)


def test_oldest_due_first_then_by_amount() -> None:
    """Dynamics settlement priority: by due date, or by amount first."""
    items = [item("A", 30000, -10), item("B", 20000, -5), item("C", 40000, 5)]
    assert rows(given_money(45000, items)) == [("A", 30000, "cash"), ("B", 15000, "cash")]
    assert rows(given_money(45000, items, order="largest")) == [("C", 40000, "cash"), ("A", 5000, "cash")]
    assert rows(given_money(45000, items, order="smallest")) == [("B", 20000, "cash"), ("A", 25000, "cash")]


# ---------------------------------------------------------------- the steps

THREE = [item("A", 10000, -30), item("B", 20000, -20), item("C", 35000, -10)]


def test_what_a_remittance_names_comes_first() -> None:
    assert rows(given_money(35000, THREE, "c")) == [("C", 35000, "cash")]
    assert rows(given_money(36000, THREE, "C")) == [("C", 35000, "cash"), ("A", 1000, "cash")]
    assert [row.rule for row in given_money(36000, THREE, "C").rows] == ["reference", "oldest_due"]
    found = given_money(5000, THREE, "X-1", Reference("B", 4000))
    assert (rows(found), found.unmatched) == ([("B", 4000, "cash"), ("A", 1000, "cash")], ("X-1",))
    assert rows(given_money(5000, [item("INV-0012", 5000)], "inv 0012"))[0][0] == "INV-0012"


def test_lines_of_a_remittance_that_name_the_same_item_add_up() -> None:
    """Two lines of 500.00 on A pay all of A; the second half is not B's."""
    items = [item("A", 100000), item("B", 50000, -9)]
    found = given_money(100000, items, Reference("A", 50000), Reference("A", 50000))
    assert (rows(found), found.unmatched) == ([("A", 100000, "cash")], ())
    more = given_money(120000, items, Reference("A", 70000), Reference("A", 50000))
    assert rows(more) == [("A", 100000, "cash"), ("B", 20000, "cash")]
    assert rows(given_money(100000, items, Reference("A", 40000), "A")) == [("A", 100000, "cash")]
    credits = [item("A", 100000), item("CN", -10000)]
    used = given_money(90000, credits, "A", Reference("CN", -4000), Reference("CN", -5000))
    assert sum(row.amount for row in used.rows if row.credit == "CN") == 9000


def test_a_number_is_matched_as_written_before_its_signs_are_dropped() -> None:
    items = [item("1-23", 10000, -9), item("12-3", 30000)]
    assert rows(given_money(30000, items, "12-3"))[0] == ("12-3", 30000, "cash")
    assert rows(given_money(10000, items, "1-23"))[0] == ("1-23", 10000, "cash")
    found = given_money(5000, items, "123")
    assert (rows(found), found.unmatched) == ([("1-23", 5000, "cash")], ("123",))  # the oldest due, by no name
    assert found.rows[0].rule == "oldest_due"
    cases = [item("inv-1", 500, -9), item("INV-1", 700)]
    assert rows(given_money(700, cases, "INV-1"))[0] == ("INV-1", 700, "cash")
    assert given_money(700, cases, "Inv 1").unmatched == ("Inv 1",)
    assert given_money(700, [item("--", 700)], "/").unmatched == ("/",)


def test_an_exact_amount_then_a_unique_combination() -> None:
    assert rows(given_money(20000, THREE)) == [("B", 20000, "cash")]
    assert rows(given_money(45000, THREE)) == [("A", 10000, "cash"), ("C", 35000, "cash")]
    found = given_money(45000, [*THREE, item("D", 10000, -5)])  # A or D: not the only combination
    assert rows(found) == [("A", 10000, "cash"), ("B", 20000, "cash"), ("C", 15000, "cash")]
    assert {row.rule for row in found.rows} == {"oldest_due"}
    assert rows(given_money(45000, THREE, combination=1)) == rows(found)


def test_several_items_of_the_amount_paid() -> None:
    twins = [item("new", 100, 5), item("old", 100, -5)]
    assert rows(given_money(100, twins)) == [("old", 100, "cash")]
    left = given_money(100, twins, same_amount="on_account")
    assert (left.rows, left.on_account) == ((), 100)


def test_an_amount_a_little_short_fits_the_only_item_near_it() -> None:
    items = [item("A", 5000, -30), item("B", 10000)]
    assert rows(given_money(9990, items, tolerance=10)) == [("B", 9990, "cash"), ("B", 10, "difference")]
    assert rows(given_money(9989, items, tolerance=10)) == [("A", 5000, "cash"), ("B", 4989, "cash")]
    twins = [item("A", 10005, -30), item("B", 10000)]
    assert rows(given_money(9996, twins, tolerance=10)) == [("A", 9996, "cash"), ("A", 9, "difference")]


@pytest.mark.parametrize(
    ("paid", "tolerance", "percent", "forgiven"),
    [
        (99500, 500, None, 500),
        (99499, 500, None, 0),
        (99500, 500, "0.5", 500),  # both edges are within
        (99500, 500, "0.49", 0),
        (99500, 600, "0.5", 500),
        (99500, 0, "100", 0),
        (100500, 500, None, 0),  # an overpayment is never forgiven
    ],
)
def test_both_limits_of_a_small_difference(paid: int, tolerance: int, percent: str | None, forgiven: int) -> None:
    limit = None if percent is None else Decimal(percent)
    found = given_money(paid, [item("A", 100000)], tolerance=tolerance, tolerance_percent=limit)
    assert sum(row.amount for row in found.rows if row.kind == "difference") == forgiven
    assert found.on_account == max(0, paid - 100000)


def test_money_pays_before_it_is_forgiven() -> None:
    """99.98 stated for the first of two, but the money reaches: nothing is written off."""
    items = [item("A", 10000), item("B", 10000)]
    found = given_money(20000, items, Reference("A", 9998), Reference("B", 10000), tolerance=100)
    assert sum(row.amount for row in found.rows if row.kind == "cash") == 20000
    assert {row.kind for row in found.rows} == {"cash"}
    short = given_money(19998, items, Reference("A", 9998), Reference("B", 10000), tolerance=100)
    assert rows(short) == [("A", 9998, "cash"), ("A", 2, "difference"), ("B", 10000, "cash")]
    both = given_money(19800, items, Reference("A", 9900), Reference("B", 9900), tolerance=100)
    assert sum(row.amount for row in both.rows if row.kind == "difference") == 100  # the limit is the receipt's


def test_disputed_items_are_skipped_unless_named() -> None:
    items = [item("A", 10000, -30, disputed=True), item("B", 20000)]
    assert rows(given_money(10000, items)) == [("B", 10000, "cash")]
    assert rows(given_money(10000, items, "A")) == [("A", 10000, "cash")]
    assert rows(given_money(10000, items, skip_disputed=False)) == [("A", 10000, "cash")]


def test_currencies_never_mix() -> None:
    items = [item("A", 100, currency="USD"), item("B", 100, -9, currency="EUR")]
    found = allocate(150, items, day=DAY, currency="USD", references=["B"])
    assert (rows(found), found.on_account, found.unmatched) == ([("A", 100, "cash")], 50, ("B",))
    with pytest.raises(Invalid):
        allocate(150, items, day=DAY)


def test_nothing_to_pay_and_nothing_received() -> None:
    assert allocate(500, [], day=DAY) == Allocation((), 500)
    assert allocate(0, THREE, day=DAY) == Allocation((), 0)
    assert allocate(500, [item("CN", -500), item("Z", 0)], day=DAY) == Allocation((), 500)


@pytest.mark.parametrize("amount", [-1, 1.5, "5", True])
def test_money_is_whole_and_not_negative(amount: Any) -> None:
    with pytest.raises(Invalid):
        allocate(amount, THREE, day=DAY)


@pytest.mark.parametrize("wrong", [{"order": "newest"}, {"steps": ("guess",)}, {"discount": "x"}, {"tolerance": -1}])
def test_a_policy_that_does_not_exist(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Policy(**wrong)


# ---------------------------------------------------------------- discounts

TEN_OFF = item("A", 100000, 30, discount=1000, discount_until=DAY)


@pytest.mark.parametrize(
    ("paid", "how", "expected"),
    [
        (99000, "shortage", [99000, 1000, 0]),
        (100000, "shortage", [100000, 0, 0]),
        (99500, "shortage", [99500, 500, 0]),
        (100500, "shortage", [100000, 0, 500]),
        (99000, "earned", [99000, 1000, 0]),
        (99500, "earned", [99000, 1000, 500]),
        (98999, "earned", [98999, 0, 0]),
        (99000, "none", [99000, 0, 0]),
    ],
)
def test_how_far_a_discount_is_taken(paid: int, how: str, expected: list[int]) -> None:
    found = given_money(paid, [TEN_OFF], steps=("order",), discount=how)
    kinds = Counter({row.kind: row.amount for row in found.rows})
    assert [kinds["cash"], kinds["discount"], found.on_account] == expected


@pytest.mark.parametrize(
    "named", [(), ("A",), (Reference("A", 100000),), (Reference("A", 60000), Reference("A", 40000))]
)
def test_an_earned_discount_is_taken_of_an_amount_paid_in_full_too(named: tuple[Any, ...]) -> None:
    """1,000.00 in time for 1,000.00 less 10.00: 990.00 and the discount, 10.00 stay on account."""
    found = given_money(100000, [TEN_OFF], *named, discount="earned")
    assert (rows(found), found.on_account) == ([("A", 99000, "cash"), ("A", 1000, "discount")], 1000)


def test_an_earned_discount_comes_before_the_full_amount_and_its_surplus_pays_nothing_else() -> None:
    dearer = item("B", 101000, discount=1000, discount_until=DAY)
    assert rows(given_money(100000, [TEN_OFF, dearer], discount="earned")) == [
        ("B", 100000, "cash"), ("B", 1000, "discount"),
    ]  # fmt: skip
    found = given_money(100000, [TEN_OFF, item("C", 5000, -9)], discount="earned")
    assert (rows(found), found.on_account) == ([("A", 99000, "cash"), ("A", 1000, "discount")], 1000)
    both = given_money(150000, [TEN_OFF, item("C", 50000, -9), item("D", 9, -9)], discount="earned")
    assert (sum(row.amount for row in both.rows if row.kind == "cash"), both.on_account) == (149000, 1000)


def test_the_window_and_its_grace() -> None:
    late = replace(TEN_OFF, discount_until=DAY - timedelta(days=1))
    assert rows(given_money(99000, [late])) == [("A", 99000, "cash")]
    assert rows(given_money(99000, [late], discount_grace=1)) == [("A", 99000, "cash"), ("A", 1000, "discount")]


def test_discount_first_then_the_small_difference() -> None:
    found = given_money(98990, [TEN_OFF], tolerance=10)
    assert rows(found) == [("A", 98990, "cash"), ("A", 1000, "discount"), ("A", 10, "difference")]


# ---------------------------------------------------------------- credits, orders, reversal


def test_a_named_credit_note_pays_too() -> None:
    """900.00 received for an invoice of 1,000.00 less a credit note of 100.00."""
    items = [item("INV", 100000), item("CN", -10000)]
    found = given_money(90000, items, "INV", "CN")
    assert found.rows == (
        Applied("INV", 10000, "cash", "CN", "reference"), Applied("INV", 90000, "cash", None, "reference")
    )  # fmt: skip
    part = given_money(90000, items, "INV", Reference("CN", -4000))
    assert sum(row.amount for row in part.rows if row.credit == "CN") == 4000
    more = given_money(500, [item("INV", 4000), item("CN", -10000)], "CN", "INV")
    assert (sum(row.amount for row in more.rows), more.on_account) == (4000, 500)


def test_in_proportion() -> None:
    found = given_money(10000, [item("A", 10000), item("B", 20000)], order="proportional", steps=("order",))
    assert rows(found) == [("A", 3333, "cash"), ("B", 6667, "cash")]
    found = given_money(40000, [item("A", 10000), item("B", 20000)], order="proportional")
    assert (sum(row.amount for row in found.rows), found.on_account) == (30000, 10000)


def test_oldest_document_and_no_part_payments() -> None:
    items = [item("A", 10000, 0, issued=DAY - timedelta(days=5)), item("B", 9000, 9, issued=DAY - timedelta(days=40))]
    assert rows(given_money(9500, items, order="oldest_document")) == [("B", 9000, "cash"), ("A", 500, "cash")]
    found = given_money(9500, items, partial=False)
    assert (rows(found), found.on_account) == ([("B", 9000, "cash")], 500)


def test_un_apply_gives_reversing_rows() -> None:
    faces = {"INV": 100000, "CN": -10000}
    found = given_money(90000, [item("INV", 100000), item("CN", -10000)], "INV", "CN")
    after = open_after(faces, faces, found.rows)
    assert after == {"INV": 0, "CN": 0}
    back = unapply(found.rows)
    assert [(row.amount, row.credit) for row in back] == [(-90000, None), (-10000, "CN")]
    assert open_after(faces, after, back) == faces
    with pytest.raises(Refused):
        unapply(back)
    with pytest.raises(Refused, match="would be open"):
        open_after(faces, faces, back)
    with pytest.raises(Refused):
        open_after(faces, after, found.rows)
    with pytest.raises(Invalid):
        open_after(faces, faces, [Applied("other", 1)])


# ---------------------------------------------------------------- invariants

AMOUNTS = st.integers(-2000, 3000).filter(bool)


@st.composite
def open_items(draw: st.DrawFn) -> list[OpenItem]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        due = draw(st.integers(-40, 40))
        found.append(
            item(
                str(number), draw(AMOUNTS), due, disputed=draw(st.booleans()), discount=draw(st.integers(0, 60)),
                discount_until=draw(st.none() | st.just(DAY) | st.just(DAY - timedelta(days=1))),
            )
        )  # fmt: skip
    return found


POLICIES = st.builds(
    Policy,
    steps=st.permutations(("reference", "exact", "combination", "order")),
    order=st.sampled_from(ORDERS),
    same_amount=st.sampled_from(SAME_AMOUNT),
    combination=st.integers(0, 5),
    partial=st.booleans(),
    skip_disputed=st.booleans(),
    tolerance=st.integers(0, 50),
    tolerance_percent=st.none() | st.decimals(0, 100, places=2),
    discount=st.sampled_from(DISCOUNTS),
    discount_grace=st.integers(0, 2),
    partial_discount=st.booleans(),
)
REFERENCES = st.lists(
    st.builds(Reference, st.integers(0, 9).map(str), st.none() | st.integers(-3000, 4000)), max_size=6
)


@given(st.integers(0, 9000), open_items(), REFERENCES, POLICIES)
def test_no_cent_is_lost_and_no_item_crosses_zero(
    amount: int, items: list[OpenItem], references: list[Reference], policy: Policy
) -> None:
    found = allocate(amount, items, day=DAY, references=references, policy=policy)
    of = {each.id: each for each in items}
    from_receipt = sum(row.amount for row in found.rows if row.kind == "cash" and row.credit is None)
    assert from_receipt + found.on_account == amount
    assert all(row.amount > 0 and of[row.item].open > 0 for row in found.rows)
    opens = {each.id: each.open for each in items}
    after = open_after(opens, opens, found.rows)  # refuses what crosses zero
    assert open_after(opens, after, unapply(found.rows)) == opens
    for each in items:
        mine = [row for row in found.rows if row.item == each.id]
        assert sum(row.amount for row in mine if row.kind == "discount") <= each.discount
        if any(row.kind == "difference" for row in mine):
            assert after[each.id] == 0
    assert sum(row.amount for row in found.rows if row.kind == "difference") <= policy.tolerance


@given(st.integers(0, 9000), open_items(), st.sampled_from(ORDERS[:-1]))
def test_in_order_at_most_one_item_is_paid_in_part(amount: int, items: list[OpenItem], order: str) -> None:
    found = allocate(amount, items, day=DAY, policy=Policy(steps=("order",), order=order, discount="none"))
    paid = {row.item: row.amount for row in found.rows}
    assert sum(paid[each.id] < each.open for each in items if each.id in paid) <= 1
    free = sum(each.open for each in items if each.open > 0 and not each.disputed)
    assert found.on_account == max(0, amount - free)
