"""A small source from end to end: what comes in, what follows from it, and what a second run leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from csdesk.errors import Refused
from csdesk.importing import driver, mapping
from csdesk.models import (
    Allocation,
    Contact,
    ContactPhone,
    CreditAccount,
    Customer,
    DeliveryLine,
    Document,
    ImportNote,
    ImportRun,
    OpenItem,
    OrderLine,
    Price,
    Product,
    ProductGroup,
    Reservation,
    SalesOrder,
    Stock,
    UsualItem,
    table,
)
from csdesk.services import audit, loading_quarantine, search
from csdesk.store import Store
from tests.importing.bed import (
    CUSTOMERS,
    INVOICES,
    LINES,
    MASTERS,
    ORDERS,
    PLAIN,
    PRODUCTS,
    RECEIPTS,
    STOCK,
    adds_up,
    broken,
    one,
    rows,
    small,
    state,
    take,
)

TEXT = PLAIN + MASTERS


@pytest.fixture
def taken(store: Store, tmp_path: Path) -> Store:
    """A store the small source was imported into."""
    results = take(store, TEXT, small(tmp_path / "in"))
    assert adds_up(results)
    assert sum(each.quarantined for each in results) == 0, results
    return store


def test_what_came_in_holds_every_invariant_and_is_audited(taken: Store) -> None:
    assert broken(taken) == []
    files = [row for row in rows(taken, audit.AuditEntry) if row.verb == "import.file"]
    assert len(files) == 8
    assert all(row.rows == row.imported + row.merged + row.quarantined for row in rows(taken, ImportRun))


def test_a_second_run_changes_nothing_and_merges_everything(taken: Store, tmp_path: Path) -> None:
    before = state(taken)
    results = take(taken, TEXT, tmp_path / "in")
    assert [(each.imported, each.quarantined) for each in results] == [(0, 0)] * 8
    assert state(taken) == before


def test_a_branch_that_stands_before_its_head_office_shares_its_account(taken: Store) -> None:
    branch, head, corner = (one(taken, Customer, code=code) for code in ("B1", "H1", "C1"))
    assert branch.account_id == head.account_id != corner.account_id
    assert branch.bill_to_id == head.id
    assert (head.bill_to_id, corner.bill_to_id) == (None, None)
    assert len(rows(taken, CreditAccount)) == 2
    assert one(taken, CreditAccount, id=head.account_id).credit_limit is None
    assert one(taken, CreditAccount, id=corner.account_id).credit_limit == 100_000


def test_an_empty_limit_means_what_the_mapping_says(store: Store, tmp_path: Path) -> None:
    text = TEXT.replace('empty_credit_limit = "unlimited"', 'empty_credit_limit = "zero"')
    take(store, text, small(tmp_path / "in"))
    assert sorted(row.credit_limit for row in rows(store, CreditAccount)) == [0, 100_000]


def test_contacts_and_phones_are_readable_and_customers_are_found(taken: Store) -> None:
    assert {row.name for row in rows(taken, Contact)} == {"Ann", "Ben"}
    assert one(taken, ContactPhone, raw="030 5550102").e164 == "+49305550102"
    corner = one(taken, Customer, code="C1")
    assert corner.id in {hit.id for hit in taken.read_now(search.customers, "0102")}


def test_products_keep_their_first_spelling_and_get_codes_groups_and_prices(taken: Store) -> None:
    almonds = one(taken, Product, code_key="a-2")
    assert (almonds.code, almonds.base_unit, almonds.tax_code) == ("a-2", "KG", "T7")
    assert {row.group_code for row in rows(taken, ProductGroup)} == {"Fruit", "Fresh"}
    assert sorted(str(row.amount) for row in rows(taken, Price)) == ["1.950000", "12.000000", "2.500000"]
    assert len(rows(taken, Stock)) == 3


def test_open_lines_take_the_stock_that_lies_there_the_oldest_order_first(taken: Store) -> None:
    apples = one(taken, Product, code_key="a-1")
    held = {
        row.order_id: row.quantity for row in rows(taken, Reservation, table(Reservation).c.product_id == apples.id)
    }
    older, newer = one(taken, SalesOrder, number="1002"), one(taken, SalesOrder, number="1001")
    assert held == {older.id: 6, newer.id: 4}
    assert one(taken, Stock, product_id=apples.id).reserved == 10
    assert (older.status, newer.status) == ("allocated", "confirmed")
    assert one(taken, OrderLine, order_id=newer.id).backordered == 4


def test_more_stock_goes_to_who_waits_and_less_takes_nothing_back(taken: Store, tmp_path: Path) -> None:
    take(taken, TEXT, small(tmp_path / "in", stock=STOCK.replace("A-1,10", "A-1,20")))
    newer = one(taken, SalesOrder, number="1001")
    assert newer.status == "allocated"
    assert one(taken, OrderLine, order_id=newer.id).backordered == 0
    assert broken(taken) == []


def test_states_follow_from_picking_billing_and_proof(taken: Store) -> None:
    states = {row.number: row.status for row in rows(taken, SalesOrder)}
    assert states["1003"] == "invoiced"
    assert states["1004"] == "allocated"
    assert states["1005"] == "cancelled"


def test_what_was_not_picked_moved_to_the_backorder_and_counts_once(taken: Store) -> None:
    first, follower = one(taken, SalesOrder, number="1003"), one(taken, SalesOrder, number="1004")
    assert first.backorder_order_id == follower.id
    line = one(taken, OrderLine, order_id=first.id)
    assert (line.quantity, line.original_quantity, line.cancelled_quantity) == (3, 4, 1)
    assert (line.cancel_reason, line.net, line.delivered) == ("backordered", 3600, 3)
    assert one(taken, DeliveryLine, order_line=1).shipped == 3


def test_exposure_is_kept_for_each_account(taken: Store) -> None:
    corner = one(taken, CreditAccount, id=one(taken, Customer, code="C1").account_id)
    # orders 1001 (20.00 + 7 %) and 1004 (12.00 + 7 %); credit note 10.70 and 5.00 of cash stand open
    assert (corner.orders, corner.open_debit, corner.open_credit) == (2140 + 1284, 0, 1570)
    assert (corner.last_payment, corner.last_payment_on.isoformat()) == (500, "2024-05-07")
    head = one(taken, CreditAccount, id=one(taken, Customer, code="H1").account_id)
    assert (head.orders, head.open_debit, head.open_credit) == (1541, 10700, 0)


def test_receipts_pay_what_became_final_that_day_and_the_rest_stays_unapplied(taken: Store) -> None:
    paid = one(taken, OpenItem, number="R1")
    assert (paid.face, paid.open) == (3852, 0)
    assert one(taken, Allocation, debit_item_id=paid.id).amount == 3852
    assert one(taken, OpenItem, number="Z2").open == -500
    assert one(taken, OpenItem, number="G1").open == -1070
    assert paid.due_on.isoformat() == "2024-05-06"


def test_the_usual_list_is_learnt_and_a_list_that_is_there_is_left_alone(taken: Store, tmp_path: Path) -> None:
    corner = one(taken, Customer, code="C1")
    listed = rows(taken, UsualItem, table(UsualItem).c.customer_id == corner.id)
    codes = [one(taken, Product, id=row.product_id).code for row in listed]
    assert codes == ["a-2", "A-1"]
    more = LINES + "1004,2,S-9,1,1.95,0\n"
    take(taken, TEXT, small(tmp_path / "in", lines=more))
    assert rows(taken, UsualItem, table(UsualItem).c.customer_id == corner.id) == listed


# ------------------------------------------------------------ changes


@pytest.mark.parametrize("master", ["desk", "source"])
def test_a_file_changes_a_limit_only_where_the_source_is_its_master(taken: Store, tmp_path: Path, master: str) -> None:
    option = 'empty_credit_limit = "unlimited"'
    text = TEXT if master == "desk" else TEXT.replace(option, f'{option}, credit_terms = "source"')
    more = small(tmp_path / "in", customers=CUSTOMERS.replace("Corner,,1000.00", "Corner,,1500.00"))
    take(taken, text, more)
    corner = one(taken, Customer, code="C1")
    limit = one(taken, CreditAccount, id=corner.account_id).credit_limit
    said = [row.text for row in rows(taken, ImportNote) if row.kind == "asks credit limit"]
    told = [row for row in rows(taken, audit.AuditEntry) if row.verb == "import.credit_terms"]
    if master == "desk":
        assert (limit, said, told) == (100_000, ["1500.00 EUR"], [])
    else:
        assert (limit, said, told[0].before) == (150_000, [], '{"credit_limit":100000}')
    before = state(taken)
    take(taken, text, more)
    assert state(taken) == before


def test_a_changed_master_row_updates_its_record(taken: Store, tmp_path: Path) -> None:
    changed = CUSTOMERS.replace("Corner,,1000.00,Ben,030 5550102", "Corner shop,,1500.00,Bert,030 5550199")
    products = PRODUCTS.replace("Apples,KG,7,2.50,Fruit;Fresh", "Apples red,KG,19,2.60,Fruit")
    results = take(taken, TEXT, small(tmp_path / "in", customers=changed, products=products))
    assert [(each.part, each.updated) for each in results if each.updated] == [("customers", 1), ("products", 1)]
    assert adds_up(results)
    corner = one(taken, Customer, code="C1")
    assert (corner.name, corner.version) == ("Corner shop", 2)
    assert one(taken, CreditAccount, id=corner.account_id).credit_limit == 100_000, "limits are changed by requests"
    assert {row.name for row in rows(taken, Contact)} == {"Ann", "Bert"}
    assert {row.raw for row in rows(taken, ContactPhone)} == {"030 5550101", "030 5550199"}
    apples = one(taken, Product, code_key="a-1")
    assert (apples.name, apples.tax_code) == ("Apples red", "T19")
    spans = [
        (str(row.amount), row.valid_from, row.valid_to)
        for row in rows(taken, Price, table(Price).c.product_id == apples.id)
    ]
    assert [(amount, str(since), str(until)) for amount, since, until in spans] == [
        ("2.500000", "None", "2024-05-30"),
        ("2.600000", "2024-05-31", "None"),
    ]
    before = state(taken)
    take(taken, TEXT, tmp_path / "in")
    assert state(taken) == before


def test_an_order_moves_on_and_gives_its_stock_back(taken: Store, tmp_path: Path) -> None:
    orders = ORDERS.replace("1002,B1,2024-05-01,,,", "1002,B1,2024-05-01,2024-05-03,,")
    lines = LINES.replace("1002,1,A-1,6,2.40,0", "1002,1,A-1,6,2.40,6")
    take(taken, TEXT, small(tmp_path / "in", orders=orders, lines=lines))
    order = one(taken, SalesOrder, number="1002")
    assert (order.status, order.exposure) == ("picked", 1541)
    assert one(taken, OrderLine, order_id=order.id).picked == 6
    apples = one(taken, Product, code_key="a-1")
    assert (
        one(taken, Reservation, product_id=apples.id, order_id=one(taken, SalesOrder, number="1001").id).quantity == 4
    )
    assert broken(taken) == []


def test_a_changed_row_of_a_posted_document_waits_in_the_quarantine(taken: Store, tmp_path: Path) -> None:
    before = state(taken, frozenset({"import_quarantine"}))
    results = take(taken, TEXT, small(tmp_path / "in", invoices=INVOICES.replace("107.00,7.00", "108.00,7.00")))
    assert [each.reasons for each in results if each.quarantined] == [(("posted", 1),)]
    assert state(taken, frozenset({"import_quarantine"})) == before
    waiting = taken.read_now(loading_quarantine.listed)
    assert [(row.file, row.row, row.code) for row in waiting] == [("invoices.csv", 3, "posted")]
    take(taken, TEXT, tmp_path / "in")
    assert len(taken.read_now(loading_quarantine.listed)) == 1


def test_a_later_extract_may_say_that_a_document_was_paid(taken: Store, tmp_path: Path) -> None:
    receipts = RECEIPTS + "Z3,H1,2024-05-20,100.00\n"
    take(taken, TEXT, small(tmp_path / "in", receipts=receipts))
    assert one(taken, OpenItem, number="R2").open == 10700
    paid = INVOICES.replace("107.00,7.00,\n", "107.00,7.00,2024-05-20\n")
    results = {each.part: each for each in take(taken, TEXT, small(tmp_path / "in", invoices=paid, receipts=receipts))}
    assert (results["invoices"].updated, results["invoices"].quarantined) == (1, 0)
    assert one(taken, OpenItem, number="R2").open == 700  # the source calls it paid, its money falls short
    assert one(taken, OpenItem, number="Z3").open == 0
    assert broken(taken) == []
    before = state(taken)
    take(taken, TEXT, tmp_path / "in")
    assert state(taken) == before


def test_two_rows_with_one_key_are_one_when_they_agree_and_a_question_when_they_do_not(
    store: Store, tmp_path: Path
) -> None:
    text = CUSTOMERS + "C1,Corner,,1000.00,Ben,030 5550102,Bonn\nC1,Other,,1000.00,Ben,030 5550102,Bonn\n"
    first = take(store, TEXT, small(tmp_path / "in", customers=text))[0]
    assert (first.imported, first.merged, first.reasons) == (3, 1, (("twin", 1),))
    before = state(store)
    again = take(store, TEXT, tmp_path / "in")[0]
    assert (again.imported, again.merged, again.quarantined) == (0, 4, 1)
    assert state(store) == before


def test_a_customer_the_desk_has_is_that_customer(store: Store, tmp_path: Path) -> None:
    take(store, TEXT, small(tmp_path / "in"))
    other = (PLAIN + MASTERS).replace('name = "plain"', 'name = "other"')
    results = take(store, other, tmp_path / "in" / "customers.csv", tmp_path / "in" / "products.csv")
    assert [(each.imported, each.merged) for each in results] == [(0, 3), (0, 3)]
    assert len(rows(store, Customer)) == 3


def test_an_order_number_the_desk_has_is_refused_not_doubled(taken: Store, tmp_path: Path) -> None:
    other = TEXT.replace('name = "plain"', 'name = "other"')
    results = take(taken, other, tmp_path / "in")
    codes = {each.part: dict(each.reasons) for each in results}
    assert codes["orders"] == {"taken": 5}
    assert codes["invoices"] == {"taken": 3}
    assert codes["lines"] == {"unknown": 5}


# --------------------------------------------------------- quarantine


def test_what_points_at_nothing_waits_and_comes_in_once_the_rest_is_there(store: Store, tmp_path: Path) -> None:
    folder = small(tmp_path / "in")
    results = take(store, TEXT, folder / "orders.csv", folder / "lines.csv")
    assert [(each.rows, each.imported, each.quarantined) for each in results] == [(5, 0, 5), (5, 0, 5)]
    assert store.read_now(loading_quarantine.listed)[0].reason == "there is no customer 'C1'"
    take(store, TEXT, folder / "customers.csv", folder / "products.csv", folder / "stock.csv")
    (tmp_path / "mine.toml").write_text(TEXT, "utf-8")
    again = driver.retry(store, str(tmp_path / "mine.toml"))
    assert [(each.part, each.imported, each.quarantined) for each in again] == [("orders", 5, 0), ("lines", 5, 0)]
    assert store.read_now(loading_quarantine.listed) == ()
    assert broken(store) == []
    assert {row.number for row in rows(store, SalesOrder)} == {"1001", "1002", "1003", "1004", "1005"}
    before = state(store)
    take(store, TEXT, folder / "orders.csv", folder / "lines.csv")
    assert state(store) == before


def test_a_row_still_wrong_keeps_one_place_in_the_quarantine(store: Store, tmp_path: Path) -> None:
    folder = small(tmp_path / "in", customers=CUSTOMERS + "C2,Limitless,,much,,,\n")
    take(store, TEXT, folder)
    take(store, TEXT, folder)
    (tmp_path / "mine.toml").write_text(TEXT, "utf-8")
    driver.retry(store, str(tmp_path / "mine.toml"))
    waiting = store.read_now(loading_quarantine.listed)
    assert [(row.row, row.code, row.reason) for row in waiting] == [
        (5, "value", "credit_limit: 'much' is not a number")
    ]
    take(store, TEXT, small(tmp_path / "in", customers=CUSTOMERS + "C2,Limitless,,10,,,\n"))
    assert store.read_now(loading_quarantine.listed) == ()


def test_a_branch_whose_head_office_is_nowhere_waits(store: Store, tmp_path: Path) -> None:
    result = take(
        store, TEXT, small(tmp_path / "in", customers=CUSTOMERS.replace("H1,Head", "H9,Head")) / "customers.csv"
    )[0]
    assert (result.imported, result.quarantined) == (1, 2)
    assert "no customer 'H1' to bill" in result.example


def test_a_retry_needs_the_mapping_of_a_source_of_ones_own(store: Store, tmp_path: Path) -> None:
    take(store, TEXT, small(tmp_path / "in") / "orders.csv")
    with pytest.raises(Exception, match="name it with --map"):
        driver.retry(store)


# ------------------------------------------------- whole or not at all


def test_a_control_total_that_does_not_come_out_takes_the_file_back(store: Store, tmp_path: Path) -> None:
    from decimal import Decimal

    folder = small(tmp_path / "in")
    take(store, TEXT, folder / "customers.csv")
    before = state(store)
    with pytest.raises(
        Refused, match=r"invoices.csv: the control total of gross is 999.00, but the rows taken come to 117.70"
    ):
        take(store, TEXT, folder / "invoices.csv", controls={("invoices", "gross"): Decimal("999.00")})
    assert state(store) == before
    with pytest.raises(Refused, match="4 rows were announced and 3 are there"):
        take(store, TEXT, folder / "invoices.csv", controls={("invoices", "rows"): Decimal(4)})
    small(tmp_path / "in", invoices=INVOICES.replace(",1003,", ",,"))
    take(store, TEXT, folder / "invoices.csv", controls={("invoices", "gross"): Decimal("156.22")})
    with pytest.raises(Exception, match="no column 'grosz'"):
        take(store, TEXT, folder / "invoices.csv", controls={("invoices", "grosz"): Decimal(1)})


def test_a_control_in_the_mapping_counts_as_one_on_the_command_line(store: Store, tmp_path: Path) -> None:
    text = TEXT.replace('match = "customers.csv"', 'match = "customers.csv"\ncontrol = { rows = "4" }', 1)
    with pytest.raises(Refused, match="4 rows were announced"):
        take(store, text, small(tmp_path / "in") / "customers.csv")


def test_a_dry_run_says_what_would_be_done_and_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    before = state(store)
    todo = driver.plan(mapping.parse(TEXT, "t"), [small(tmp_path / "in")])
    would = driver.rehearse(store, todo)
    assert state(store) == before
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table(ImportRun))).scalar() == 0
    assert would == driver.run(store, todo)


def test_a_source_of_another_currency_is_refused(taken: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="keeps its books in EUR, this mapping says USD"):
        take(taken, TEXT.replace('"EUR"', '"USD"'), tmp_path / "in")


def test_a_rep_may_not_import(taken: Store, tmp_path: Path) -> None:
    from csdesk.services.tx import Actor

    rep = taken.acting(Actor(7, 7, "rep7", "Robin", duties=frozenset({"order.enter"})))
    with pytest.raises(Refused, match=r"import\.run"):
        take(rep, TEXT, tmp_path / "in")


def test_posted_rows_stand_also_against_the_import(taken: Store) -> None:
    with pytest.raises(Exception, match="stand once they are written"), taken.engine.begin() as connection:
        connection.execute(update(table(Document)).values(net=0))


def test_spellings_of_a_product_code_are_noted(taken: Store, tmp_path: Path) -> None:
    take(taken, TEXT, small(tmp_path / "in", products=PRODUCTS.replace("a-2,", "A-2,")))
    noted = one(taken, ImportNote, kind="code")
    assert (noted.text, one(taken, Product, id=noted.subject_id).code) == ("A-2", "a-2")
