"""Mail addresses: what can be sent to. Pure.

Rule: one plain address of at most 254 signs, without display name or comment. Source: RFC 5321, 4.5.3.1.3.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_address(text: str) -> bool:
    """Whether mail can be sent there: one plain address.

    Rule: something before the @, a host after it, none of the signs that make lists and names.
    """
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None
