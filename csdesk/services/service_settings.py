"""What a company sets of its service by name: the table of settings with what is usual, and how each is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from csdesk.errors import Invalid
from csdesk.models import ServiceSetting, table
from csdesk.money import typed_minor
from csdesk.rules.clock import Target, WorkingDays
from csdesk.rules.ticket_policy import target_of, within_reach
from csdesk.services import audit, reports_base, service_levels
from csdesk.services.tx import Tx, reads, writes

SETTING = table(ServiceSetting)
USUAL = "usual"
_AMOUNT = re.compile(r"(\S+?)\s*([A-Za-z]{3})?", re.ASCII)


@dataclass(frozen=True)
class Setting:
    """A setting: what is usual, what it means, and what refuses a text that is none."""

    usual: str
    words: str
    check: Callable[[str], object]


@dataclass(frozen=True)
class SettingView:
    """A setting as it stands."""

    name: str
    value: str
    usual: bool
    words: str


def _span(text: str) -> timedelta:
    """Open time. Raises Invalid."""
    found = target_of(text)
    if isinstance(found, WorkingDays):
        raise Invalid(f"'{text}' is in days; open time such as 30m, 2h or 1h30m is wanted.", field="value")
    return found


def _whole(least: int, most: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise Invalid(f"'{text}' is no whole number from {least} to {most}.", field="value")
        return int(text)

    return check


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise Invalid(f"'{text}' is neither yes nor no.", field="value")
    return text == "yes"


def _link(text: str) -> str:
    if text and (not text.startswith(("https://", "http://")) or "{code}" not in text):
        raise Invalid("A link begins with https:// and has {code} where the code goes.", field="value")
    return text


def amounts(text: str) -> dict[str, str]:
    """Currency -> amount as typed; an amount without one stands under ''. "5000, 700000 JPY". Raises Invalid."""
    found: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _AMOUNT.fullmatch(part)
        if match is None or not match[1].replace(".", "").isdecimal():
            raise Invalid(f"'{part}' is no amount; '5000' or '5000, 700000 JPY' is wanted.", field="value")
        found[(match[2] or "").upper()] = match[1]
    return found


SETTINGS: dict[str, Setting] = {
    "escalate-owner": Setting("1h", "open time the owner has to acknowledge before it goes to the lead", _span),
    "escalate-lead": Setting("30m", "open time a lead has to acknowledge before it goes to the supervisor", _span),
    "escalate-supervisor": Setting("1h", "open time a supervisor has before it goes to the head", _span),
    "escalate-value": Setting("", "value at risk above which a supervisor looks: 5000, 700000 JPY; empty = none",
                              amounts),
    "escalate-score": Setting("2", "survey score (1 to 5) from which down a lead looks", _whole(0, 5)),
    "escalate-silence": Setting("1d", "how long nobody may write in an internal wait: 1d (working day), 4h", target_of),
    "proactive-days": Setting("2", "days for which the desk opens tickets by itself about what went wrong; 0 = never",
                              _whole(0, 31)),
    "survey": Setting("yes", "whether customers are asked by mail after a ticket was closed", _yes),
    "survey-days": Setting("14", "days in which a customer is asked once at most", _whole(0, 3650)),
    "survey-link": Setting("", "where the answer is given, {code} standing for the code; empty = by replying", _link),
}  # fmt: skip


def text(tx: Tx, name: str) -> str:
    """A setting as it is written. Internal."""
    kept: dict[str, str] | None = tx.cache.get("service_settings")
    if kept is None:
        rows = tx.rows(select(SETTING.c.name, SETTING.c.value).where(SETTING.c.company == tx.company))
        kept = tx.cache["service_settings"] = {row.name: row.value for row in rows}
    return kept.get(name, SETTINGS[name].usual)


def span(tx: Tx, name: str) -> timedelta:
    """A setting of open time. Internal."""
    return _span(text(tx, name))


def target(tx: Tx, name: str) -> Target:
    """A setting of open time or working days. Internal."""
    return target_of(text(tx, name))


def whole(tx: Tx, name: str) -> int:
    """A setting that is a number. Internal."""
    return int(text(tx, name))


def amount(tx: Tx, name: str, currency: str) -> int | None:
    """A setting of amounts in a currency, minor units; None where there is none. Internal."""
    found = amounts(text(tx, name))
    if not found:
        return None
    typed = found.get(currency)
    if typed is None and currency in ("", reports_base.books(tx).currency):
        typed = found.get("")
    return None if typed is None else typed_minor(typed, currency or reports_base.books(tx).currency)


def _sound(tx: Tx, name: str, value: str) -> None:
    """Raises Invalid for what no ticket could go by: an amount its currency cannot have, a time that the hours of a
    policy do not come to."""
    found: Any = SETTINGS[name].check(value)
    if SETTINGS[name].check is amounts:
        own = reports_base.books(tx).currency
        for currency, typed in found.items():
            typed_minor(typed, currency or own)
    elif isinstance(found, timedelta | WorkingDays):
        for calendar in service_levels.calendars(tx):
            within_reach(calendar, (found,), tx.now)


def times(tx: Tx) -> tuple[Target, ...]:
    """The settings that are times, as they stand: every calendar must come to them. Internal."""
    return tuple(target(tx, name) for name, each in SETTINGS.items() if each.check in (_span, target_of))


@reads("customer.read")
def shown(tx: Tx) -> tuple[SettingView, ...]:
    """Every setting as it stands, in order of name."""
    return tuple(
        SettingView(name, text(tx, name), text(tx, name) == each.usual, each.words)
        for name, each in sorted(SETTINGS.items())
    )


@writes("service.admin")
def set_(tx: Tx, name: str, value: str) -> str:
    """Sets one; "usual" takes it back to what is usual. Raises Invalid for a name or a value that is none."""
    known: Any = SETTINGS.get(name)
    if known is None:
        raise Invalid(f"'{name}' is no setting of the service; there are {', '.join(sorted(SETTINGS))}.", field="name")
    before, wanted = text(tx, name), value.strip()
    mine = (SETTING.c.company == tx.company, SETTING.c.name == name)
    if wanted != USUAL:
        _sound(tx, name, wanted)
    tx.do(delete(SETTING).where(*mine))
    if wanted not in (USUAL, known.usual):
        tx.do(insert(SETTING), {"company": tx.company, "name": name, "value": wanted})
    tx.cache.pop("service_settings", None)
    audit.record(tx, "service_settings.set_", "service-setting", 0, {name: before}, {name: text(tx, name)})
    return f"{name}: {text(tx, name) or 'none'} ({known.words})."
