"""What one may be allowed to do here, and which duties the usual roles bundle. Verbs name their duty by these codes."""

from __future__ import annotations

DUTIES: dict[str, str] = {
    "customer.read": "See customers, their accounts, orders and documents.",
    "desk.act": "Note and code one's calls, mail statements, note what a survey or an article came to.",
    "order.enter": "Enter, change and cancel orders.",
    "order.release": "Release an order that is held.",
    "credit.request": "Ask for a credit or a debit on an invoice, and for goodwill.",
    "promise.take": "Take a promise to pay and the callback that goes with it.",
    "dispute.open": "Code a short payment and open its dispute.",
    "dispute.resolve": "Work a deduction and decide what becomes of it.",
    "ticket.work": "Open tickets, and work one's own and the unassigned ones of one's queues.",
    "ticket.queue": "Work any ticket of one's queues, merge two of them.",
    "ticket.lead": "Assign tickets, set priorities, answer escalations, take a merge back.",
    "ticket.read": "See all tickets.",
    "ticket.investigate": "See what is referred to one, internal items only, and answer it.",
    "service.admin": "Set calendars, policies, queues, categories and rosters.",
    "knowledge.write": "Write and publish articles, canned replies and macros.",
    "request.read": "See the requests that wait, and decide those one may decide.",
    "request.override": "Ask that a rule be set aside once; somebody else decides.",
    "credit.approve": "Approve credit and debit requests up to one's tier.",
    "reversal.request": "Ask that a posted note or write-off is reversed.",
    "writeoff.request": "Ask that a debt be written off.",
    "writeoff.approve": "Approve write-offs and provisions up to one's tier.",
    "limit.request": "Propose a credit limit or terms of payment.",
    "limit.approve": "Approve a credit limit.",
    "terms.approve": "Approve terms of payment.",
    "dunning.run": "Run the reminders and keep the collections list.",
    "dunning.approve": "Approve that a debtor is not reminded for a while.",
    "delegation.approve": "Approve that one person decides in another's place.",
    "cash.apply": "Take in money, set it against items, and take that back.",
    "return.receive": "Count in goods that came back.",
    "period.close": "Close and lock posting periods.",
    "period.unlock": "Approve that a closed period is opened again.",
    "posting.run": "Post what was approved, once its hold has passed.",
    "outbox.run": "See what waits to leave, and let it leave: mail and files to customers.",
    "price.override": "Approve a price other than the agreed one, up to one's tier.",
    "settings.admin": "Set approval tiers, credit and reminder rules of accounts, and which duties conflict.",
    "report.read": "See the desk's figures and reports.",
    "review.read": "See who holds which duties, conflicts of duties, and what was done in an emergency.",
    "conflict.accept": "Answer for a control where one person holds two duties that conflict.",
    "import.run": "Take in files and work the quarantine.",
    "staff.admin": "Add logins, give and take roles.",
    "server.run": "See who sits at a served desk, end a session, and answer for who comes in.",
    "db.care": "Bring the database up to date, check it, save and restore it.",
}

# Those that came after the first release: companies founded before get them for their usual roles when they upgrade.
LATER = ("desk.act",)

_DESK = frozenset({"customer.read", "desk.act"})  # of all but those who only read
_REP = _DESK | {"order.enter", "credit.request", "promise.take", "dispute.open", "ticket.work"}
_SENIOR = _REP | {"ticket.queue"}
_LEAD = _SENIOR | {
    "ticket.lead", "order.release", "report.read", "request.read", "request.override", "credit.approve",
    "reversal.request", "price.override", "knowledge.write",
}  # fmt: skip
_MANAGER = frozenset(
    {"customer.read", "desk.act", "order.release", "report.read", "request.read", "credit.approve", "writeoff.approve",
     "limit.approve", "terms.approve", "dunning.approve", "delegation.approve", "review.read", "conflict.accept",
     "price.override", "ticket.read", "ticket.lead"}
)  # fmt: skip
_COLLECTOR = frozenset(
    {"customer.read", "desk.act", "report.read", "request.read", "promise.take", "dispute.open", "dispute.resolve",
     "dunning.run", "credit.request", "writeoff.request", "reversal.request", "limit.request"}
)  # fmt: skip
_CASHIER = frozenset(
    {"customer.read", "desk.act", "report.read", "request.read", "cash.apply", "reversal.request", "dispute.open"}
)
_FINANCE = frozenset(
    {"customer.read", "desk.act", "report.read", "request.read", "writeoff.approve", "reversal.request", "period.close",
     "review.read"}
)  # fmt: skip
_ADMIN = frozenset(
    {
        "customer.read",
        "desk.act",
        "report.read",
        "import.run",
        "staff.admin",
        "settings.admin",
        "service.admin",
        "server.run",
        "db.care",
        "posting.run",
        "outbox.run",
    }
)

# Role -> (name, duties). An administrator configures and, by being one, neither sells nor releases.
ROLES: dict[str, tuple[str, frozenset[str]]] = {
    "rep": ("Customer service rep", _REP),
    "senior": ("Senior rep", _SENIOR),
    "lead": ("Team lead", _LEAD),
    "supervisor": ("Supervisor", _LEAD | {"ticket.read", "service.admin"}),
    "manager": ("Manager", _MANAGER),
    "collector": ("Collections and deductions", _COLLECTOR),
    "cashier": ("Cash application", _CASHIER),
    "warehouse": ("Warehouse", _DESK | {"return.receive", "ticket.investigate"}),
    "investigator": ("Investigator", _DESK | {"ticket.investigate"}),
    "finance": ("Finance", _FINANCE),
    "controller": ("Controller", frozenset({"customer.read", "report.read", "request.read", "period.unlock"})),
    "auditor": (
        "Auditor",
        frozenset({"customer.read", "report.read", "request.read", "review.read", "db.care", "ticket.read"}),
    ),
    "admin": ("Administrator", _ADMIN),
}
