"""What one may be allowed to do here, and which duties the usual roles bundle. Verbs name their duty by these codes."""

from __future__ import annotations

DUTIES: dict[str, str] = {
    "customer.read": "See customers, their accounts, orders and documents.",
    "order.enter": "Enter, change and cancel orders.",
    "order.release": "Release an order that is held.",
    "credit.request": "Ask for a credit on an invoice.",
    "promise.take": "Take a promise to pay and the callback that goes with it.",
    "dispute.open": "Code a short payment and open its dispute.",
    "request.read": "See the requests that wait, and decide those one may decide.",
    "credit.approve": "Approve credit requests up to one's tier.",
    "posting.run": "Post what was approved, once its hold has passed.",
    "outbox.run": "See what waits to leave, and let it leave: mail and files to customers.",
    "price.override": "Give a price other than the agreed one.",
    "report.read": "See the desk's figures and reports.",
    "import.run": "Take in files and work the quarantine.",
    "staff.admin": "Add logins, give and take roles.",
    "db.care": "Bring the database up to date, check it, save and restore it.",
}

_REP = frozenset({"customer.read", "order.enter", "credit.request", "promise.take", "dispute.open"})
_LEAD = _REP | {"order.release", "report.read", "request.read", "credit.approve"}
_ADMIN = frozenset(
    {"customer.read", "report.read", "import.run", "staff.admin", "db.care", "posting.run", "outbox.run"}
)

# Role -> (name, duties). An administrator configures and, by being one, neither sells nor releases.
ROLES: dict[str, tuple[str, frozenset[str]]] = {
    "rep": ("Customer service rep", _REP),
    "lead": ("Team lead", _LEAD),
    "supervisor": ("Supervisor", _LEAD | {"price.override"}),
    "manager": ("Manager", frozenset({"customer.read", "report.read", "request.read", "credit.approve"})),
    "admin": (
        "Administrator",
        frozenset(
            {"customer.read", "report.read", "import.run", "staff.admin", "db.care", "posting.run", "outbox.run"}
        ),
    ),
}
