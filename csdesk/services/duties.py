"""What one may be allowed to do here, and which duties the usual roles bundle. Verbs name their duty by these codes."""

from __future__ import annotations

DUTIES: dict[str, str] = {
    "customer.read": "See customers, their accounts, orders and documents.",
    "order.enter": "Enter, change and cancel orders.",
    "order.release": "Release an order that is held.",
    "price.override": "Give a price other than the agreed one.",
    "report.read": "See the desk's figures and reports.",
    "import.run": "Take in files and work the quarantine.",
    "staff.admin": "Add logins, give and take roles.",
    "db.care": "Bring the database up to date, check it, save and restore it.",
}

_REP = frozenset({"customer.read", "order.enter"})
_LEAD = _REP | {"order.release", "report.read"}

# Role -> (name, duties). An administrator configures and, by being one, neither sells nor releases.
ROLES: dict[str, tuple[str, frozenset[str]]] = {
    "rep": ("Customer service rep", _REP),
    "lead": ("Team lead", _LEAD),
    "supervisor": ("Supervisor", _LEAD | {"price.override"}),
    "admin": ("Administrator", frozenset({"customer.read", "report.read", "import.run", "staff.admin", "db.care"})),
}
