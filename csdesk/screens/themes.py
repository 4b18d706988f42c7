"""The themes. Text stands at least 7:1 from its ground in each; mono uses the terminal's own colours and no other."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

# Textual's own sheets name these; in mono none of them may be a colour.
_NO_COLOUR = {
    name: "ansi_default" if colour.startswith("ansi_") else colour
    for name, colour in BUILTIN_THEMES["ansi-dark"].variables.items()
}


def _theme(
    name: str,
    *,
    dark: bool,
    ground: str,
    ink: str,
    styles: tuple[str, str, str] = ("bold", "bold", "none"),
    **tones: str,
) -> Theme:
    return Theme(
        name=f"csdesk-{name}",
        primary=ink,
        secondary=ink,
        accent=ink,
        warning=ink,
        error=ink,
        success=ink,
        foreground=ink,
        background=ground,
        surface=ground,
        panel=ground,
        dark=dark,
        ansi=name == "mono",
        variables={
            **(_NO_COLOUR if name == "mono" else {}),
            **{f"desk-{tone.replace('_', '-')}": colour for tone, colour in tones.items()},
            **dict(zip(("desk-warn-style", "desk-block-style", "desk-here-style"), styles, strict=True)),
        },
    )


DARK = _theme(
    "dark",
    dark=True,
    ground="#0d1117",
    ink="#d7dde5",
    strong="#ffffff",
    warn="#ffb454",
    good="#7ee08a",
    dim="#b3bcc8",
    head="#8cc8ff",
    rule="#4a5563",
    here="#1c2938",
    block="#ffd866",
    block_ink="#0d1117",
)
LIGHT = _theme(
    "light",
    dark=False,
    ground="#fbfaf7",
    ink="#1d232b",
    strong="#000000",
    warn="#8a2a00",
    good="#0b5a1e",
    dim="#3f4852",
    head="#0b2f6f",
    rule="#a9b0b8",
    here="#e6eef7",
    block="#1d3f66",
    block_ink="#ffffff",
)
MONO = _theme(
    "mono",
    dark=True,
    ground="ansi_default",
    ink="ansi_default",
    styles=("bold underline", "bold reverse", "bold"),
    **dict.fromkeys(("strong", "warn", "good", "dim", "head", "rule", "here", "block", "block_ink"), "ansi_default"),
)
THEMES = {"dark": DARK, "light": LIGHT, "mono": MONO}


def colours(environ: Mapping[str, str]) -> str:
    """How many colours the terminal shows, from what it says of itself: truecolor, 256 or standard.

    Every terminal that calls itself xterm, screen or tmux has shown 256 for twenty years, also where its name does not
    say so.
    """
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "truecolor"
    name = environ.get("TERM", "").lower()
    if "direct" in name:
        return "truecolor"
    return "256" if "256" in name or name.startswith(("xterm", "screen", "tmux", "putty", "rxvt")) else "standard"


def theme_for(wanted: str, colour_count: str) -> str:
    """The theme to use: the one wanted, but mono where sixteen colours of unknown shades could hide the text."""
    return "mono" if colour_count == "standard" else wanted
