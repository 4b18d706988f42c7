"""The verb table: every example is read as its verb wherever the verb works, and nothing else is in its way."""

from __future__ import annotations

import os
import random
import re
import string
import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.prompt import acts
from csdesk.prompt.pages.help import help_page
from csdesk.prompt.parse import Command, completes_without_enter, names_a_caller, parse
from csdesk.prompt.verbs import ANY, BY_ID, CALL, DRAFT, IDLE, TICKET, VERBS, Verb, by_letter, fires_at_once
from csdesk.services.duties import DUTIES

MODES = (IDLE, CALL, DRAFT)
LONG = os.environ.get("CSDESK_LONG") == "1"
settings.register_profile("fuzz", max_examples=100_000, deadline=None)
FUZZ = settings.get_profile("fuzz") if LONG else settings(max_examples=500, deadline=None)
EVERYWHERE = [(verb, mode) for verb in VERBS for mode in sorted(verb.where)]
# What a rep, a cat on the keyboard, or a barcode reader types: digits and signs of the grammar far more often.
SIGNS = "0123456789" * 6 + ".,+*/-= ?" * 8 + string.ascii_letters + "äßéΣщ漢🙂\u202e½²٣\u00a0"


@pytest.mark.parametrize(("verb", "mode"), EVERYWHERE, ids=[f"{verb.id}-{mode}" for verb, mode in EVERYWHERE])
def test_the_example_is_read_as_its_verb(verb: Verb, mode: str) -> None:
    command = parse(verb.example, mode)
    assert (command.verb, command.ask) == (verb, False)
    assert set(command.args) == set(verb.pattern.groupindex)


@pytest.mark.parametrize("verb", VERBS, ids=[verb.id for verb in VERBS])
def test_a_verb_is_whole(verb: Verb) -> None:
    assert verb.id in acts.ACTS
    assert verb.duty in DUTIES
    assert verb.where
    assert verb.where <= ANY
    assert verb.does[0].islower()
    assert verb.words or not verb.letter
    assert len(verb.letter) <= 1
    for mode in verb.where:
        shown = [row.cells for row in help_page(mode).rows]
        assert (verb.shape, verb.does) in shown


def test_letters_and_ids_are_given_once() -> None:
    assert len(BY_ID) == len(VERBS) == len(acts.ACTS)
    for mode in ANY:
        letters = [verb.letter for verb in VERBS if verb.letter and mode in verb.where]
        shared = {letter for letter in letters if letters.count(letter) > 1}
        # cash: one letter, then what is done with it by its sign; b alone is the short line's, with a time a callback;
        # a complaint has a place behind t, another ticket its kind; r- drops what r begins, m- undoes m, a+ confirms
        more = {DRAFT: {"b", "t"}, CALL: {"t"}, TICKET: {"r", "m", "a"}}.get(mode, set())
        assert shared <= {"o"} | more
    for verb in (each for each in VERBS if each.letter == "o" and CALL in each.where):
        assert parse(verb.example, "call").verb is verb


