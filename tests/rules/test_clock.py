"""Open time: against the minute-walking reference, by its laws, and cases worked by hand."""

from __future__ import annotations

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules import clock
from csdesk.rules.clock import (
    ALWAYS,
    Calendar,
    WorkingDays,
    before,
    due,
    elapsed,
    is_open,
    next_close,
    next_open,
    open_spans,
    open_time,
)
from csdesk.rules.clock_text import calendar_of, words_of
from tests.rules.clock_reference import MINUTE, Walk

LONG = os.environ.get("CSDESK_LONG") == "1"
WALKS = settings(max_examples=4000 if LONG else 12, deadline=None, suppress_health_check=list(HealthCheck))
LAWS = settings(max_examples=5000 if LONG else 60, deadline=None, suppress_health_check=list(HealthCheck))
HOUR = timedelta(hours=1)

# Zones with a day on which their clocks change: by an hour, half an hour, two, a whole day; at midnight, at 00:01.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)), ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)), ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)), ("Asia/Kathmandu", date(2026, 5, 5)),
    ("Africa/Casablanca", date(2026, 2, 15)), ("Africa/Casablanca", date(2026, 3, 22)),
    ("Pacific/Apia", date(2011, 12, 30)), ("Africa/Cairo", date(2026, 4, 24)), ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)), ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 17)), ("Antarctica/Troll", date(2026, 3, 29)),
    ("America/St_Johns", date(2010, 3, 14)), ("America/St_Johns", date(2010, 11, 7)),
    ("Asia/Pyongyang", date(2015, 8, 15)), ("UTC", date(2026, 1, 1)),
)  # fmt: skip
EDGES = st.sampled_from((0, 1, 30, 60, 90, 119, 120, 150, 180, 210, 480, 719, 720, 1020, 1380, 1410, 1440))
BLOCKS = st.lists(EDGES | st.integers(0, 1440), max_size=6, unique=True).map(
    lambda edges: tuple(
        (a, b) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False) if b != 1439
    )
)  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn, change: tuple[str, date] | None = None) -> tuple[Calendar, date]:
    zone, day = change or draw(st.sampled_from(CHANGES))
    near = st.integers(-8, 12).map(lambda days: day + timedelta(days=days))
    week = draw(st.lists(BLOCKS, min_size=7, max_size=7).filter(any))
    country = draw(st.sampled_from(("", "", "DE", "US")))
    return Calendar(
        zone=zone,
        week=tuple(week),
        holidays=draw(st.frozensets(near, max_size=3)),
        replacement=tuple(draw(st.dictionaries(near, BLOCKS, max_size=2)).items()),
        country=country,
        subdivision=draw(st.sampled_from(("", "BE"))) if country == "DE" else "",
    ), day


def near(day: date) -> st.SearchStrategy[datetime]:
    """Whole minutes some days around a day, often those around it at night."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return (st.integers(-36 * 60, 24 * 60) | st.integers(-6 * 1440, 6 * 1440)).map(
        lambda minutes: noon + minutes * MINUTE
    )


def spans(day: date) -> st.SearchStrategy[list[tuple[datetime, datetime]]]:
    return st.lists(st.tuples(near(day), near(day)).map(lambda each: (min(each), max(each))), max_size=3)


# ---------------------------------------------------------------- the reference


@WALKS
@given(st.data())
def test_the_engine_agrees_with_a_walk_minute_by_minute(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    start, end, pauses = data.draw(near(day)), data.draw(near(day)), data.draw(spans(day))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    walk = Walk(calendar, noon - timedelta(days=7), noon + timedelta(days=12))
    low, high = min(start, end), max(start, end)
    assert elapsed(calendar, low, high) == walk.elapsed(low, high)
    assert elapsed(calendar, low, high, pauses) == walk.elapsed(low, high, pauses)
    assert is_open(calendar, start) == bool(walk.open[walk.place(start)])
    target = data.draw(st.integers(0, 3000) | st.just(walk.elapsed(low, high, pauses) // MINUTE)) * MINUTE
    if (found := walk.due(start, target, pauses)) is not None:
        assert due(calendar, start, target, pauses) == found
    if (found := walk.before(end, target)) is not None:
        assert before(calendar, end, target) == found
    days = data.draw(st.integers(0, 3))
    if len([1 for each, _ in walk.closes if each > start.date()]) > days + 1:
        assert due(calendar, start, WorkingDays(days)) == walk.close_of_day(start, days)
    if (opens := walk.open.find(1, walk.place(start))) >= 0 and opens < len(walk.open) - 2 * 1440:
        assert next_open(calendar, start) == walk.at(opens)
        closes = walk.open.find(0, opens)
        if 0 <= closes < len(walk.open) - 2 * 1440:
            assert next_close(calendar, start) == walk.at(closes)


# ---------------------------------------------------------------- laws


def fitting(calendar: Calendar, target: timedelta) -> timedelta:
    """A target of at most some dozen of the calendar's weeks: a week may have one open minute."""
    return min(target, 30 * sum(end - start for blocks in calendar.week for start, end in blocks) * MINUTE)


