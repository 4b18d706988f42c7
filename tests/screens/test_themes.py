"""Themes: every text at least 7:1 from its ground, and mono without any colour."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from csdesk.app import DeskApp
from csdesk.config import Settings
from csdesk.screens.desk import DeskScreen
from csdesk.screens.themes import THEMES, colours, theme_for
from csdesk.screens.widgets.painted import TONES, PageView
from tests.screens.fake import FakeDesk

ROWS = ("plain", "strong", "warn", "dim", "good", "head")  # tones of rows, painted on the cursor row too
TEXT = [tone for tone in TONES if tone not in {"here", "rule"}]  # a ground, and a drawn line


async def styles(theme: str) -> dict[tuple[str, str], Style]:
    """The style of every tone on every ground it is painted on."""

    async def opening() -> FakeDesk:
        return FakeDesk()

    app = DeskApp(Settings(theme=theme), opening, list)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, DeskScreen)
        view = app.screen.query_one(PageView)
        tones = {(tone, ""): view._tone(tone) for tone in (*TEXT, "rule")}
        return {**tones, **{(tone, "here"): view._tone(tone, "here") for tone in ROWS}}


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.2, relative luminance of sRGB."""

    def luminance(colour: Color) -> float:
        parts = [part / 255 for part in colour.get_truecolor()]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_every_text_stands_out(theme: str, system: ColorSystem) -> None:
    for (tone, back), style in (await styles(theme)).items():
        assert style.color is not None, tone
        assert style.bgcolor is not None, tone
        ratio = contrast(style.color.downgrade(system), style.bgcolor.downgrade(system))
        assert ratio >= (7 if tone != "rule" else 1.5), f"{tone} on {back or 'ground'}: {ratio:.1f}"


async def test_mono_has_no_colour_and_still_tells_its_tones_apart() -> None:
    made = await styles("mono")
    for tone, style in made.items():
        assert style.color is None or style.color.is_default, tone
        assert style.bgcolor is None or style.bgcolor.is_default, tone
    look = {tone: (bool(style.bold), bool(style.underline), bool(style.reverse)) for (tone, _), style in made.items()}
    assert look["warn"] != look["plain"]
    assert look["warn"] != look["strong"]
    assert look["edit"][2]
    assert look["caret"][2]
    assert look["ring"][2]


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({"COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm"}, "256"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "vt100"}, "standard"),
        ({}, "standard"),
    ],
)
def test_a_terminal_tells_how_many_colours_it_has(environ: dict[str, str], count: str) -> None:
    assert colours(environ) == count


def test_sixteen_colours_of_unknown_shades_are_not_used() -> None:
    assert theme_for("dark", "standard") == "mono"
    assert {theme_for(theme, "256") for theme in THEMES} == set(THEMES)