@pytest.mark.parametrize("verb", [verb for verb in VERBS if len(verb.letter) == 1 and verb.letter.isalpha()])
def test_a_shape_shows_examples_that_work(verb: Verb) -> None:
    """Each blank-separated example of the shape that is no placeholder is read as this verb."""
    typed = [part for part in re.split(r"\s{2,}|(?<=\S) (?=d)", verb.shape) if part.strip()]
    for each in typed:
        assert parse(each.strip(), sorted(verb.where)[0]).verb is verb


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.guide])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_letter_alone_opens_its_form(verb: Verb, case: type) -> None:
    for mode in verb.where:
        if by_letter(verb.letter, mode) == verb:
            assert parse(case(verb.letter), mode) == Command(verb, {}, case(verb.letter), ask=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("letter", string.ascii_letters + string.digits + string.punctuation)
def test_a_letter_fires_only_where_its_verb_works_and_needs_no_more(letter: str, mode: str) -> None:
    verb = fires_at_once(letter, mode)
    expected = by_letter(letter, mode)
    fires = expected is not None and expected.at_once and mode in expected.where and mode != IDLE
    assert (verb is not None) == fires


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("text", "mode", "verb", "args"),
    [
        ("4711 12", CALL, "line", {"code": "4711", "quantity": "12", "unit": ""}),
        ("4711 12 case", DRAFT, "line", {"code": "4711", "quantity": "12", "unit": "case"}),
        ("4711 1,5 kg.", DRAFT, "line", {"code": "4711", "quantity": "1,5", "unit": "kg."}),
        ("olive oil 3", CALL, "line", {"code": "olive oil", "quantity": "3", "unit": ""}),
        ("A-1-3", CALL, "line", {"code": "A-1", "quantity": "3", "unit": ""}),
        ("3 = 0", DRAFT, "set", {"line": "3", "quantity": "0"}),
        ("2 6", CALL, "usual", {"number": "2", "quantity": "6"}),
        ("123 6", CALL, "line", {"code": "123", "quantity": "6", "unit": ""}),
        ("d 12", DRAFT, "date", {"day": "12"}),
        ("D+3", DRAFT, "date", {"day": "+3"}),
        ("d12/6", DRAFT, "date", {"day": "12/6"}),
        ("dfri", DRAFT, "date", {"day": "fri"}),
        ("X 4 C", CALL, "cancel", {"line": "4", "reason": "C"}),
        ("e140", DRAFT, "amend", {"ending": "140"}),
        ("k2", IDLE, "park", {"slot": "2"}),
        ("kilo", IDLE, "find", {"text": "kilo"}),
        ("i4711", CALL, "info", {"what": "4711"}),
        ("i 3", DRAFT, "info", {"what": "3"}),
        ("m  hello ", CALL, "note", {"text": "hello"}),
        ("? date ", IDLE, "help", {"about": "date"}),
        (" 2 6", CALL, "usual", {"number": "2", "quantity": "6"}),
        (" e140 2", CALL, "line", {"code": "e140", "quantity": "2", "unit": ""}),
        ("+12025550142", IDLE, "find", {"text": "+12025550142"}),
    ],
)
def test_read_as(text: str, mode: str, verb: str, args: dict[str, str]) -> None:
    command = parse(text, mode)
    assert (command.verb.id, command.args) == (verb, args)


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("", CALL, "Nothing is typed; ? shows what can be typed here."),
        ("   ", IDLE, "Nothing is typed"),
        ("4711", CALL, "'4711' needs a quantity: CODE QTY adds a line (4711 12); ? shows the rest."),
        ("3=36", CALL, "'3=36' needs a quantity"),
        (
            ".",
            CALL,
            "'.' (places the order or applies the changes) works in a draft, not here.",
        ),
        ("d12", CALL, "'d' (the wanted day) works in a draft, not here."),
        (
            ">",
            TICKET,
            "'>' (what the shift before hands over to your team) works on the first page or in the queue, "
            "not here; F3 goes back.",
        ),
        ("t1.1d2 crushed", TICKET, "F3 first: a new complaint is opened from the customer's page, on a call."),
        ("tq when", TICKET, "F3 first: a new ticket is opened from the customer's page, on a call."),
        ("t why", CALL, "'t' (makes it yours) works among tickets, not here."),
        ("g dam", CALL, "'g' (what it is about) works among tickets, not here."),
        ("p12", CALL, "'p' (its priority) works among tickets, not here."),
        ("%4", CALL, "'%' (how it was) works among tickets, not here."),
        ("wc", TICKET, "'wc' is not complete: wc fri question "),
        ("wc fri", TICKET, "'wc fri' is not complete: wc fri question "),
        ("47 11", TICKET, "'47 11' is no verb of a ticket; F4 lists them"),
        ("x4", CALL, "'x4' is not complete: x4c "),
        ("x" * 60, CALL, f"'{'x' * 40}' needs a quantity"),
        ("4711 1.2345", CALL, "A quantity has at most three decimals."),
    ],
)
def test_what_cannot_be_read_says_what_to_type(text: str, mode: str, words: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse(text, mode).quantity()
    assert raised.value.message.startswith(words)


@pytest.mark.parametrize(
    ("typed", "quantity"), [("1,5", "1.5"), ("0", "0"), ("007", "7"), ("999999999.999", "999999999.999")]
)
def test_a_quantity_with_comma_or_point(typed: str, quantity: str) -> None:
    assert parse(f"4711 {typed}", CALL).quantity() == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "mode", "taken"),
    [("d12", DRAFT, True), ("d+3", DRAFT, True), ("dfri", DRAFT, True), ("d12/6", DRAFT, True), ("d", DRAFT, False),
     ("d12", CALL, False), ("4711 2", DRAFT, False), ("", DRAFT, False)],
)  # fmt: skip
def test_only_a_date_is_taken_by_the_commit_key(text: str, mode: str, taken: bool) -> None:
    assert completes_without_enter(text, mode) is taken


@pytest.mark.parametrize(
    ("text", "caller"),
    [("ha", True), ("550142", True), ("h", False), ("k2", False), ("/harb", False), ("?da", False), ("  h ", False)],
)
def test_what_begins_a_call(text: str, caller: bool) -> None:
    assert names_a_caller(text) is caller


# ---------------------------------------------------------------- anything at all


def read(text: str, mode: str) -> None:
    """Reads a line; raises nothing but Invalid with a sentence and a field."""
    try:
        command = parse(text, mode)
        assert mode in command.verb.where
        if "quantity" in command.args:
            assert command.quantity() >= 0
    except Invalid as error:
        assert error.message.endswith((".", "…"))  # noqa: PT017


@FUZZ
@given(st.text(max_size=60), st.sampled_from(MODES))
@example("4711 ١٢", CALL)
@example("² 5", CALL)
@example("\x00", IDLE)
@example("a\nb", IDLE)
@example("x1ſ", CALL)
def test_any_text_is_read_or_refused(text: str, mode: str) -> None:
    read(text, mode)


def test_a_hundred_thousand_lines_are_read_or_refused_in_seconds() -> None:
    dice = random.Random(7)
    examples = [verb.example for verb in VERBS]
    began = time.perf_counter()
    for n in range(100_000):
        text = "".join(dice.choices(SIGNS, k=dice.randint(0, 14)))
        if n % 3 == 0:
            text = dice.choice(examples)[: dice.randint(0, 9)] + text[:4]
        read(text, MODES[n % 3])
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize(
    "text", ["a " * 1000, "4711 " * 400, " " * 2000, "9" * 2000, "*/-" * 666, "a" * 1999 + " 5", "d" + "+" * 1998]
)
def test_a_text_as_long_as_can_be_typed_is_read_at_once(text: str) -> None:
    began = time.perf_counter()
    for mode in MODES:
        read(text, mode)
    assert time.perf_counter() - began < 2