@LAWS
@given(st.data(), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_elapsed_by_the_due_is_the_target(data: st.DataObject, target: timedelta) -> None:
    """To the microsecond, with pauses; a moment earlier it is less; backwards leads to the start again."""
    calendar, day = data.draw(calendars())
    start, pauses = data.draw(near(day)) + data.draw(st.timedeltas(timedelta(0), MINUTE)), data.draw(spans(day))
    target = fitting(calendar, target)
    at = due(calendar, start, target, pauses)
    assert elapsed(calendar, start, at, pauses) == target
    assert at >= start
    if target:
        assert elapsed(calendar, start, at - timedelta(microseconds=1), pauses) < target
    plain = due(calendar, start, target)
    assert plain <= at
    back = before(calendar, plain, target)
    assert start <= back <= plain
    assert elapsed(calendar, back, plain) == target
    assert elapsed(calendar, start, back) == timedelta(0)


@LAWS
@given(st.data())
def test_elapsed_adds_up_and_never_falls(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    pauses = data.draw(spans(day))
    a, b, c = sorted(data.draw(st.tuples(near(day), near(day), near(day))))
    one, two, both = (elapsed(calendar, *each, pauses) for each in ((a, b), (b, c), (a, c)))
    assert one + two == both
    assert both >= one >= timedelta(0)
    assert elapsed(calendar, c, a) == timedelta(0)
    assert sum((y - x for x, y in open_spans(calendar, a, c)), timedelta(0)) == elapsed(calendar, a, c)


@LAWS
@given(st.data(), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_pause_in_two_parts_or_in_another_order_is_the_same_pause(data: st.DataObject, target: timedelta) -> None:
    calendar, day = data.draw(calendars())
    start, pauses = data.draw(near(day)), data.draw(spans(day))
    target = fitting(calendar, target)
    split = [part for a, b in pauses for part in ((a + (b - a) / 2, b), (a, a + (b - a) / 2))]
    doubled = data.draw(st.permutations(split + pauses))
    assert due(calendar, start, target, split) == due(calendar, start, target, pauses)
    assert due(calendar, start, target, doubled) == due(calendar, start, target, pauses)
    end = data.draw(near(day))
    assert elapsed(calendar, start, end, doubled) == elapsed(calendar, start, end, pauses)


@LAWS
@given(st.data(), st.timedeltas(timedelta(0), timedelta(days=5)))
def test_a_holiday_more_is_never_earlier_and_a_block_more_never_later(data: st.DataObject, target: timedelta) -> None:
    calendar, day = data.draw(calendars())
    start, pauses, added = data.draw(near(day)), data.draw(spans(day)), data.draw(st.integers(-8, 12))
    target = fitting(calendar, target)
    closed = replace(calendar, holidays=calendar.holidays | {day + timedelta(days=added)})
    assert due(closed, start, target, pauses) >= due(calendar, start, target, pauses)
    weekday = data.draw(st.integers(0, 6))
    wider = list(calendar.week)
    last = max((end for _, end in wider[weekday]), default=0)
    if last < 1438:
        wider[weekday] = (*wider[weekday], (last, data.draw(st.integers(last + 1, 1438))))
        assert due(replace(calendar, week=tuple(wider)), start, target, pauses) <= due(calendar, start, target, pauses)


@LAWS
@given(st.data(), st.integers(0, 6))
def test_working_days_are_open_time_from_the_start_once(data: st.DataObject, days: int) -> None:
    calendar, day = data.draw(calendars())
    start, pauses = data.draw(near(day)), data.draw(spans(day))
    span = open_time(calendar, start, WorkingDays(days))
    assert due(calendar, start, WorkingDays(days), pauses) == due(calendar, start, span, pauses)
    assert due(calendar, start, WorkingDays(days + 1)) >= due(calendar, start, WorkingDays(days))
    more = replace(calendar, holidays=calendar.holidays | {day + timedelta(days=data.draw(st.integers(-8, 12)))})
    if calendar.zone != "Pacific/Apia":  # a day that does not exist lies on the next, and may close after it
        assert due(more, start, WorkingDays(days)) >= due(calendar, start, WorkingDays(days)), "without pauses"


@LAWS
@given(st.data())
def test_a_calendar_written_and_read_again_is_the_same(data: st.DataObject) -> None:
    calendar, _ = data.draw(calendars())
    again = calendar_of(words_of(calendar))
    assert again == replace(calendar, replacement=tuple(sorted(calendar.replacement)))


@LAWS
@given(st.data())
def test_opening_and_closing_are_the_edges_of_open_time(data: st.DataObject) -> None:
    calendar, day = data.draw(calendars())
    at = data.draw(near(day))
    opens, closes = next_open(calendar, at), next_close(calendar, at)
    assert is_open(calendar, opens)
    assert elapsed(calendar, at, opens) == timedelta(0)
    assert (opens == at) == is_open(calendar, at)
    if closes is not None:
        assert not is_open(calendar, closes)
        assert elapsed(calendar, opens, closes) == closes - opens > timedelta(0)


# ---------------------------------------------------------------- by hand

SHOP = ((480, 720), (780, 1020))  # 8 to 12, 13 to 17
OFFICE = Calendar("Europe/Berlin", (SHOP,) * 5 + ((), ()))
BERLIN = ZoneInfo("Europe/Berlin")


def local(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("start", "hours", "found"),
    [
        ("2026-06-12 16:00", 2, "2026-06-15 09:00"),  # a Friday: one hour is left
        ("2026-06-12 16:00", 1, "2026-06-12 17:00"),  # fills the block: its close, not Monday's opening
        ("2026-06-12 11:00", 1, "2026-06-12 12:00"),
        ("2026-06-12 11:00", 2, "2026-06-12 14:00"),  # across lunch
        ("2026-06-13 10:00", 3, "2026-06-15 11:00"),  # a Saturday: counting begins on Monday
        ("2026-06-12 17:00", 8, "2026-06-15 17:00"),  # the end of a block is closed
        ("2026-06-12 16:00", 0, "2026-06-12 16:00"),
        ("2026-06-13 16:00", 0, "2026-06-13 16:00"),
    ],
)
def test_hours_of_an_office(start: str, hours: int, found: str) -> None:
    assert due(OFFICE, local(start), hours * HOUR) == local(found)


def test_holidays_and_hours_of_single_dates() -> None:
    calendar = replace(
        OFFICE, country="DE", subdivision="BE", holidays=frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
        replacement=((date(2026, 12, 31), ((480, 720),)),),
    )  # fmt: skip
    assert due(calendar, local("2026-12-23 16:00"), 2 * HOUR) == local("2026-12-28 09:00"), "24 own, 25 of the country"
    assert due(calendar, local("2026-12-30 16:00"), 5 * HOUR) == local("2026-12-31 12:00"), "hours come before holidays"
    assert due(calendar, local("2026-12-31 11:00"), 2 * HOUR) == local("2027-01-04 09:00"), "1 January"
    assert due(calendar, local("2026-03-06 16:00"), 2 * HOUR) == local("2026-03-09 09:00")
    assert calendar.is_holiday(date(2027, 3, 8)), "Berlin alone has 8 March"
    assert not replace(calendar, subdivision="").is_holiday(date(2027, 3, 8))


def test_a_pause_over_a_night_counts_only_where_it_overlaps_open_time() -> None:
    pause = (local("2026-06-10 16:30"), local("2026-06-11 09:30"))
    assert due(OFFICE, local("2026-06-10 16:00"), 2 * HOUR, [pause]) == local("2026-06-11 11:00")
    assert due(OFFICE, local("2026-06-10 16:00"), 2 * HOUR) == local("2026-06-11 09:00")
    night = (local("2026-06-10 17:00"), local("2026-06-11 08:00"))
    assert due(OFFICE, local("2026-06-10 16:00"), 2 * HOUR, [night]) == local("2026-06-11 09:00")


NIGHT = Calendar("Europe/Berlin", (((0, 1440),),) * 7)


@pytest.mark.parametrize(
    ("block", "day", "hours"),
    [
        ((60, 240), "2026-03-29", "2"),  # 01 to 04: an hour is missing
        ((60, 240), "2026-10-25", "4"),
        ((120, 240), "2026-03-29", "1"),  # begins at 03:00
        ((120, 180), "2026-03-29", "0"),  # is not there at all
        ((60, 150), "2026-03-29", "1.5"),  # 02:30 does not exist and is 03:30
        ((150, 240), "2026-03-29", "0.5"),
        ((150, 180), "2026-03-29", "0"),  # would end before it begins
        ((120, 180), "2026-10-25", "2"),  # from the first 02:00 to 03:00
        ((60, 150), "2026-10-25", "1.5"),  # to the first 02:30
        ((150, 180), "2026-10-25", "1.5"),
    ],
)
def test_blocks_in_the_nights_the_clocks_change(block: tuple[int, int], day: str, hours: str) -> None:
    calendar = Calendar("Europe/Berlin", ((block,),) * 7)
    start = local(f"{day} 00:00")
    assert elapsed(calendar, start, start + 25 * HOUR - 2 * HOUR) == float(hours) * HOUR


def test_blocks_that_overlap_once_they_are_moved_are_one() -> None:
    """01:00 to 02:30 ends at 03:30 that night, 03:00 to 03:10 lies within it, 03:20 to 04:00 goes on from it."""
    calendar = Calendar("Europe/Berlin", (((60, 150), (180, 190), (200, 240)),) * 7)
    night = local("2026-03-29 00:00"), local("2026-03-29 12:00")
    assert open_spans(calendar, *night) == [(local("2026-03-29 01:00"), local("2026-03-29 04:00"))]
    inner = Calendar("Europe/Berlin", (((60, 150), (180, 190)),) * 7)
    assert elapsed(inner, *night) == 1.5 * HOUR


def test_spring_and_autumn_of_a_desk_that_never_closes() -> None:
    assert due(NIGHT, local("2026-03-28 22:00"), 8 * HOUR) == local("2026-03-29 07:00")
    assert due(NIGHT, local("2026-10-24 22:00"), 8 * HOUR) == local("2026-10-25 05:00")
    assert elapsed(NIGHT, local("2026-03-29 00:00"), local("2026-03-30 00:00")) == 23 * HOUR
    assert next_close(NIGHT, local("2026-03-29 00:00")) is None
    assert next_close(ALWAYS, local("2026-03-29 00:00")) is None


def test_a_day_that_ends_at_24_00_goes_over_into_the_next() -> None:
    late = Calendar("Europe/Berlin", (((1200, 1440),), ((0, 120),), (), (), (), (), ()))
    assert due(late, local("2026-06-08 23:00"), HOUR) == local("2026-06-09 00:00")
    assert due(late, local("2026-06-08 23:00"), 3 * HOUR) == local("2026-06-09 02:00")
    assert next_close(late, local("2026-06-08 21:00")) == local("2026-06-09 02:00"), "no minute between the days"
    assert due(late, local("2026-06-08 21:00"), WorkingDays(0)) == local("2026-06-09 00:00"), "of the day itself"
    assert due(late, local("2026-06-08 21:00"), WorkingDays(1)) == local("2026-06-09 02:00")


@pytest.mark.parametrize(
    ("start", "days", "found"),
    [
        ("2026-06-12 09:00", 0, "2026-06-12 17:00"),
        ("2026-06-12 18:00", 0, "2026-06-15 17:00"),  # nothing is left of Friday
        ("2026-06-13 09:00", 0, "2026-06-15 17:00"),
        ("2026-06-12 09:00", 1, "2026-06-15 17:00"),
        ("2026-06-12 18:00", 1, "2026-06-15 17:00"),
        ("2026-06-13 09:00", 2, "2026-06-16 17:00"),
    ],
)
def test_working_days_end_at_the_close(start: str, days: int, found: str) -> None:
    assert due(OFFICE, local(start), WorkingDays(days)) == local(found)


def test_a_pause_pushes_a_target_of_working_days() -> None:
    pause = (local("2026-06-12 12:00"), local("2026-06-15 12:00"))  # 4 hours of Friday, 4 of Monday
    assert due(OFFICE, local("2026-06-12 09:00"), WorkingDays(1), [pause]) == local("2026-06-16 17:00")


def test_when_to_warn() -> None:
    assert before(OFFICE, local("2026-06-15 09:00"), 30 * MINUTE) == local("2026-06-15 08:30")
    assert before(OFFICE, local("2026-06-15 08:15"), 30 * MINUTE) == local("2026-06-12 16:45")
    assert before(OFFICE, local("2026-06-15 09:00"), HOUR) == local("2026-06-15 08:00"), "the latest such instant"
    assert before(OFFICE, local("2026-06-14 09:00"), timedelta(0)) == local("2026-06-14 09:00")


def test_instants_of_any_zone_to_the_microsecond() -> None:
    start = datetime(2026, 6, 12, 23, 59, 59, 999_999, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = due(OFFICE, start, timedelta(seconds=1, microseconds=1))
    assert found == local("2026-06-15 08:00:01"), "the last microsecond before 17:00 in Berlin, then a second on Monday"
    assert found.utcoffset() == timedelta(0)
    assert due(OFFICE, local("2026-10-25 02:30", fold=1), timedelta(0)) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


# ---------------------------------------------------------------- what is refused

MONDAY = ((480, 720),)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"zone": "Europe/Nowhere"}, "No time zone"), ({"zone": ""}, "No time zone"), ({"zone": "../etc"}, "time zone"),
        ({"week": (MONDAY,) * 6}, "seven days"), ({"week": ((),) * 7}, "without any open"),
        ({"week": (((480, 1439),),) * 7}, "24:00 is meant"), ({"week": (((480, 480),),) * 7}, "later"),
        ({"week": (((-1, 480),),) * 7}, "later"), ({"week": (((480, 1441),),) * 7}, "at most 24:00"),
        ({"week": (((480, 720), (700, 800)),) * 7}, "overlap"), ({"week": (((780, 800), (480, 720)),) * 7}, "rise"),
        ({"week": (((8.0, 12.0),),) * 7}, "minute of the day"), ({"country": "XX"}, "No holidays"),
        ({"country": "DE", "subdivision": "QQ"}, "part 'QQ'"), ({"subdivision": "BE"}, "country too"),
        ({"holidays": frozenset({datetime(2026, 1, 1, tzinfo=UTC)})}, "plain date"),
        ({"replacement": ((date(2026, 1, 1), MONDAY), (date(2026, 1, 1), ()))}, "once only"),
        ({"replacement": ((date(2026, 1, 1), ((0, 1439),)),)}, "24:00 is meant"),
    ],
)  # fmt: skip
def test_calendars_that_make_no_sense_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        replace(OFFICE, **wrong)


