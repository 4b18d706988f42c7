"""What only a server needs: imported when it is used, missed in one sentence."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from csdesk.errors import Refused


def need(module: str) -> Any:
    """A module of the extra `server`. Raises Refused when it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        raise Refused(f"This needs '{module}'; install it with: pip install 'csdesk[server]'.") from None
