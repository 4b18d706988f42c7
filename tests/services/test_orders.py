"""Orders from the first typed line to placed, amended, cancelled and undone, on both databases."""

from decimal import Decimal

from csdesk.services import amendments, calls, editing, orders, pads, undo


def test_place_amend_cancel_undo(desk):
    store, seeded = desk.rep, desk.seeded
    call = store.write_now(calls.begin, "5550142")
    store.write_now(calls.identify, call.id, seeded.customers["20417"])
    for code, quantity in (("4711", 12), ("4720", 6), ("1035", 24), ("2208", 3), ("3319", 10)):
        view = store.write_now(editing.add_line, call.id, code, Decimal(quantity))
    placed = store.write_now(orders.place, view.id, request_id="r1")
    again = store.write_now(orders.place, view.id, request_id="r1")
    assert placed == again
    assert [line.quantity for line in placed.order.lines] == [12, 6, 24, 3, 10]
    pad = store.write_now(editing.amend, call.id)
    assert pad.order_number == placed.order.number
    store.write_now(editing.set_line, call.id, 3, Decimal(36))
    pad = store.write_now(editing.set_date, call.id, "+9")
    amended = store.write_now(amendments.apply, pad.id)
    assert amended.order.revision == 2
    assert amended.order.lines[2].quantity == 36
    cancelled = store.write_now(amendments.cancel_line, placed.order.id, 4, "c", call.id)
    assert cancelled.order.lines[3].quantity == 0
    words = [store.write_now(undo.last, call.id).words for _ in range(2)]
    assert "as it was before" in words[0]
    assert store.read_now(pads.view, pad.id) is not None