def test_instants_and_targets_that_make_no_sense_are_refused() -> None:
    naive = datetime(2026, 6, 12, 9)  # noqa: DTZ001 - what is refused
    for call in (
        lambda: is_open(OFFICE, naive), lambda: due(OFFICE, naive, HOUR), lambda: elapsed(OFFICE, naive, naive),
        lambda: due(OFFICE, local("2026-06-12 09:00"), HOUR, [(naive, naive)]),
        lambda: due(OFFICE, local("2026-06-12 09:00"), -HOUR), lambda: before(OFFICE, local("2026-06-12 09:00"), -HOUR),
        lambda: is_open(OFFICE, local("1969-06-12 09:00")), lambda: is_open(OFFICE, local("2200-06-12 09:00")),
        lambda: WorkingDays(-1), lambda: WorkingDays(1.5),  # type: ignore[arg-type]
    ):  # fmt: skip
        with pytest.raises(Invalid):
            call()


def test_a_target_that_takes_centuries_is_refused() -> None:
    rare = Calendar("UTC", (((480, 481),), (), (), (), (), (), ()))
    with pytest.raises(Invalid, match="2200"):
        due(rare, datetime(2199, 12, 1, tzinfo=UTC), HOUR)
    with pytest.raises(Invalid, match="1970"):
        before(rare, datetime(1970, 2, 1, tzinfo=UTC), HOUR)
    assert due(rare, datetime(2026, 1, 1, tzinfo=UTC), 600 * MINUTE).year == 2037


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "needs its time zone"), ({"mon": "8-12"}, "written 08:00-12:00, not '8-12' .mon."),
        ({"mon": "08:00-23:59"}, "write 24:00"), ({"tue": "12:00-08:00"}, "ends before it begins"),
        ({"tue": "08:00-12:60"}, "no such time"), ({"tue": "08:00-24:01"}, "no such time"), ({"mon": 8}, "are a text"),
        ({"tue": "08:00-12:00 11:00-13:00"}, "overlaps"), ({"monday": "08:00-12:00"}, "has no 'monday'"),
        ({"holidays": "2026-12-24"}, "a list"), ({"holidays": ["24.12.2026"]}, "written 2026-12-24"),
        ({"hours": ["2026-12-24"]}, "single dates"), ({"hours": {"2026-12-24": "8"}}, "2026-12-24"),
        ({"version": 0}, "from 1"), ({"zone": 3}, "is a text"), ({"zone": "Mars"}, "No time zone"),
    ],
)  # fmt: skip
def test_calendars_in_words_that_are_wrong_say_what(wrong: dict[str, Any], words: str) -> None:
    given = {"zone": "Europe/Berlin", "fri": "08:00-12:00"} if wrong else {"fri": "08:00-12:00"}
    with pytest.raises(Invalid, match=words):
        calendar_of({**given, **wrong})


