"""What the books hold of the commands of a soak: each acknowledged one once, no other one twice, none by half."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any

from soak_board import Board, Command
from sqlalchemy import text

from csdesk.store import Store

REF = re.compile(r"ref\d{5}")
COUNTED = {"find the caller": "calls.identify", "end of a call": "calls.end", "claim the next": "ticket_next.next_",
           "free a ticket": "ticket_moves.release"}  # fmt: skip
# Where the reference of a command's text stands, each place once.
TEXTS = {
    "note on the call": "SELECT note FROM call WHERE note <> ''",
    "callback": "SELECT about FROM callback",
    "": "SELECT body FROM ticket_item WHERE kind <> 'system'",
}
LINES = """
SELECT a.verb, a.actor, o.number, c.code, a.after, o.id FROM audit a JOIN sales_order o ON o.id = a.subject_id
JOIN customer c ON c.id = o.customer_id
WHERE a.subject = 'order' AND a.verb IN ('orders.place', 'amendments.apply', 'amendments.cancel_line')
"""
STANDING = """
SELECT o.id, p.code, l.original_quantity / 1000.0, l.quantity / 1000.0 FROM sales_order o
JOIN order_line l ON l.order_id = o.id JOIN product p ON p.id = l.product_id ORDER BY o.id, l.line
"""
HALVES = {
    "an order without lines": "SELECT o.number FROM sales_order o WHERE NOT EXISTS"
                              " (SELECT 1 FROM order_line l WHERE l.order_id = o.id)",
    "a placed draft without its order": "SELECT d.id FROM draft d WHERE d.status = 'placed' AND NOT EXISTS"
                                        " (SELECT 1 FROM sales_order o WHERE o.id = d.id)",
    "an order whose draft is open": "SELECT o.number FROM sales_order o JOIN draft d ON d.id = o.id"
                                    " WHERE d.status = 'open'",
    "a ticket without events": "SELECT t.number FROM ticket t WHERE NOT EXISTS"
                               " (SELECT 1 FROM ticket_event e WHERE e.ticket_id = t.id)",
    "a complaint of the soak without a line": "SELECT t.number FROM ticket t JOIN ticket_item i ON i.ticket_id = t.id"
                                   " WHERE t.kind = 'complaint' AND i.body LIKE 'ref%crushed' AND NOT EXISTS"
                                   " (SELECT 1 FROM ticket_line l WHERE l.ticket_id = t.id)",
    "a credit request without a claim": "SELECT r.number FROM approval_request r WHERE r.kind = 'credit'"
                                        " AND NOT EXISTS (SELECT 1 FROM credit_claim c WHERE c.request_id = r.id)",
    "a credit of a ticket whose line does not know it": "SELECT t.number FROM audit a JOIN ticket t"
                                        " ON t.id = a.subject_id WHERE a.verb = 'ticket_money.credit' AND NOT EXISTS"
                                        " (SELECT 1 FROM ticket_line l WHERE l.ticket_id = t.id"
                                        " AND l.request_id IS NOT NULL)",
    "a dispute of a ticket whose line does not know it": "SELECT t.number FROM audit a JOIN ticket t"
                                        " ON t.id = a.subject_id WHERE a.verb = 'ticket_money.dispute' AND NOT EXISTS"
                                        " (SELECT 1 FROM ticket_line l WHERE l.ticket_id = t.id"
                                        " AND l.dispute_id IS NOT NULL)",
}  # fmt: skip


class Books:
    """The database at the end, against the commands."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._store = Store(board.url)
        self.logins = {each.login for each in board.commands}
        self.there: dict[str, Counter[Any]] = defaultdict(Counter)
        self.half: list[str] = []
        self._texts()
        self._orders()
        self._tickets()
        for what, sql in HALVES.items():
            self.half += [f"{what}: {row[0]}" for row in self.rows(sql)]

    def close(self) -> None:
        """Lets the database go."""
        self._store.close()

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of a statement."""
        with self._store.engine.connect() as connection:
            return list(connection.execute(text(sql), values).all())

    def _texts(self) -> None:
        for kind, sql in TEXTS.items():
            self.there[kind].update(ref for row in self.rows(sql) for ref in REF.findall(row[0]))

    def _orders(self) -> None:
        standing: dict[int, list[Any]] = defaultdict(list)
        for order, code, first, now in self.rows(STANDING):
            standing[order].append((code, f"{float(first):g}", f"{float(now):g}"))
        for verb, actor, number, customer, after, order in self.rows(LINES):
            if actor not in self.logins:
                continue
            lines = [(str(line[1]), f"{float(line[2]):g}") for line in json.loads(after)["lines"]]
            if verb == "orders.place":
                self.there["order"][customer, tuple(lines)] += 1
                if [row[:2] for row in standing[order]] != lines:
                    self.half.append(f"order {number} was placed as {lines} and stands as {standing[order]}")
            elif verb == "amendments.apply":
                self.there["amend"][number, tuple(lines)] += 1
            else:
                summary = [
                    row[0] for row in self.rows("SELECT summary FROM order_revision WHERE order_id = :o", o=order)
                ]
                places = [re.match(r"line (\d+) \S+ -> 0\b", each) for each in summary]
                found = [int(each.group(1)) for each in places if each]
                self.there["cancel a line"] |= Counter({(number, each): found.count(each) for each in found})
        for mark in self.there["order"].keys() - {each.mark for each in self.board.commands if each.kind == "order"}:
            self.half.append(f"an order nobody sent as it is: {mark}")

    def _tickets(self) -> None:
        asked = "SELECT t.number FROM audit a JOIN ticket t ON t.id = a.subject_id WHERE a.verb = :v"
        for kind, verb in (("credit from a ticket", "credit"), ("dispute from a ticket", "dispute")):
            self.there[kind].update(row[0] for row in self.rows(asked, v=f"ticket_money.{verb}"))
        promised = "SELECT i.number FROM promise p JOIN open_item i ON i.id = p.item_id"
        self.there["promise to pay"].update(row[0] for row in self.rows(promised))
        marks = ("SELECT s.login, r.number FROM approval_mark m JOIN staff s ON s.id = m.staff_id"
                 " JOIN approval_request r ON r.id = m.request_id WHERE m.decision = 'approve'"
                 " UNION ALL SELECT a.actor, o.number FROM audit a JOIN sales_order o ON o.id = a.subject_id"
                 " WHERE a.verb = 'orders.release' AND a.subject = 'order'")  # fmt: skip
        self.there["decide"].update((login, number) for login, number in self.rows(marks))

    def count(self, command: Command) -> int:
        """How often a command is there."""
        texts = command.kind if command.kind in TEXTS else ""
        found = self.there.get(command.kind)
        by_mark = found is not None and command.kind not in TEXTS
        return (found if by_mark and found is not None else self.there[texts])[command.mark]

    def table(self) -> list[dict[str, Any]]:
        """Commands by kind: sent, acknowledged, refused, present, doubled, lost."""
        rows = []
        for kind in sorted({each.kind for each in self.board.commands}):
            sent = [each for each in self.board.commands if each.kind == kind and each.sent]
            acked = [each for each in sent if each.acked]
            row = {"command": kind, "sent": len(sent), "acknowledged": len(acked),
                   "refused": sum(bool(each.refused) for each in sent)}  # fmt: skip
            rows.append(row | (self._counted(sent) if kind in COUNTED else self._marked(sent)))
        return rows

    def _marked(self, sent: list[Command]) -> dict[str, int]:
        counts = {id(each): self.count(each) for each in sent}
        lost = [each for each in sent if each.acked and not counts[id(each)]]
        doubled = [each for each in sent if counts[id(each)] > 1]
        done = [each for each in sent if each.refused and not each.acked and counts[id(each)]]
        for words, found in (("lost", lost), ("doubled", doubled), ("refused, yet there", done)):
            self.half += [f"{words}: {each}" for each in found]
        late = sum(bool(counts[id(each)]) for each in sent if not each.acked and not each.refused)
        return {"present": sum(bool(each) for each in counts.values()), "unacknowledged, present": late,
                "doubled": len(doubled), "lost": len(lost)}  # fmt: skip

    def _counted(self, sent: list[Command]) -> dict[str, int]:
        """Commands that leave no text of theirs, counted by rep: as many as were acknowledged, or sent at most."""
        verb = COUNTED[sent[0].kind] if sent else ""
        found = Counter({row[0]: row[1] for row in self.rows(
            "SELECT actor, count(*) FROM audit WHERE verb = :v GROUP BY actor", v=verb)})  # fmt: skip
        least, most = Counter(each.login for each in sent if each.acked), Counter(each.login for each in sent)
        lost = sum(max(0, least[login] - found[login]) for login in most)
        over = sum(max(0, found[login] - most[login]) for login in most)
        if lost or over:
            self.half += [f"{sent[0].kind} of {login}: {found[login]} there, {least[login]} acknowledged, {most[login]}"
                          " sent" for login in most if not least[login] <= found[login] <= most[login]]  # fmt: skip
        there = sum(found[login] for login in most)
        return {"present": there, "unacknowledged, present": max(0, there - least.total()), "doubled": over,
                "lost": lost}  # fmt: skip
