"""What keys mean at the desk: the tasks of a call as a rep types them, and the ways a key may be misread."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.models import Call, Draft, Product, SalesOrder
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE

FIVE = [("4711", 12), ("4720", 6), ("1035", 24), ("2208", 3), ("3319", 10)]


async def test_a_caller_by_phone_and_a_five_line_order(seat: Seat, books: Books) -> None:
    await seat.desk.start()
    assert await seat.type("550142⏎") == "20417 Harbour View Deli, Harbour"
    echo = await seat.type("4711 12⏎4720 6⏎1035 24⏎2208 3⏎3319 10⏎.")
    assert echo.startswith("Order 26000003 placed: 5 lines, 420.66 USD")
    assert seat.prompt == ""


async def test_repeat_with_two_quantities_changed(seat: Seat) -> None:
    await seat.sit()
    await seat.type("r↓8↓↓↓4")
    assert seat.desk.now.keys.typed == "4"
    await seat.type(".")
    order = await _latest(seat)
    assert [int(line.quantity) for line in order.lines] == [12, 8, 24, 3, 4]


async def _latest(seat: Seat):  # type: ignore[no-untyped-def]
    from csdesk.services import history

    rows = await seat.desk.store.read(history.orders, seat.desk.now.bar.customer_id)
    return await seat.desk.store.read(history.order, rows[0].id)


async def test_amend_line_three_and_the_day(seat: Seat) -> None:
    await seat.sit()
    await seat.type("e↓↓36d12.")
    order = await _latest(seat)
    assert (order.number, int(order.lines[2].quantity), order.requested_on.day) == ("26000002", 36, 12)


async def test_cancel_line_four(seat: Seat) -> None:
    await seat.sit()
    assert (await seat.type("x4c⏎")).startswith("Order 26000002 line 4 cancelled (Customer changed mind)")


# ---------------------------------------------------------------- digits that belong to the letter before them


async def test_a_then_2_takes_the_second_alternative(seat: Seat) -> None:
    await seat.sit()
    await seat.type(f"{SHORT_CODE} 5⏎a")
    assert seat.lines == [("6002", 5)]
    assert "6003 Capers nonpareilles 700 g instead of 6001" in await seat.type("2⏎")
    assert seat.lines == [("6003", 5)]


async def test_a_then_2_changes_the_answer_not_the_next_question(seat: Seat) -> None:
    await seat.sit()
    await seat.type(f"{SHORT_CODE} 30⏎{SHORT_CODE} 5⏎a2⏎")
    assert seat.lines == [(SHORT_CODE, 30), ("6003", 5)]


async def test_a_where_nothing_is_short_takes_nothing_back(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 5⏎a")
    assert (seat.prompt, seat.lines) == ("a", [("4711", 5)]), "a begins a word where nothing is short"
    await seat.type("⏎")
    assert (seat.tone, seat.lines) == ("wrong", [("4711", 5)])
    await seat.type("2⏎")
    assert (seat.tone, seat.lines) == ("wrong", [("4711", 5)])


async def test_a_word_may_begin_with_a_letter_that_decides_about_short_lines(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 5⏎basmati 2⏎")
    assert seat.lines == [("4711", 5), ("2208", 2)]


async def test_a_code_typed_while_a_row_is_focused_is_a_line_of_its_own(seat: Seat) -> None:
    await seat.sit()
    await seat.type("r4720 6⏎")
    assert seat.lines == [*FIVE, ("4720", 6)]
    assert seat.echo.endswith("twice on this order")
    await seat.type("↓3=0⏎")
    assert seat.lines[2] == ("2208", 3)


async def test_a_product_without_a_quantity_puts_its_code_into_the_prompt(seat: Seat) -> None:
    await seat.sit()
    await seat.type(" basmati⏎")
    assert seat.prompt == "2208 "
    await seat.type("3⏎")
    assert seat.lines == [("2208", 3)]
    await seat.type(" oil⏎")
    assert seat.desk.now.choice is not None
    await seat.type("2")
    assert seat.prompt in ("4711 ", "4720 ")


async def test_a_second_commit_key_keeps_the_words_and_u_still_undoes(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("4711 1⏎..")
    assert "placed" in seat.echo
    assert seat.prompt == ""
    await seat.type("u")
    assert seat.lines == [("4711", 1)]


async def test_one_step_back_from_an_order_is_the_history(seat: Seat) -> None:
    await seat.sit()
    await seat.type("h⏎")
    assert seat.page().startswith("ORDER 26000002")
    assert "wanted" in seat.page()
    await seat.type("<f3>")
    assert seat.page().startswith("HISTORY")
    await seat.type("<f3>")
    assert seat.page().startswith("CUSTOMER")
    await seat.type("<f3>")
    assert seat.desk.now.call is not None
    assert "k parks it" in seat.echo


async def test_what_began_a_call_by_itself_ends_it_when_taken_back(seat: Seat, books: Books) -> None:
    await seat.desk.start()
    await seat.type("har")
    await seat.desk.pause()
    assert seat.desk.now.call is not None
    await seat.type("<f12>")
    assert (seat.desk.now.call, seat.desk.now.calls) == (None, ())


async def test_e_then_digits_opens_the_order_that_ends_so(seat: Seat, books: Books) -> None:
    Talk.with_(books.lead, 1).order(("7007", 1))
    await seat.sit()
    await seat.type("e")
    assert seat.desk.now.draft.order_number == "26000003"
    assert "order 26000002 open to change" in await seat.type("002⏎")
    assert seat.lines == FIVE


async def test_e_then_digits_that_fit_none_open_nothing_once_taken_back(seat: Seat) -> None:
    await seat.sit()
    await seat.type("e140⏎")
    assert seat.echo == "This customer has no open order that ends in 140; 'h' shows all orders."
    assert (seat.prompt, seat.lines) == ("e140", FIVE)
    await seat.type("<f12>")
    assert (seat.prompt, seat.lines, seat.desk.now.draft) == ("", [], None)


async def test_an_ending_of_several_orders_is_a_numbered_list(seat: Seat, books: Books) -> None:
    talk = Talk.with_(books.lead, 1)
    for _ in range(10):
        talk.order(("7007", 1))
    await seat.sit()
    await seat.type("e2⏎")
    assert "26000012" in seat.page()
    assert "26000002" in seat.page()
    await seat.type("2")
    assert seat.desk.now.draft.order_number == "26000002"


async def test_changes_typed_are_not_lost_by_another_e(seat: Seat) -> None:
    await seat.sit()
    await seat.type("e↓8⏎ <f12>e")
    assert "not applied yet" in seat.echo
    assert seat.lines[1] == ("4720", 8)


async def test_k_then_2_goes_to_call_2(seat: Seat) -> None:
    await seat.sit()
    await seat.type("k20418⏎")
    assert seat.desk.now.call.slot == 2
    await seat.type("k")
    assert seat.desk.now.call is None
    await seat.type("2⏎")
    assert seat.desk.now.call.slot == 2
    await seat.type("k1⏎")
    assert seat.desk.now.call.customer_name == "Harbour View Deli"


async def test_k2_from_idle_begins_no_call(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("k20418⏎k")
    for key in "k2":
        await seat.desk.press(key)
        await seat.desk.pause()
    await seat.desk.press("enter")
    assert seat.desk.now.call.slot == 2
    assert len(books.rows(Call)) == 2


@pytest.mark.parametrize("text", ["?date", "/harb", "k1"])
async def test_a_command_half_typed_while_idle_begins_no_call(seat: Seat, books: Books, text: str) -> None:
    await seat.desk.start()
    for key in text:
        await seat.desk.press(key)
        await seat.desk.look()
        await seat.desk.pause()
    assert books.rows(Call) == []


# ---------------------------------------------------------------- dates and commits


async def test_a_date_is_taken_by_the_commit_key(seat: Seat) -> None:
    await seat.sit()
    await seat.type("7007 1⏎d12.")
    order = await _latest(seat)
    assert (order.requested_on.day, order.number) == (12, "26000003")


@pytest.mark.parametrize("keys", ["d99.", "d99<f9>", "3=9<f9>", "nope 4<f9>"])
async def test_a_wrong_line_keeps_the_commit_from_happening(seat: Seat, books: Books, keys: str) -> None:
    await seat.sit()
    await seat.type(f"7007 1⏎{keys}")
    assert seat.tone == "wrong"
    assert len(books.rows(SalesOrder)) == 2
    assert seat.prompt == keys.removesuffix(".").removesuffix("<f9>")


async def test_f9_takes_what_is_typed_first(seat: Seat) -> None:
    await seat.sit()
    await seat.type("7007 1⏎4711 2<f9>")
    assert [line.code for line in (await _latest(seat)).lines] == ["7007", "4711"]


async def test_f9_on_a_question_commits_nothing(seat: Seat, books: Books) -> None:
    """Several products fit: the line must be chosen first, the order is not sent without it."""
    await seat.sit()
    await seat.type("7007 1⏎ napkins 2<f9>")
    assert seat.tone == "ask"
    assert len(books.rows(SalesOrder)) == 2
    await seat.type("1<f9>")
    assert len((await _latest(seat)).lines) == 2


async def test_f9_after_going_to_another_call_commits_nothing_there(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("7007 1⏎k20418⏎4711 1⏎")
    await seat.type(" <f12>")
    seat.desk.sync_keys("k1")
    await seat.type("<f9>")
    assert seat.desk.now.call.slot == 1
    assert len(books.rows(SalesOrder)) == 2


# ---------------------------------------------------------------- lines and codes


@pytest.mark.parametrize(
    ("typed", "quantity"),
    [
        ("4711 1,5⏎", "1.5"),
        ("4711 1.25⏎", "1.25"),
        ("4711*2⏎", "2"),
        ("4711/2⏎", "2"),
        ("4711-2⏎", "2"),
        ("4711   2⏎", "2"),
        (" 4711 2⏎", "2"),
        ("4711 2 case⏎", "2"),
        ("4711 2ea⏎", "2"),
        ("1 2⏎", "2"),
    ],
)
async def test_a_line_in_every_notation(seat: Seat, books: Books, typed: str, quantity: str) -> None:
    books.change(Product, {"code": "4711"}, minimum=Decimal(0), multiple=Decimal(0))
    await seat.sit()
    await seat.type(typed)
    (line,) = seat.desk.now.draft.lines
    assert (line.code, line.quantity) == ("4711", Decimal(quantity))
    assert line.unit == ("CASE" if "case" in typed else "EA")


@pytest.mark.parametrize("code", ["NAP 5001", "NAP-50-01", "5/6", "a-1", "k2", "e140", "x4c", "d12", "?1", "3=4"])
async def test_any_code_can_be_typed_with_a_blank_before_it(seat: Seat, books: Books, code: str) -> None:
    books.change(Product, {"code": "5001"}, code=code, code_key=code.lower())
    await seat.sit()
    await seat.type(f" {code} 3⏎")
    assert seat.lines == [(code, 3)]


async def test_a_leading_blank_makes_text_of_a_letter(seat: Seat) -> None:
    await seat.sit()
    await seat.type(" r")
    assert (seat.prompt, seat.desk.now.draft) == (" r", None)


async def test_zero_takes_a_line_off(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 1⏎4720 2⏎7007 3⏎2=0⏎")
    assert seat.lines == [("4711", 1), ("7007", 3)]


async def test_a_wrong_line_stays_in_the_prompt_with_the_cursor_in_it(seat: Seat) -> None:
    await seat.sit()
    assert (await seat.type("4711 0⏎")).startswith("The quantity of 4711 must be above 0")
    assert (seat.prompt, seat.desk.face.cursor, seat.desk.face.echo.fault) == ("4711 0", 6, 6)
    await seat.type("⌫2⏎")
    assert seat.lines == [("4711", 2)]


async def test_what_is_typed_ahead_of_a_fault_commits_nothing(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("4711 5⏎nope 6⏎1035 24⏎.")
    assert len(books.rows(SalesOrder)) == 2
    assert seat.lines == [("4711", 5)]
    assert seat.prompt == "nope 61035 24."


# ---------------------------------------------------------------- rows of the pad


async def test_a_quantity_typed_into_a_row_that_cannot_be_keeps_the_commit_from_happening(
    seat: Seat, books: Books
) -> None:
    books.change(Product, {"code": "4720"}, multiple=Decimal(6))
    await seat.sit()
    await seat.type("r↓8↓↓4.")
    assert len(books.rows(SalesOrder)) == 2
    assert seat.prompt.startswith("2=8")
    await seat.type("<f12>2=12⏎4=4⏎.")
    assert [int(line.quantity) for line in (await _latest(seat)).lines] == [12, 12, 24, 4, 10]


async def test_a_row_taken_off_does_not_shift_what_is_typed_next(seat: Seat) -> None:
    await seat.sit()
    await seat.type("r0↓8↓9⏎")
    assert seat.lines == [("4720", 8), ("1035", 9), ("2208", 3), ("3319", 10)]
    await seat.type("↓" * 9 + "0↓")
    assert [code for code, _ in seat.lines] == ["4720", "1035", "2208"]


async def test_the_only_row_taken_off_ends_the_draft(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 2⏎↓0⏎")
    assert (seat.desk.now.draft, seat.desk.now.keys.row) == (None, None)
    await seat.type("4720 1⏎")
    assert seat.lines == [("4720", 1)]


async def test_a_letter_leaves_the_row_and_takes_the_quantity_along(seat: Seat) -> None:
    await seat.sit()
    await seat.type("r5d12⏎")
    assert seat.lines[0] == ("4711", 5)
    assert seat.desk.now.draft.requested_on.day == 12


@pytest.mark.parametrize("key", ["<f6>", "<f3>k"])
async def test_a_quantity_typed_into_a_row_is_taken_when_the_call_is_left(seat: Seat, books: Books, key: str) -> None:
    await seat.sit()
    await seat.type(f"k20418⏎4711 2⏎↓7{key}")
    assert seat.desk.now.call is None or seat.desk.now.call.slot == 1
    assert '"quantity":"7"' in books.row(Draft).lines


# ---------------------------------------------------------------- numbered questions


async def test_ambiguous_callers_are_a_numbered_list(seat: Seat) -> None:
    await seat.desk.start()
    await seat.type("northfield⏎")
    assert "2 fit" in seat.echo
    await seat.type("2")
    assert seat.desk.now.bar.code == "30101"


async def test_typing_over_a_question_leaves_it(seat: Seat) -> None:
    await seat.sit()
    await seat.type(" napkins 2⏎m wants white ones⏎")
    assert (seat.desk.now.choice, seat.prompt, seat.echo) == (None, "", "Noted.")


async def test_a_verb_letter_over_a_question_does_it(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 1⏎ napkins 2⏎u")
    assert (seat.desk.now.choice, seat.lines) == (None, [])


async def test_a_choice_that_cannot_be_puts_the_line_back(seat: Seat, books: Books) -> None:
    books.change(Product, {"code": "5001"}, multiple=Decimal(10))
    books.change(Product, {"code": "5002"}, multiple=Decimal(10))
    await seat.sit()
    await seat.type(" napkins 2⏎1")
    assert (seat.tone, seat.prompt) == ("wrong", " napkins 2")


async def test_an_order_may_be_found_from_anywhere(seat: Seat, books: Books) -> None:
    await seat.desk.start()
    await seat.type("/26000002⏎")
    assert seat.desk.now.bar.code == "20417"
    assert "ORDER 26000002" in seat.page()


async def test_the_jump_box_takes_the_first_hit_whatever_row_the_history_stood_on(seat: Seat) -> None:
    await seat.sit()
    await seat.type("h↓↓/northfield⏎")
    assert seat.desk.now.bar.code == "30100"
