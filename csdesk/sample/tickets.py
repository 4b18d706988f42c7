"""How the sample desk serves and what it is asked: hours with the province's holidays, two queues, tickets of the last
weeks in every state, each step taken through the services at its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from heapq import heappush
from typing import Any

from csdesk.sample.site import STAR, ZONE, Client, Site, moment, working_day_before
from csdesk.sample.talks import Talks
from csdesk.services import (
    approving,
    escalation_steps,
    posting,
    rosters,
    serving,
    ticket_log,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_waiting,
    tickets,
)
from csdesk.services.tx import Tx

HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-17:00")
SERVICE = {
    "calendar": {"desk": {"zone": ZONE, **HOURS, "country": "CA", "subdivision": "NB"}},
    "queue": {
        "north": {"name": "North", "policy": "standard", "team": "North", "staff": ["rep7", "rep2", "rep4", "lead3"]},
        "south": {"name": "South", "policy": "standard", "team": "South", "staff": ["rep9", "rep11", "lead5"]},
    },
}
LEVELS = {"lead3": "lead", "lead5": "lead", "boss1": "supervisor", "chief1": "operations", "fin2": "finance"}
ON_DUTY = ("rep7", "rep2", "rep4", "rep9", "rep11", *LEVELS)
LONG_TERMS = 30  # days: what is billed to such a customer is not paid before today
AHEAD = 5  # days the roster goes on for

# ticket, working days before today, local time, login, what, with which words. Others of a ticket follow its first.
STORY: tuple[tuple[str, int, str, str, str, tuple[str, ...]], ...] = (
    ("a", 14, "9:25", "rep2", "complain", ("d", "the corner of the pallet was crushed")),
    ("a", 14, "9:35", "rep2", "credit", ()),
    ("a", 14, "13:10", "lead3", "approve", ()),
    ("a", 14, "13:40", "system", "post", ()),
    ("a", 13, "10:05", "rep2", "resolve", ("l", "")),
    ("a", 13, "10:06", "rep2", "resolve", ("", "")),
    ("c", 9, "10:20", "rep4", "complain", ("s", "it was not on the truck")),
    ("c", 9, "10:40", "rep4", "wait", ("t", "+14", "carrier: where did it stay")),
    ("c", 7, "9:15", "rep4", "note", ("The carrier looks in its yard until Friday.",)),
    ("d", 8, "15:30", "rep9", "complain", ("q", "leaking at the lid")),  # nobody came back to it: late
    ("e", 6, "9:50", "rep7", "ask", ("r", "a second key for the cold room cage")),
    ("e", 6, "9:55", "rep7", "category", ("service",)),
    ("e", 6, "16:10", "rep7", "resolve", ("", "The key goes with the next truck.")),
    ("e", 5, "8:40", "rep7", "inbound", ("The key does not fit, please call.",)),
    ("e", 5, "9:05", "rep7", "spoke", ("Another key is cut, on the truck of Thursday.",)),
    ("f", 5, "13:20", "rep11", "complain", ("d", "broken glass in the crate, the driver cut his hand")),
    ("f", 5, "13:30", "rep11", "escalate", ("glass in a crate, who looks at the truck",)),
    ("g", 4, "10:15", "rep2", "ask", ("q", "can the truck come before ten")),
    ("g", 4, "10:25", "rep2", "category", ("delivery",)),
    ("g", 4, "10:30", "rep2", "wait", ("c", "+6", "which days would that be")),
    ("b", 4, "11:15", "rep9", "ask", ("q", "when does the new price list begin")),
    ("b", 4, "14:20", "rep9", "category", ("price",)),
    ("b", 4, "14:21", "rep9", "spoke", ("It begins on the first of the month; the list goes with the next truck.",)),
    ("b", 4, "14:22", "rep9", "resolve", ("", "Told when the list begins.")),
    ("h", 3, "11:05", "rep4", "complain", ("w", "another size than ordered")),
    ("h", 3, "11:10", "rep4", "dispute", ()),
    ("h", 3, "11:40", "rep4", "wait", ("i", "+6", "dock: what was picked for this line")),
    ("i", 2, "9:10", "rep9", "ask", ("q", "a copy of last month's statement")),
    ("i", 2, "9:20", "rep9", "category", ("payment",)),
    ("j", 2, "9:40", "rep11", "ask", ("q", "the statement of last month again")),
    ("j", 2, "9:45", "lead5", "merge", ("i",)),
    ("k", 2, "15:10", "rep7", "ask", ("r", "new delivery address from the autumn on")),
    ("k", 2, "15:20", "rep7", "release", ()),
    ("l", 1, "9:30", "rep11", "ask", ("q", "opened by mistake")),
    ("l", 1, "9:35", "rep11", "cancel", ("opened twice",)),
    ("m", 1, "11:20", "rep2", "complain", ("s", "one short, the slip says so")),
    ("m", 1, "11:30", "rep2", "credit", ()),
    ("n", 1, "13:45", "rep11", "ask", ("q", "is the organic range coming back")),
    ("n", 1, "13:50", "rep11", "release", ()),
)
SAME = {"j": "i"}  # of the same customer, so that they can be one


@dataclass
class Desk:
    """The tickets while they are made: id and customer by their letter in the story."""

    site: Site
    talks: Talks
    clients: tuple[Client, ...]
    made: dict[str, int] = field(default_factory=dict)
    whose: dict[str, Client] = field(default_factory=dict)

    def at(self, when: datetime, login: str) -> Tx:
        """The transaction at a moment in the hands of a login; what is remembered of another's is not known to it."""
        return replace(self.site.at(when, login), cache={})

    def set_up(self, first: datetime) -> None:
        """Hours, queues and who works them, before the first day."""
        serving.load(self.at(first, "admin1"), SERVICE)

    def story(self, later: list[tuple[datetime, int, Callable[[], object]]]) -> None:
        """Puts every step of the story where the days find it."""
        for number, (letter, back, clock, login, what, words) in enumerate(STORY, 1):
            when = moment(working_day_before(self.site.today, back), clock)
            heappush(later, (when, -number, _step(self, letter, when, login, what, words)))

    def roster(self) -> None:
        """Who is on duty from today on."""
        days = [self.site.today.toordinal() + number for number in range(AHEAD)]
        lines = [
            rosters.Line(row, login, f"{day} 07:30", f"{day} 18:00", "", LEVELS.get(login, ""))
            for row, (day, login) in enumerate(
                ((type(self.site.today).fromordinal(each), login) for each in days for login in ON_DUTY), 2)
        ]  # fmt: skip
        rosters.load(self.at(moment(self.site.today, "04:40"), "admin1"), lines)


