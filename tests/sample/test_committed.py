"""The sample as it lies in the project: of this schema, whole, small, with all that its story needs."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from csdesk.migrations import schema
from csdesk.models import (
    Allocation,
    Alternative,
    AuditEntry,
    Call,
    ContactPhone,
    CreditAccount,
    Customer,
    Deal,
    Delivery,
    DeliveryEvent,
    DeliveryLine,
    Document,
    ExpectedReceipt,
    OpenItem,
    OrderHold,
    OrderRevision,
    Person,
    Price,
    PriceList,
    Product,
    SalesOrder,
    Staff,
    StaffRole,
    UsualItem,
    table,
)
from csdesk.sample import copy
from csdesk.sample.build import TODAY
from csdesk.services import amendments, calls, care, customers, duties, editing, orders, pads, search
from csdesk.store import Store
from tests.sample.conftest import rows

CUSTOMER, ORDER, ITEM = table(Customer), table(SalesOrder), table(OpenItem)
STALE = "the sample is of another schema than this program: run 'make sample'"


def test_it_has_the_schema_of_this_program(sample, tmp_path):
    assert schema.current(sample) == schema.revisions()[-1], STALE
    fresh = Store(f"sqlite:///{tmp_path / 'fresh.db'}")
    schema.upgrade(fresh)
    fresh.close()
    assert _schema(copy.place()) == _schema(tmp_path / "fresh.db"), STALE


def _schema(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall(), key=str)


def test_it_is_one_small_file():
    data = copy.place().read_bytes()
    assert len(data) < 4_000_000, "too big: let customers order less often (TIERS in csdesk/sample/clients.py)"
    assert data[18:20] == b"\x01\x01", "its journal mode must be 'delete': one file is the whole database"
    assert [each.name for each in copy.place().parent.glob(f"{copy.NAME}*")] == [copy.NAME]


def test_every_check_holds(sample):
    assert [each for each in sample.read_now(care.check) if each.offenders] == []
    count, broken = sample.read_now(care.verify_audit)
    assert count > 500
    assert broken == ()
    assert sample.read_now(schema.integrity) == []


def test_time_runs_forward_in_every_lane_of_the_audit_trail(sample):
    entry = table(AuditEntry)
    found = rows(sample, select(entry.c.lane, entry.c.at).order_by(entry.c.lane, entry.c.seq))
    assert found == sorted(found)


def test_it_has_the_size_of_a_real_desk(sample):
    def count(model):
        return rows(sample, select(func.count()).select_from(table(model)))[0][0]

    assert count(Customer) == 300
    assert count(Product) == 400
    first, last = rows(sample, select(func.min(ORDER.c.placed_at), func.max(ORDER.c.placed_at)))[0]
    assert timedelta(weeks=5, days=6) <= last - first <= timedelta(weeks=6, days=1)
    assert last.date() == TODAY
    assert count(SalesOrder) > 500
    for model in (OrderRevision, Deal, UsualItem, Allocation, Alternative, PriceList, Price):
        assert count(model) > 3, model.__name__


def test_all_sorts_of_customers_are_there(sample):
    limits = [row[0] for row in rows(sample, select(table(CreditAccount).c.credit_limit))]
    assert None in limits
    assert 0 in limits
    heads = rows(sample, select(CUSTOMER.c.bill_to_id, func.count()).group_by(CUSTOMER.c.bill_to_id))
    assert len([row for row in heads if row[0] is not None and row[1] >= 8]) == 2
    assert len(rows(sample, select(CUSTOMER).where(CUSTOMER.c.anonymous.is_(True)))) == 1
    assert len(rows(sample, select(CUSTOMER).where(CUSTOMER.c.on_hold.is_(True)))) == 1
    assert len(rows(sample, select(CUSTOMER).where(CUSTOMER.c.standing != ""))) > 50
    assert {row[0] for row in rows(sample, select(CUSTOMER.c.language).distinct())} == {"en", "fr"}


def test_phone_numbers_are_of_the_range_kept_for_fiction(sample):
    numbers = [row[0] for row in rows(sample, select(table(ContactPhone).c.e164))]
    assert len(numbers) > 300
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("+1") and number[5:10] == "55501" and len(number) == 12 for number in numbers)


def test_orders_are_in_every_state(sample):
    found = {row[0] for row in rows(sample, select(ORDER.c.status).distinct())}
    assert {"held", "confirmed", "allocated", "picked", "shipped", "invoiced", "closed", "cancelled"} <= found
    hold = table(OrderHold)
    kinds = {row[0] for row in rows(sample, select(hold.c.kind).where(hold.c.lifted_at.is_(None)))}
    assert {"credit", "minimum", "customer"} <= kinds


def test_deliveries_have_proofs_and_mishaps(sample):
    delivery, line, event = table(Delivery), table(DeliveryLine), table(DeliveryEvent)
    assert len(rows(sample, select(delivery).where(delivery.c.received_by != ""))) > 400
    assert len(rows(sample, select(delivery).where(delivery.c.delivered_at.is_(None)))) > 5
    assert len(rows(sample, select(event).where(event.c.event == "attempt"))) > 5
    for column in (line.c.short, line.c.damaged, line.c.refused):
        assert len(rows(sample, select(line).where(column > 0))) > 2, column.name


def test_money_is_late_short_and_unplaced(sample):
    overdue = rows(sample, select(ITEM).where(ITEM.c.open > 0, ITEM.c.due_on < TODAY))
    assert len(overdue) > 20
    assert [item for item in overdue if item.open < item.face] != []
    unplaced = rows(sample, select(ITEM).where(ITEM.c.kind == "receipt", ITEM.c.open < 0))
    assert len(unplaced) == 1
    document = table(Document)
    assert len(rows(sample, select(document).where(document.c.kind == "credit_note"))) > 5


def test_no_call_is_open_and_many_have_notes(sample):
    call = table(Call)
    assert rows(sample, select(call).where(call.c.ended_at.is_(None))) == []
    assert len(rows(sample, select(call).where(call.c.note != ""))) > 80
    assert {"order", "enquiry", "complaint", "money"} <= {row[0] for row in rows(sample, select(call.c.wrap_up))}


def test_somebody_works_in_every_role(sample):
    staff_role, person = table(StaffRole), table(Person)
    assert {row[0] for row in rows(sample, select(staff_role.c.role))} == set(duties.ROLES)
    assert len(rows(sample, select(person))) == len(rows(sample, select(table(Staff)))) >= 8


def test_a_phone_fragment_names_the_deli(rep):
    (hit,) = rep.read_now(search.customers, "550142")
    assert (hit.code, hit.name) == ("20417", "Harbour View Deli")
    assert rep.read_now(search.customers, "harb")[0].code == "20417"
    assert rep.read_now(search.customers, "smiths")[0].code == "20418"


@pytest.fixture
def call(rep):
    """A call of rep7 with the deli."""
    begun = rep.write_now(calls.begin, "")
    return rep.write_now(calls.identify, begun.id, rep.read_now(search.customers, "20417")[0].id)


def test_the_deli_orders_five_lines(rep, call):
    for code, quantity in (("4711", 12), ("4720", 6), ("1035", 24), ("2208", 3), ("3319", 10)):
        pad = rep.write_now(editing.add_line, call.id, code, Decimal(quantity))
    assert not any(line.short for line in pad.lines)
    assert rep.write_now(orders.place, pad.id).order.status == "allocated"


def test_the_deli_repeats_its_last_order_with_two_changes(rep, call):
    pad = rep.write_now(editing.repeat, call.id)
    assert len(pad.lines) >= 5
    rep.write_now(editing.set_line, call.id, 2, Decimal(8))
    pad = rep.write_now(editing.set_line, call.id, 5, Decimal(4))
    assert rep.write_now(orders.place, pad.id).order.status == "allocated"


def test_the_deli_amends_and_cancels_in_its_open_order(rep, call):
    pad = rep.write_now(editing.amend, call.id)
    assert len(pad.lines) >= 4
    rep.write_now(editing.set_line, call.id, 3, Decimal(36))
    pad = rep.write_now(editing.set_date, call.id, "12")
    amended = rep.write_now(amendments.apply, pad.id).order
    assert (amended.status, amended.requested_on.day) == ("allocated", 12)
    cancelled = rep.write_now(amendments.cancel_line, amended.id, 4, "c", call.id).order
    assert cancelled.lines[3].quantity == 0


def test_what_is_short_has_alternatives(rep, call):
    pad = rep.write_now(editing.add_line, call.id, copy.SHORT_CODE, Decimal(5))
    assert pad.lines[0].short
    assert len(pad.lines[0].alternatives) >= 2
    assert all(other.free >= 5 for other in pad.lines[0].alternatives[:2])
    pad = rep.write_now(editing.take_alternative, call.id)
    assert not rep.read_now(pads.view, pad.id).lines[0].short


def test_several_products_are_short_and_goods_are_coming(sample):
    from csdesk.models import Stock

    stock, coming = table(Stock), table(ExpectedReceipt)
    assert len(rows(sample, select(stock).where(stock.c.on_hand - stock.c.reserved < 5))) >= 6
    open_ = select(coming).where(coming.c.arrived.is_(False), coming.c.due_on > TODAY)
    assert len(rows(sample, open_)) > 20


def test_the_bar_of_the_deli_tells_a_story(rep, call):
    bar = rep.read_now(customers.bar, call.customer_id)
    assert bar.balance > bar.overdue > 0
    assert bar.left > 500_000
    assert bar.last_payment
    assert bar.last_payment_on == TODAY - timedelta(days=7)
    assert bar.holds == ()
    assert "olive oil" in bar.standing
    due_today = select(ITEM).where(ITEM.c.customer_id == call.customer_id, ITEM.c.due_on == TODAY)
    assert rows(rep, due_today) == [], "what is overdue must not hang on the hour and the zone the day is asked in"


def test_the_deli_has_the_papers_of_the_call_tasks(sample):
    of = ITEM.c.customer_id == 1, ITEM.c.open > 0
    numbers = [row.number for row in rows(sample, select(ITEM).where(*of))]
    assert [number for number in numbers if number.endswith("512")] != []
    assert len([number for number in numbers if number.endswith("98")]) == 1
    delivered = select(table(Delivery)).where(
        table(Delivery).c.customer_id == 1, table(Delivery).c.delivered_at.is_not(None)
    )
    second = rows(sample, delivered.order_by(table(Delivery).c.delivered_at.desc()))[1]
    line = table(DeliveryLine)
    assert rows(sample, select(line.c.shipped).where(line.c.delivery_id == second.id, line.c.line == 1))[0][0] >= 2
