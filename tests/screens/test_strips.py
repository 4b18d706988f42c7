"""The single lines: calls, context, echo, prompt, keys, rules."""

from __future__ import annotations

import pytest

from csdesk.prompt.page import Echo, Fact, Tab
from csdesk.screens.widgets import strips
from csdesk.screens.widgets.cells import ASCII, PRETTY, Span, length, plain
from tests.screens import fake

WIDTHS = (80, 120, 200, 30)


def test_the_calls_line_is_the_one_of_the_design() -> None:
    line = strips.calls_line(fake.TABS, "rep7  North", "14:03", "", 80, PRETTY)
    assert plain(line) == "1>HARBOUR VIEW 03:12   2*SMITHS 00:41                         rep7  North  14:03"


def test_a_ringing_call_is_written_out() -> None:
    assert " RINGING 550142 " in plain(strips.calls_line(fake.TABS, "rep7", "14:03", "RINGING 550142", 80, PRETTY))


def test_many_calls_get_shorter_names_and_then_a_count_but_the_active_one_stays() -> None:
    tabs = [Tab(n, f"CUSTOMER {n}", 60 * n, n == 9) for n in range(1, 10)]
    text = plain(strips.calls_line(tabs, "rep7", "14:03", "", 80, PRETTY))
    assert "9>" in text
    assert "  +" in text
    assert len(text) == 80


def test_long_calls_count_hours() -> None:
    assert "1>A 1:00:05" in plain(strips.calls_line([Tab(1, "A", 3605, True)], "", "", "", 80, PRETTY))


def test_without_timers_nothing_counts() -> None:
    text = plain(strips.calls_line(fake.TABS, "rep7", "14:03", "", 80, PRETTY, timers=False))
    assert ":" not in text


def test_facts_that_do_not_fit_are_left_out_from_the_end() -> None:
    text = plain(strips.context_line(fake.CONTEXT, 80, PRETTY))
    assert text == "20417 HARBOUR VIEW DELI  BAL 5210.40  OD! 412.50  LEFT 2289.60  PD 1180.00 2JUN"
    assert "TERMS 30 days net" in plain(strips.context_line(fake.CONTEXT, 120, PRETTY))


def test_a_long_name_does_not_push_the_balance_out() -> None:
    facts = (Fact("", "20417 " + "N" * 200), Fact("BAL", "5210.40"), Fact("OD!", "412.50", "warn"))
    text = plain(strips.context_line(facts, 80, PRETTY))
    assert "…  BAL 5210.40  OD! 412.50" in text


@pytest.mark.parametrize(
    ("tone", "pretty", "ascii_text"),
    [
        ("info", "done", "done"),
        ("done", "✓ done", "OK done"),
        ("wrong", "! done", "! done"),
        ("ask", "? done", "? done"),
    ],
)
def test_the_echo_tells_its_kind_without_colour(tone: str, pretty: str, ascii_text: str) -> None:
    echo = Echo("done", tone)  # type: ignore[arg-type]
    assert plain(strips.echo_lines(echo, 80, PRETTY)[0]) == pretty
    assert plain(strips.echo_lines(echo, 80, ASCII)[0]) == ascii_text


def test_a_long_echo_takes_two_lines_and_then_an_ellipsis() -> None:
    lines = strips.echo_lines(Echo("word " * 60, "wrong"), 80, PRETTY)
    assert len(lines) == 2
    assert plain(lines[1]).endswith("…")
    assert plain(lines[1]).startswith("  word")


def test_the_prompt_shows_cursor_fault_and_what_waits() -> None:
    line, column = strips.prompt_line("4711 12", 2, "", 5, 80, PRETTY)
    assert column == 4
    assert line == (Span("> ", "strong"), Span("47", "strong"), Span("1", "caret"), Span("1 ", "strong"),
                    Span("1", "fault"), Span("2 ", "strong")) or plain(line) == "> 4711 12 "  # fmt: skip
    assert [span.text for span in line if span.tone == "fault"] == ["1"]
    line, column = strips.prompt_line("47", 2, "11 12\n", None, 80, PRETTY)
    assert (plain(line), column) == ("> 47 11 12↵", 4)
    assert line[-1] == Span("11 12↵", "ghost")


def test_a_long_prompt_moves_under_its_cursor() -> None:
    text = "".join(str(n % 10) for n in range(300))
    for cursor in (0, 10, 150, 299, 300):
        line, column = strips.prompt_line(text, cursor, "ghost", None, 80, PRETTY)
        assert length(line) <= 80
        shown = plain(line)
        assert shown[column] == (text[cursor] if cursor < 300 else " ")
        assert ("…" in shown[:4]) == (cursor > 70)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_leaves_its_window_whatever_customers_are_called(width: int) -> None:
    face = fake.HOSTILE
    lines = [
        strips.calls_line(face.tabs, face.who, face.clock, face.ringing, width, PRETTY),
        strips.context_line(face.context, width, PRETTY),
        strips.rule_line(face.page.title, "1-9 of 200", width, PRETTY),
        *strips.echo_lines(face.echo, width, PRETTY),
        strips.prompt_line(face.prompt, face.cursor, fake.HOSTILE_NAME, 3, width, PRETTY)[0],
        strips.keys_line(face.keys, width, PRETTY),
    ]
    for line in lines:
        assert length(line) <= width
        assert plain(line).isprintable()


def test_the_keys_line_fits_eight_hints_and_leaves_the_rest_out() -> None:
    keys = tuple((f"F{n}", "Commit") for n in range(1, 13))
    text = plain(strips.keys_line(keys, 80, PRETTY))
    assert text.startswith("F1 Commit  F2 Commit")
    assert len(text) <= 80
    assert text.endswith("Commit")