def _step(desk: Desk, letter: str, when: datetime, login: str, what: str, words: tuple[str, ...]) -> Any:
    return lambda: _ACTS[what](desk, letter, desk.at(when, login), *words)


def _complain(desk: Desk, letter: str, tx: Tx, reason: str, words: str) -> None:
    client, place, line, pieces = _goods(desk, tx)
    call = desk.talks.of(tx.now, client, tx.actor.login, "complaint", words)
    seen = ticket_subjects.delivery(tx, client.id, place)
    desk.made[letter] = tickets.complain(tx, call, seen, line, reason, pieces, words).id
    desk.whose[letter] = client


def _ask(desk: Desk, letter: str, tx: Tx, kind: str, words: str) -> None:
    client = desk.whose.get(SAME.get(letter, ""))
    if client is None:
        client, *_ = _goods(desk, tx)
    call = desk.talks.of(tx.now, client, tx.actor.login, "enquiry", "")
    desk.made[letter] = tickets.note(tx, call, kind, words).id
    desk.whose[letter] = client


def _goods(desk: Desk, tx: Tx) -> tuple[Client, int, int, Decimal]:
    """A customer of none of the others, with a delivery that is billed and a line of it: place, line and pieces."""
    seen = {client.id for client in desk.whose.values()}
    order = desk.site.chance(f"ticket {len(seen)}").sample(range(len(desk.clients)), len(desk.clients))
    for number in order:
        client = desk.clients[number]
        if client.id in seen or client.code == STAR or not client.contact or client.terms_days < LONG_TERMS:
            continue
        for place, line in _billed(tx, client.id):
            return client, place, line, Decimal(1)
    raise AssertionError("nobody got goods that were billed")


def _billed(tx: Tx, customer_id: int) -> list[tuple[int, int]]:
    """(place, line) of delivered lines that stand on an invoice, one a delivery, the latest first."""
    found = []
    for place, each in enumerate(ticket_subjects.deliveries(tx, customer_id, 3), 1):
        whole = [line.line for line in ticket_subjects.carried(tx, each.id) if line.quantity >= 1]
        for line in whole[:1]:
            if ticket_subjects.of_delivery(tx, each.id, line, Decimal(1)).document_id is not None:
                found.append((place, line))
    return found


def _approve(desk: Desk, letter: str, tx: Tx) -> None:
    approving.approve(tx, _request(desk, letter, tx))


def _request(desk: Desk, letter: str, tx: Tx) -> int:
    (line,) = ticket_money.lines_of(tx, desk.made[letter])
    return int(line.request_id)


_ACTS: dict[str, Callable[..., object]] = {
    "complain": _complain,
    "ask": _ask,
    "credit": lambda desk, letter, tx: ticket_money.credit(tx, desk.made[letter]),
    "dispute": lambda desk, letter, tx: ticket_money.dispute(tx, desk.made[letter]),
    "approve": _approve,
    "post": lambda desk, letter, tx: posting.post(tx, _request(desk, letter, tx)),
    "resolve": lambda desk, letter, tx, cause, words: ticket_resolving.resolve(
        tx, desk.made[letter], cause, words, None, ticket_log.get(tx, desk.made[letter]).version
    ),
    "category": lambda desk, letter, tx, typed: ticket_moves.category(tx, desk.made[letter], typed),
    "wait": lambda desk, letter, tx, party, day, words: ticket_waiting.wait(
        tx, desk.made[letter], party, day, "", words
    ),
    "note": lambda desk, letter, tx, words: ticket_thread.note(tx, desk.made[letter], words),
    "inbound": lambda desk, letter, tx, words: ticket_thread.inbound(tx, desk.made[letter], words),
    "spoke": lambda desk, letter, tx, words: ticket_thread.spoke(tx, desk.made[letter], words),
    "escalate": lambda desk, letter, tx, words: escalation_steps.by_hand(tx, desk.made[letter], words),
    "merge": lambda desk, letter, tx, into: ticket_merging.merge(tx, desk.made[letter], _ending(desk, tx, into)),
    "release": lambda desk, letter, tx: ticket_moves.release(tx, desk.made[letter]),
    "cancel": lambda desk, letter, tx, why: ticket_moves.cancel(tx, desk.made[letter], why),
}


def _ending(desk: Desk, tx: Tx, letter: str) -> str:
    return str(tickets.ticket_log.get(tx, desk.made[letter]).number)[-4:]
