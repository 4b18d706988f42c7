"""The single-line widgets as pure functions from a face to painted lines: calls, context, echo, prompt, keys, rule."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.prompt.grammar import LINE_END
from csdesk.prompt.page import Echo, Fact, Tab
from csdesk.screens.widgets.cells import Glyphs, Line, Span, clean, cut, length, width_of, wrapped

NAME_LEAST = 6
NAME_MOST = 24
FACT_MOST = 0.45  # no single fact may take more of the bar than this


def calls_line(
    tabs: Sequence[Tab], who: str, clock: str, ringing: str, width: int, glyphs: Glyphs, timers: bool = True
) -> Line:
    """The open calls at the left (`>` active, `*` parked), a ringing call, the rep and the clock at the right."""
    right = "  ".join(cut(text, width // 4, glyphs.more) for text in (who, clock if timers else "") if text)
    bell = (Span(f" {cut(ringing, width // 4, glyphs.more)} ", "ring"),) if ringing else ()
    room = width - width_of(right) - length(bell) - 2 * bool(bell) - 2
    left = _tabs(tabs, room, glyphs, timers)
    pad = width - length(left) - length(bell) - 2 * bool(bell) - width_of(right)
    gap = (Span("  "),) if bell else ()
    return (*left, Span(" " * max(0, pad)), *bell, *gap, Span(right, "dim"))


def _tabs(tabs: Sequence[Tab], room: int, glyphs: Glyphs, timers: bool) -> Line:
    """Tabs in `room` cells: names get shorter first, then parked calls at the end are counted instead of shown."""
    for shown in range(len(tabs), 0, -1):
        hidden = len(tabs) - shown
        tail = f"  +{hidden}" if hidden else ""
        for most in (NAME_MOST, 16, 12, 9, NAME_LEAST):
            spans = [_tab(tab, most, glyphs, timers) for tab in _keep_active(tabs, shown)]
            line = tuple(part for at, span in enumerate(spans) for part in ((Span("   "), span) if at else (span,)))
            if length(line) + width_of(tail) <= room:
                return (*line, Span(tail, "dim")) if tail else line
    return ()


def _keep_active(tabs: Sequence[Tab], shown: int) -> list[Tab]:
    kept = list(tabs[:shown])
    active = next((tab for tab in tabs if tab.active), None)
    if active is not None and active not in kept:
        kept[-1] = active
    return kept


def _tab(tab: Tab, most: int, glyphs: Glyphs, timers: bool) -> Span:
    minutes, seconds = divmod(max(0, tab.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    timer = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    name = f"{tab.slot}{'>' if tab.active else '*'}{cut(tab.name, most, glyphs.more)}"
    return Span(f"{name} {timer}" if timers else name, "strong" if tab.active else "plain")


def context_line(facts: Sequence[Fact], width: int, glyphs: Glyphs) -> Line:
    """What is known of the customer, most important first; facts that do not fit are left out from the end."""
    spans: list[Span] = []
    for fact in facts:
        most = width if len(facts) == 1 else max(12, int(width * FACT_MOST))
        label = f"{clean(fact.label)} " if fact.label else ""
        text = cut(fact.text, most - width_of(label), glyphs.more)
        gap = "  " if spans else ""
        if length(tuple(spans)) + width_of(gap + label + text) > width:
            break
        label_tone = fact.tone if fact.tone in {"warn", "good"} else "dim"
        spans += [Span(gap), Span(label, label_tone), Span(text, "strong" if fact.tone == "plain" else fact.tone)]
    return tuple(span for span in spans if span.text)


def echo_lines(echo: Echo, width: int, glyphs: Glyphs) -> list[Line]:
    """The echo in at most two lines; what is wrong, done or asked begins with a sign, not only with a colour."""
    if not clean(echo.text).strip():
        return [()]
    sign = {"wrong": "!", "done": glyphs.done, "ask": "?"}.get(echo.tone, "")
    tone = {"wrong": "warn", "done": "good", "ask": "strong"}.get(echo.tone, "plain")
    indent = width_of(sign) + 1 if sign else 0
    texts = wrapped(echo.text, width - indent, 2, glyphs.more)
    heads = [f"{sign} " if sign else "", " " * indent]
    return [tuple(Span(part, tone) for part in (head, text) if part) for head, text in zip(heads, texts, strict=False)]


def keys_line(keys: Sequence[tuple[str, str]], width: int, glyphs: Glyphs) -> Line:
    """The keys that work here; those that do not fit are left out from the end."""
    spans: list[Span] = []
    for key, label in keys:
        gap, name, what = "  " if spans else "", clean(key), f" {clean(label)}" if label else ""
        if length(tuple(spans)) + width_of(gap + name + what) > width:
            break
        spans += [Span(gap, "dim"), Span(name, "key"), Span(what, "dim")]
    return tuple(span for span in spans if span.text)


def rule_line(title: str, note: str, width: int, glyphs: Glyphs) -> Line:
    """A rule across the window with a title at the left and a note at the right."""
    head = f" {cut(' '.join(clean(title).split()), max(0, width - 8), glyphs.more)} " if title else ""
    tail = f" {note} " if note and width_of(head) + width_of(note) + 10 <= width else ""
    rest = max(0, width - 4 - width_of(head) - width_of(tail))
    spans = (
        Span(glyphs.rule * 2, "rule"),
        Span(head, "strong"),
        Span(glyphs.rule * rest, "rule"),
        Span(tail, "dim"),
        Span(glyphs.rule * 2, "rule"),
    )
    return tuple(span for span in spans if span.text)


def prompt_line(
    text: str, cursor: int, ghost: str, fault: int | None, width: int, glyphs: Glyphs, here: bool = True
) -> tuple[Line, int]:
    """The prompt with its cursor block, and the cell the cursor stands in; `ghost` is typed but not yet
    taken, Enter as a line end."""
    cursor = max(0, min(cursor, len(text)))
    begin = max(0, cursor - width)  # no letter further off has room: each takes a cell or more
    near = text[begin : cursor + width + 1]
    letters = [glyphs.enter if letter == LINE_END else clean(letter) or glyphs.unseen for letter in near]
    letters += [" "] * (begin + len(near) == len(text))
    cursor, fault = cursor - begin, None if fault is None else fault - begin
    first, last = _window(letters, cursor, max(3, width - 2))
    spans = [Span("> ", "strong" if here else "dim")]
    spans += [Span(glyphs.more, "dim")] * (first > 0)
    column = 2 + (first > 0) + sum(width_of(letter) for letter in letters[first:cursor])
    for place in range(first, last):
        tone = "caret" if here and place == cursor else "fault" if place == fault else "strong"
        spans.append(Span(letters[place], tone))
    spans += [Span(glyphs.more, "dim")] * (last < len(letters))
    room = max(0, width - length(tuple(spans)))
    return _joined([*spans, Span(cut(ghost.replace("\n", glyphs.enter), room, glyphs.more), "ghost")]), column


def _window(letters: Sequence[str], cursor: int, room: int) -> tuple[int, int]:
    """The letters seen, around the cursor; leaves a cell for the ellipsis at each side where some are hidden."""
    first, last = 0, len(letters)
    while sum(map(width_of, letters[first : cursor + 1])) > room - (first > 0) - (cursor + 1 < len(letters)):
        first += 1
    while sum(map(width_of, letters[first:last])) > room - (first > 0) - (last < len(letters)):
        last -= 1
    return first, last


def _joined(spans: Sequence[Span]) -> Line:
    out: list[Span] = []
    for span in spans:
        if out and out[-1].tone == span.tone and out[-1].back == span.back:
            out[-1] = Span(out[-1].text + span.text, span.tone, span.back)
        elif span.text:
            out.append(span)
    return tuple(out)
