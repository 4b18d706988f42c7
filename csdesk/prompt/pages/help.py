"""Help, from the verb table alone: what can be typed where the rep is."""

from __future__ import annotations

from dataclasses import replace

from csdesk.prompt.grammar import WHERE
from csdesk.prompt.page import Column, Page, Row
from csdesk.prompt.verbs import VERBS, Verb

KEYS = (
    ("Enter", "does what the line above the prompt says"),
    (". , + F9", "commits: places the order, applies the change"),
    ("Up Down", "walk the rows of the draft or a list; digits overwrite a quantity (2.5: 3=2.5)"),
    ("F1 ?", "this help; ?word searches it"),
    ("F3", "one step back; an order back to the history"),
    ("F4", "the list behind what you type"),
    ("F6", "the next open call"),
    ("F8 z", "ends the call"),
    ("F12 Esc", "clears the line, then leaves the draft (u brings it back)"),
    ("blank", "a blank first makes anything text: ' rice' looks for rice"),
    ("Ctrl+P", "the list of all commands"),
)


def help_page(mode: str, about: str = "") -> Page:
    """What can be typed here, searched by `about` in shapes, words and explanations; elsewhere verbs last."""
    wanted = about.strip().lower()
    here = [verb for verb in VERBS if mode in verb.where and _fits(verb, wanted)]
    other = [verb for verb in VERBS if mode not in verb.where and _fits(verb, wanted)]
    rows = [Row((verb.shape, verb.does)) for verb in here]
    rows += [Row((key, text)) for key, text in KEYS if wanted in f"{key} {text}".lower()]
    if other:
        rows.append(Row(("Elsewhere:",), "head", span=True))
        rows += [Row((verb.shape, f"{verb.does} ({_places(verb)})"), "dim") for verb in other]
    if not rows:
        rows = [Row((f"Nothing here is about '{about.strip()}'; F3 goes back.",), span=True)]
    title = f"WHAT CAN I TYPE {WHERE[mode].upper()}?" + (f"  - about '{wanted}'" if wanted else "")
    return Page(title, (Column("Type", 12), Column("It does", 40, flex=True)), tuple(rows), cursor=0)


def explained(page: Page) -> Page:
    """A list of what can be typed, with what the marked row says whole in its foot: its cell may be too narrow."""
    if page.cursor is None or not page.columns or page.columns[-1].title != "It does":
        return page
    marked = page.rows[min(page.cursor, len(page.rows) - 1)]
    return page if marked.span else replace(page, foot=(Row((marked.cells[-1],), "head", span=True),))


def _fits(verb: Verb, wanted: str) -> bool:
    return wanted in f"{verb.shape} {verb.does} {verb.title} {' '.join(verb.words)}".lower()


def _places(verb: Verb) -> str:
    return " or ".join(words for place, words in WHERE.items() if place in verb.where)
