"""Numbers, dates and texts as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from csdesk.importing.values import Fault, Style, Typed, at_path, instant, mended, number, plain, yes

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
PLAIN = Style("EUR", UTC_ZONE)
GERMAN = Style("EUR", UTC_ZONE, decimal=",", thousands=".", negative=("-x", "x-", "(x)", "x H"), strip="€")


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("12.50", PLAIN, "12.50"),
        ("-12.5", PLAIN, "-12.5"),
        ("+3", PLAIN, "3"),
        ("1E2", PLAIN, "1E+2"),
        ("1.234,50", GERMAN, "1234.50"),
        ("1.234.567", GERMAN, "1234567"),
        ("1234,5", GERMAN, "1234.5"),
        ("1.234,50-", GERMAN, "-1234.50"),
        ("(0,75)", GERMAN, "-0.75"),
        ("12,00 H", GERMAN, "-12.00"),
        ("€ 9,90", GERMAN, "9.90"),
        ("1 234.5", Style("EUR", UTC_ZONE, thousands=" "), "1234.5"),
        ("1\u202f234,5", Style("EUR", UTC_ZONE, decimal=",", thousands=" "), "1234.5"),
        ("12,345.67", Style("USD", UTC_ZONE, thousands=","), "12345.67"),
        (Typed("1234.5"), GERMAN, "1234.5"),
    ],
)
def test_a_number_is_read_as_its_source_writes_it(text: str, style: Style, value: str) -> None:
    assert number(text, style) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1.234,50", PLAIN),
        ("1234.50", GERMAN),
        ("12.34", GERMAN),
        ("1.23.456", GERMAN),
        ("--5", PLAIN),
        ("five", PLAIN),
        ("", PLAIN),
        ("NaN", PLAIN),
        ("Infinity", PLAIN),
        ("0x10", PLAIN),
        ("١٢", PLAIN),
        ("1_000", PLAIN),
    ],
)
def test_what_is_no_number_of_the_source_is_refused_rather_than_misread(text: str, style: Style) -> None:
    with pytest.raises(Fault):
        number(text, style)


@pytest.mark.parametrize(
    ("text", "formats", "zone", "value"),
    [
        ("31.12.2024", ("%d.%m.%Y",), UTC_ZONE, datetime(2024, 12, 31, tzinfo=UTC)),
        ("3/4/2024 07:05", ("%d/%m/%Y %H:%M",), UTC_ZONE, datetime(2024, 4, 3, 7, 5, tzinfo=UTC)),
        ("2024-07-01 00:30:00", ("%Y-%m-%d %H:%M:%S",), BERLIN, datetime(2024, 6, 30, 22, 30, tzinfo=UTC)),
        ("2024-07-01T00:30:00+0000", ("%Y-%m-%dT%H:%M:%S%z",), BERLIN, datetime(2024, 7, 1, 0, 30, tzinfo=UTC)),
        ("20240229", ("%Y-%m-%d", "%Y%m%d"), UTC_ZONE, datetime(2024, 2, 29, tzinfo=UTC)),
        ("45351.5", ("excel",), UTC_ZONE, datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ],
)
def test_dates_are_read_by_the_formats_of_the_source_in_its_zone(
    text: str, formats: tuple[str, ...], zone: ZoneInfo, value: datetime
) -> None:
    assert instant(text, formats, zone, False) == value


def test_a_workbook_date_needs_no_format() -> None:
    assert instant(Typed("2024-02-29"), ("%d.%m.%Y",), UTC_ZONE, True) == datetime(2024, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize("text", ["30.02.2024", "2024-13-01", "yesterday", "99999999999", "0001-01-01"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        instant(text, ("%d.%m.%Y", "%Y-%m-%d", "excel"), ZoneInfo("Pacific/Auckland"), False)


def test_text_that_was_encoded_twice_is_mended_only_when_it_decodes() -> None:
    assert mended("PrabhupÄ\x81da") == "Prabhupāda"
    assert mended("Åšani") == "Śani"
    assert mended("Rosa Sánchez") == "Rosa Sánchez"
    assert mended("Ærø") == "Ærø"
    assert mended("漢字") == "漢字"
    assert mended("plain") == "plain"


def test_a_yes_is_a_yes_in_many_words_and_nothing_else_is() -> None:
    assert [yes(word) for word in ("true", "Y", "1", "x")] == [True] * 4
    assert [yes(word) for word in ("False", "n", "0")] == [False] * 3
    with pytest.raises(Fault):
        yes("maybe")


def test_a_path_finds_its_way_through_json_or_finds_nothing() -> None:
    text = '{"Events": [{"ConNote": "E-1", "n": 2.50}]}'
    assert at_path(text, "Events.0.ConNote") == "E-1"
    assert at_path(text, "Events.1.ConNote") is None
    assert at_path(text, "Nothing.0.x") is None
    assert plain(at_path(text, "Events.0.n")) == "2.5"
    with pytest.raises(Fault):
        at_path("{broken", "a")
