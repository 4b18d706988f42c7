"""The themes. Text stands at least 7:1 from its ground in each; mono uses the terminal's own colours and no other."""

from __future__ import annotations

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
    dim="#a3adba",
    head="#8cc8ff",
    rule="#4a5563",
    here="#1f2c3d",
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
    dim="#4b5560",
    head="#0b4a86",
    rule="#a9b0b8",
    here="#e3ecf6",
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
