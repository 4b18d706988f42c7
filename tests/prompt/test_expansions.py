"""Canned texts in the prompt: ';cd' and a blank, or Enter; and articles jumped to, read, said to have helped."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.models import ArticleHelped, Call
from csdesk.prompt import article_looks, line
from csdesk.prompt.desk import Desk
from csdesk.prompt.expansions import MOST_TYPED, NOTHING, Canned, expanded, fragment, notice, whole
from csdesk.prompt.keyboard import Typing, press
from csdesk.prompt.verbs import CALL, DRAFT, IDLE
from csdesk.services import canned, knowledge_writing
from csdesk.services.canned import CannedDraft
from csdesk.services.knowledge_writing import ArticleDraft
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books

LONG = os.environ.get("CSDESK_LONG") == "1"
TEXTS = {"cd": "The credit is on its way.", "hi": "Dear {contact} of {customer},", "od": "said ;cd and that"}
KNOWN = Canned(TEXTS, {code: f"title of {code}" for code in TEXTS}, {"rep": "Robin", "customer": "Deli"})
FORM = Canned(TEXTS, KNOWN.titles, KNOWN.values, True)


def typed(text: str, mode: str = CALL, known: Canned = KNOWN) -> str:
    """What stands in the prompt after these keys."""
    state = Typing(mode)
    for key in text:
        state, _ = press(state, key, known)
    return state.text


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("m ;cd ", "m The credit is on its way. "),
        ("m ;CD x", "m The credit is on its way. x"),
        ("m told her ;cd she said", "m told her The credit is on its way. she said"),
        ("m ;cd ;cd ", "m The credit is on its way. The credit is on its way. "),
        ("m ;od x", "m said ;cd and that x"),  # what was put in is text
        ("m ;hi ", "m Dear {contact} of Deli, "),
        ("m ;zz ", "m ;zz "),
        ("m ;c d", "m ;c d"),
        ("m a;cd ", "m a;cd "),
        ("m ; cd ", "m ; cd "),
        ("c512.1 2d ;cd ", "c512.1 2d The credit is on its way. "),
        ("t2.1d2 ;cd ", "t2.1d2 The credit is on its way. "),
        ("c512.1 ;cd ", "c512.1 ;cd "),
        ("/harb ;cd ", "/harb ;cd "),
        (";cd 12", ";cd 12"),
        ("m ;cd", "m ;cd"),
    ],
)
def test_a_blank_behind_a_code_puts_its_text_in(text: str, stands: str) -> None:
    assert typed(text) == stands


def test_enter_puts_the_text_in_and_takes_the_line() -> None:
    _, effect = press(Typing(CALL, "m ;cd", 5), "enter", KNOWN)
    assert (effect.kind, effect.text) == ("submit", "m The credit is on its way.")
    _, effect = press(Typing(IDLE, ";cd", 3, asking=True), "enter", FORM)
    assert effect.text == "The credit is on its way."
    assert press(Typing(IDLE, ";cd", 3), "enter", KNOWN)[1].text == ";cd"
    assert press(Typing(CALL, "m ;cd", 5), "enter")[1].text == "m ;cd"


def test_in_the_middle_of_a_line_only_the_code_goes() -> None:
    state, _ = press(Typing(CALL, "m a ;cd b", 7), " ", KNOWN)
    assert (state.text, state.cursor) == ("m a The credit is on its way.  b", 30)


def test_a_text_that_would_not_fit_stays_a_code() -> None:
    text = "m " + "x" * (MOST_TYPED - 12) + " ;cd"
    assert expanded(text, len(text), CALL, KNOWN) is None
    assert "too long" in notice(text + " ", len(text) + 1, CALL, KNOWN)


def test_a_line_typed_as_a_whole_has_all_its_codes_replaced() -> None:
    assert whole("m ;cd and ;hi ;zz ;cd", CALL, KNOWN) == (
        "m The credit is on its way. and Dear {contact} of Deli, ;zz The credit is on its way."
    )
    assert whole("4711 2", CALL, KNOWN) == "4711 2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m ;c", "cd title of cd; F4 lists them"),
        ("m ;", "cd title of cd; hi title of hi; od title of od; F4 lists them"),
        ("m ;cd", "a blank puts in: title of cd"),
        ("m ;zz", "there is no canned text ;zz; there are cd, hi, od"),
        ("m ;zz ", "there is no canned text ;zz; there are cd, hi, od"),
        ("m ;zz then", ""),
        ("m Dear {contact} of", "{contact} is not known here; type it in its place"),
        ("m {sic} {due} {order}", "{due}, {order} are not known here; type it in its place"),
        ("/{contact}", ""),
        ("m ; ", ""),
    ],
)
def test_the_echo_says_which_there_are_and_what_is_not_known(text: str, said: str) -> None:
    assert notice(text, len(text), CALL, KNOWN) == said
    assert notice(text, len(text), CALL, NOTHING) == ""


@settings(max_examples=5000 if LONG else 150, deadline=None)
@given(st.text("m;cdz {}hi.4", max_size=25), st.integers(0, 30), st.sampled_from((IDLE, CALL, DRAFT)))
def test_any_text_is_expanded_or_left(text: str, at: int, mode: str) -> None:
    at = min(at, len(text))
    for known in (KNOWN, FORM, NOTHING):
        notice(text, at, mode, known)
        fragment(text, at, mode, known)
        made = expanded(text, at, mode, known)
        assert made is None or (0 <= made[1] <= len(made[0]) < MOST_TYPED and made[0].endswith(text[at:]))
        assert whole(whole(text, mode, NOTHING), mode, NOTHING) == text


# ---------------------------------------------------------------- at the desk


REPLIES = (
    CannedDraft("cd", "Credit is on its way", "The credit is on its way to {customer}.\n\nYours, {rep}"),
    CannedDraft("ci", "Credit of an invoice", "The credit on {invoice} is on its way."),
)
ARTICLE = ArticleDraft("oil-cloudy", "Cloudy oil", "Cold makes it so.\n\n[/x] Warm it up. " * 30, publish=True)


@pytest.fixture
def told(books: Books) -> Books:
    """The tables behind a desk with two canned texts and an article."""
    books.lead.write_now(canned.load, REPLIES)
    books.lead.write_now(knowledge_writing.load, (ARTICLE,))
    return books


async def test_a_burst_of_keys_leaves_the_text_with_its_values(told: Books, seat: Seat) -> None:
    await seat.sit()
    await seat.type("m called ;cd ok⏎")
    said = "called The credit is on its way to Harbour View Deli.  Yours, Robin Penn ok"
    assert said in told.row(Call).note
    await seat.type("m⏎;cd⏎")
    assert told.row(Call).note.count("Yours, Robin Penn") == 2
    assert await line.enter(seat.desk, "m and ;cd once more")
    assert told.row(Call).note.count("Yours, Robin Penn") == 3


async def test_an_unknown_code_keeps_the_line_and_says_which_there_are(told: Books, seat: Seat) -> None:
    await seat.sit()
    assert await seat.type("m ;zz⏎") == (
        "There is no canned text ;zz; there are cd, ci. A blank behind keeps it as it is."
    )
    assert seat.prompt == "m ;zz"
    await seat.type(" ⏎")
    assert told.row(Call).note.endswith(";zz")


async def test_the_echo_of_a_code_and_of_what_is_missing(told: Books, seat: Seat) -> None:
    await seat.sit()
    await seat.type("m ;c")
    await seat.desk.look()
    assert seat.echo.startswith("cd Credit is on its way; ci Credit of an invoice; F4 lists them; ")
    await seat.type("i ")
    await seat.desk.look()
    assert seat.echo.startswith("{invoice} is not known here; type it in its place; ")
    assert seat.prompt == "m The credit on {invoice} is on its way. "


async def test_f4_lists_the_texts_and_a_digit_puts_one_in(told: Books, seat: Seat) -> None:
    await seat.sit()
    await seat.type("m x ;c<f4>")
    assert "ci Credit of an invoice The credit on {invoice}" in seat.page()
    await seat.type("<f12>")
    assert seat.prompt == "m x ;c"
    await seat.type("<f4>2")
    assert seat.prompt == "m x The credit on {invoice} is on its way."


async def test_a_text_added_meanwhile_is_known_when_it_is_looked_for(told: Books, seat: Seat) -> None:
    await seat.sit()
    told.lead.write_now(canned.load, (CannedDraft("new", "New one", "Something new."),))
    await seat.type("m ;new")
    await seat.desk.look()
    assert "a blank puts in: New one" in seat.echo
    await seat.type(" ")
    assert seat.prompt == "m Something new. "


async def test_an_article_is_jumped_to_read_to_its_end_and_helps_once_a_call(told: Books, seat: Seat) -> None:
    await seat.sit()
    await seat.type("/cloudy⏎")
    assert seat.page().startswith("ARTICLE oil-cloudy\nCloudy oil")
    assert "[/x] Warm it up." in seat.page()
    await seat.type("<pagedown>↓")
    assert seat.desk.face.page.cursor == 11
    assert await seat.type("*") == "Article oil-cloudy: noted; it helped 1 times"
    assert await seat.type("*") == "Article oil-cloudy: was counted already; it helped 1 times"
    assert len(told.rows(ArticleHelped)) == 1
    await seat.type("4711 2⏎")
    assert seat.lines == [("4711", 2)]
    assert await seat.type("*") == "No article is shown; / and some words find one."
    await seat.type("/cloudy⏎<f3>")
    assert seat.lines == [("4711", 2)]
    assert not seat.page().startswith("ARTICLE")


async def test_an_article_with_nobody_on_the_line(told: Books) -> None:
    seat = Seat(Desk(told.rep))
    await seat.desk.start()
    await seat.type("/cloudy⏎*⏎")
    assert told.row(ArticleHelped).occasion == "day 2026-03-03"
    await seat.type("<f3>")
    assert not seat.page().startswith("ARTICLE")
    hits = await article_looks.suggested(seat.desk, "quality", None, "2 bottles are clou")
    assert [row.cells[0] for row in article_looks.suggestion_rows(hits)] == ["/oil-cloudy  Cloudy oil"]