def test_a_calendar_from_words() -> None:
    found = calendar_of({
        "zone": "Europe/Berlin", "mon": "08:00-12:00 13:00-17:00", "sat": "closed", "sun": "", "tue": "0:00-24:00",
        "holidays": ["2026-12-24", date(2026, 12, 25)], "hours": {"2026-12-31": "08:00-12:00", "2026-12-30": "closed"},
        "country": "DE", "subdivision": "BE", "name": "desk", "version": 3,
    })  # fmt: skip
    assert found.week == (SHOP, ((0, 1440),), (), (), (), (), ())
    assert found.holidays == {date(2026, 12, 24), date(2026, 12, 25)}
    assert dict(found.replacement) == {date(2026, 12, 31): ((480, 720),), date(2026, 12, 30): ()}
    assert (found.country, found.subdivision, found.name, found.version) == ("DE", "BE", "desk", 3)
    assert calendar_of(words_of(found)) == found


# ---------------------------------------------------------------- the cache


def test_equal_calendars_share_their_timeline_and_travel() -> None:
    one, two = replace(OFFICE, name="a"), replace(OFFICE, name="a")
    due(one, local("2026-06-12 09:00"), HOUR)
    due(two, local("2026-06-12 09:00"), HOUR)
    assert clock._timeline(one) is clock._timeline(two)
    assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)


def test_a_timeline_grows_in_both_directions_from_many_threads() -> None:
    fresh = replace(OFFICE, name="threads")
    at = local("2026-06-12 16:00")
    years = [2026, 1990, 2050, 1975, 2100, 2026, 2150, 2000] * 4

    def ask(year: int) -> timedelta:
        low, high = sorted((at, at.replace(year=year)))
        return elapsed(fresh, low, high)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, years))
    alone = replace(OFFICE, name="alone")
    assert found == [elapsed(alone, *sorted((at, at.replace(year=year)))) for year in years]
