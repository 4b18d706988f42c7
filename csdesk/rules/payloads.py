"""The frozen content of a request: one text for equal contents, and its hash. Pure.

Rule: equal contents have one text. Source: SHA-256 (FIPS 180-4) over sorted JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from csdesk.errors import Invalid

# What may change after submission without voiding approvals: words about the request, not what it does.
IMMATERIAL = frozenset({"note", "comment", "attachments"})


def canonical(payload: object) -> str:
    """The one text of a payload: JSON with sorted keys and no spaces; equal values give equal text.

    Decimals are text without needless zeros (1.50 = 1.5), instants are UTC, sets are sorted, dataclasses are their
    fields. Raises Invalid for floats, naive instants and anything else that has no one text.

    Source: RFC 8785 (JSON canonicalization: sorted members, no whitespace, UTF-8), with numbers kept exact as text.

    Rule: sorted keys, no blanks, each value in its one text.
    """
    return json.dumps(_plain(payload), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def payload_hash(payload: object) -> str:
    """SHA-256 of the canonical text in UTF-8, as 64 hexadecimal digits; it freezes what was submitted."""
    return hashlib.sha256(canonical(payload).encode("utf-8", "backslashreplace")).hexdigest()


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that differ between two payloads, sorted; one that is missing counts as None."""
    return tuple(
        name for name in sorted({*before, *after}) if canonical(before.get(name)) != canonical(after.get(name))
    )


def is_material(before: Mapping[str, Any], after: Mapping[str, Any], immaterial: Set[str] = IMMATERIAL) -> bool:
    """Whether an edit changes what the request does, so that every approval is void.

    Switches: `immaterial` - fields that may change (default note, comment, attachments).
    """
    return any(name not in immaterial for name in changed_fields(before, after))


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise Invalid("A request cannot hold a number that is not finite.")
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Invalid("A request cannot hold an instant without its time zone.")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Set):
        return sorted((_plain(each) for each in value), key=canonical)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise Invalid(f"A request cannot hold a value of type {type(value).__name__}; give numbers as text or Decimal.")
