"""The sample moved to another day: everything goes along, nothing breaks, on both databases."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Date, String, select, text
from sqlalchemy.exc import DBAPIError

from csdesk.errors import Refused
from csdesk.models import Customer, OrderRevision, SalesOrder, metadata, table
from csdesk.models.orders import OPEN
from csdesk.models.types import UtcInstant
from csdesk.sample import shift
from csdesk.sample.build import TODAY
from csdesk.sample.site import ZONE
from csdesk.services import care, customers
from tests.sample.conftest import rows

SATURDAY = date(2026, 11, 21)
SETTLED = {("sales_order", "promised_on"), ("order_line", "promised_on"), ("order_line", "original_promised_on"),
           ("ticket", "due_at"), ("ticket", "next_at")}  # fmt: skip
ORDER, CUSTOMER = table(SalesOrder), table(Customer)


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date(2025, 12, 31)])
def test_every_check_and_the_audit_trail_hold(moved, day):
    _holds(moved(day))


def _holds(store):
    assert [each for each in store.read_now(care.check) if each.offenders] == []
    count, broken = store.read_now(care.verify_audit)
    assert (count > 500, broken) == (True, ())


def test_every_date_and_instant_goes_along(sample, moved_anywhere):
    store, days = moved_anywhere(SATURDAY), (SATURDAY - TODAY).days
    _holds(store)
    zone = ZoneInfo(ZONE)
    for each in metadata.sorted_tables:
        for column in each.columns:
            if not isinstance(column.type, Date | UtcInstant) or (each.name, column.name) in SETTLED:
                continue
            wanted = select(column).where(column.is_not(None)).order_by(*each.primary_key)
            before, after = ([row[0] for row in rows(one, wanted)] for one in (sample, store))
            if isinstance(column.type, UtcInstant):
                before, after = ([at.astimezone(zone).replace(tzinfo=None) for at in some] for some in (before, after))
            assert after == [value + timedelta(days=days) for value in before], f"{each.name}.{column.name}"


def test_no_text_keeps_a_day_of_before(moved):
    store = moved(SATURDAY)
    window = {(TODAY - timedelta(days=back)).isoformat() for back in range(-30, 60)}
    for each in metadata.sorted_tables:
        for column in (column for column in each.columns if isinstance(column.type, String)):
            for (value,) in rows(store, select(column)):
                kept = window & set(re.findall(r"\d{4}-\d\d-\d\d", value or ""))
                assert not kept, f"{each.name}.{column.name} still speaks of {kept}: name it in shift.TEXTS"


def test_spoken_days_go_along(sample):
    day = TODAY + timedelta(days=2)
    revision = table(OrderRevision)
    with sample.engine.begin() as connection:
        known = connection.execute(select(revision)).mappings().first()
        new = {**known, "revision": 99, "summary": f"for {day:%a %d %b}"}
        connection.execute(revision.insert(), new)
    shift.shift(sample, SATURDAY)
    (found,) = rows(sample, select(revision.c.summary).where(revision.c.revision == 99))
    assert found[0] == f"for {SATURDAY + timedelta(days=2):%a %d %b}"


def test_what_lies_ahead_is_promised_for_a_day_the_truck_goes(moved):
    store = moved(SATURDAY)
    joined = (CUSTOMER.c.company == ORDER.c.company) & (CUSTOMER.c.id == ORDER.c.customer_id)
    ahead = select(ORDER.c.promised_on, CUSTOMER.c.delivery_days).join(CUSTOMER, joined)
    found = rows(store, ahead.where(ORDER.c.status.in_(OPEN), ORDER.c.promised_on.is_not(None)))
    assert len(found) > 20
    assert all(str(day.isoweekday()) in days for day, days in found)


def test_posted_rows_stand_again_afterwards(moved_anywhere):
    store = moved_anywhere(SATURDAY)
    for name in ("document", "receipt", "audit"):
        with pytest.raises(DBAPIError, match="stand once"), store.engine.begin() as connection:
            connection.execute(text(f"DELETE FROM {name}"))


def test_today_stays_today(moved):
    store = moved(SATURDAY)
    bar = store.read_now(customers.bar, 1)
    assert bar.last_payment_on == SATURDAY - timedelta(days=7)
    assert shift.shift(store) == 0, "its clock stands at that day already"


def test_only_the_sample_is_moved(store, seeded):
    with pytest.raises(Refused, match="not the sample"):
        shift.shift(store, SATURDAY)
