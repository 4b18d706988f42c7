"""The order pad: lines, what is short with its alternatives, totals; before and after while an order is amended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.pads import DraftView, LineView, OfferedAlternative
from csdesk.services.previews import plain_price

QUANTITY = 3


def pad_page(draft: DraftView) -> Page:
    """The page of a draft. Lines come first, so that row n of the page is line n of the draft."""
    amending = draft.kind == "amend"
    columns = (
        Column("#", 3, "right"),
        Column("Code", 8),
        Column("Product", 12, flex=True),
        Column("Qty", 9 if amending else 6, "right"),
        Column("was" if amending else "Unit", 5, "right" if amending else "left"),
        Column("Price", 8, "right", wide=70),
        Column("Net", 9, "right"),
        Column("When", 6),
        Column("Price from", 22, wide=110),
        Column("Free / note", 20, wide=130),
    )
    rows = tuple(_line(draft, each, amending) for each in draft.lines)
    return Page(_title(draft), columns, rows, foot=(*_short_rows(draft), *_totals(draft)), edit_column=QUANTITY)


def pad_with_hits(draft: DraftView, hits: Sequence[tuple[str, str, str]]) -> Page:
    """The pad while the next product is typed: its lines stay in sight, the hits (code, name, unit) stand below."""
    found = (Row((f"       {code:<9} {name[:46]:<46} {unit}".rstrip(),), "dim", span=True) for code, name, unit in hits)
    return replace(pad_page(draft), foot=(*found, *_totals(draft)))


def _title(draft: DraftView) -> str:
    wish = f"wanted {draft.requested_on:%a %d %b}" if draft.requested_on else "wanted next truck"
    truck = f", truck {draft.delivery_on:%a %d %b}" if draft.delivery_on else ""
    if draft.kind == "amend":
        return f"CHANGE ORDER {draft.order_number}   {wish}{truck}"
    return f"NEW ORDER   {wish}{truck}"


def _line(draft: DraftView, line: LineView, amending: bool) -> Row:
    was = "" if line.was is None else show_quantity(line.was)
    if amending:
        fourth = ("new" if line.was is None else was if line.was != line.quantity else "") if line.touched else ""
    else:
        fourth = line.unit
    state = {"picked": "PICK", "cancelled": "off"}.get(line.fixed, line.fixed[:5]) if line.fixed else ""
    when = "!OUT" if line.short and not line.choice else "part" if line.short and line.choice == "part" else ""
    if line.choice == "wait" and line.short and not line.promised_on:
        when = "wait"
    if not when and line.promised_on:
        when = f"{line.promised_on:%d %b}"
    name = f"{line.name} (for {line.substituted_for})" if line.substituted_for else line.name
    note = line.warning or (short_words(line) if line.short else "here")
    if line.quantity == 0:
        return Row((str(line.number), line.code, name, "0", was or fourth, "", "", state, "", ""), "dim")
    tone = "warn" if line.short and not line.choice else "strong" if line.touched and amending else "plain"
    cells = (
        str(line.number), line.code, name,
        f"{show_quantity(line.quantity)} {line.unit[:4]}" if amending else show_quantity(line.quantity), fourth,
        plain_price(line.price), show(line.net, draft.currency), state or when, line.source, note,
    )  # fmt: skip
    return Row(cells, tone)  # type: ignore[arg-type]


def short_words(line: LineView) -> str:
    """What of a short line is there and when the rest comes, in base units."""
    parts = [f"{show_quantity(line.now)} here now"]
    parts += [f"{show_quantity(take.quantity)} on {take.on:%d %b}" for take in line.takes if take.on]
    if line.missing:
        parts.append(f"{show_quantity(line.missing)} without a date")
    return "!OUT " + ", ".join(parts)


def _short_rows(draft: DraftView) -> tuple[Row, ...]:
    """The latest undecided short line explained with its alternatives, one key each."""
    short = [line for line in draft.lines if line.short and not line.choice and line.quantity > 0]
    if not short:
        return ()
    line = short[-1]
    rows = [Row((f"Line {line.number} {line.code} {short_words(line)}",), "warn", span=True)]
    rows += [Row((_alternative(n, each, draft),), span=True) for n, each in enumerate(line.alternatives[:3], 1)]
    rows.append(Row((f"  b  part now, the rest later    w  wait for all    {line.number}=0  leave it out",), span=True))
    return tuple(rows)


def _alternative(number: int, other: OfferedAlternative, draft: DraftView) -> str:
    key = "a " if number == 1 else f"a{number}"
    price = plain_price(other.price) if other.price is not None else "no price"
    return f"  {key} {other.code:<9} {other.name[:38]:<38} {price:>9}   {show_quantity(other.free)} free"


def _totals(draft: DraftView) -> tuple[Row, ...]:
    value = f"{show(draft.gross, draft.currency)} {draft.currency}"
    if draft.was_gross is not None and draft.was_gross != draft.gross:
        value = f"{show(draft.was_gross, draft.currency)} -> {value}"
    lines = sum(1 for line in draft.lines if line.quantity > 0)
    net, tax = show(draft.net, draft.currency), show(draft.tax, draft.currency)
    rows = [Row((f"{lines} line{'s' * (lines != 1)}  net {net}  tax {tax}  TOTAL {value}",), "strong", span=True)]
    if draft.kind == "amend" and draft.was_requested_on != draft.requested_on and draft.requested_on:
        was = f"{draft.was_requested_on:%a %d %b}" if draft.was_requested_on else "the next truck"
        rows.append(Row((f"wanted {was} -> {draft.requested_on:%a %d %b}",), "strong", span=True))
    rows += [Row((f"! {warning}",), "warn", span=True) for warning in draft.warnings]
    return tuple(rows)
