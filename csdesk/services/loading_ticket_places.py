"""Where imported tickets lie and with whom: queues and categories made when missing, persons by name. Internal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from csdesk.errors import NotFound
from csdesk.models import ServiceQueue, Staff, TicketCategory, table
from csdesk.rules.text import normalised
from csdesk.services import founding_service, service_levels
from csdesk.services.loading_base import Load

QUEUE, CATEGORY, STAFF = table(ServiceQueue), table(TicketCategory), table(Staff)
USUAL = "desk"
_CODE = 40  # longest code of a queue or category


@dataclass
class Places:
    """What names of a log mean here, each looked up once a file."""

    load: Load
    queues: dict[str, str] = field(default_factory=dict)
    policies: dict[str, tuple[str, int]] = field(default_factory=dict)
    categories: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    usual: str = USUAL

    def queue(self, name: str | None) -> str:
        """The code of a queue: by code or name, made with the usual queue's policy when there is none; the usual one
        where nothing is said."""
        key = normalised(name or "")
        if not key:
            return self.usual
        if key not in self.queues:
            assert name is not None
            code, policy = _free(key, set(self.queues.values())), self.policies[self.usual][0]
            row = {"company": self.load.tx.company, "code": code, "name": name, "policy": policy, "team": ""}
            self.load.tx.do(insert(QUEUE), row)
            self.queues[key] = code
            self.policies[code] = self.policies[self.usual]
        return self.queues[key]

    def policy(self, queue: str) -> tuple[str, int]:
        """The policy of a queue with its present version."""
        return self.policies[queue]

    def category(self, path: Sequence[str | None]) -> str:
        """The code of the deepest category of a path of names, made when missing; '' for an empty path."""
        parent = ""
        for name in path:
            key = (parent, normalised(name or ""))
            if not key[1] or not name:
                continue
            if key not in self.categories:
                taken = set(self.categories.values())
                code = _free(f"{parent} {key[1]}" if parent else key[1], taken)
                self.load.tx.do(insert(CATEGORY), {
                    "company": self.load.tx.company, "code": code, "use": "category", "parent": parent, "name": name,
                    "queue": "", "owner": "", "words": "",
                })  # fmt: skip
                self.categories[key], self.names[code] = code, name
            parent = self.categories[key]
        return parent

    def person(self, name: str | None) -> int | None:
        """The one person here of a name or login; None when nobody or several are called so."""
        return self.people.get(normalised(name or ""))


def places(load: Load) -> Places:
    """What there is, read once a file; a company without any gets the calendar, policy, queue and categories a desk
    begins with. Raises NotFound where the queues name a policy that is not there."""
    kept = load.cache.get("ticket places")
    if isinstance(kept, Places):
        return kept
    tx = load.tx
    founding_service.add(tx)
    made = load.cache["ticket places"] = Places(load)
    for row in tx.rows(select(QUEUE).where(QUEUE.c.company == tx.company).order_by(QUEUE.c.code.desc())):
        made.queues[normalised(row.name)] = row.code
        made.policies[row.code] = service_levels.current(tx, row.policy)
    for code in list(made.policies):
        made.queues[normalised(code)] = code
    made.usual = USUAL if USUAL in made.policies else min(made.policies, default="")
    if not made.usual:
        raise NotFound("There is no queue for tickets yet; 'csdesk service load' makes one.")
    for row in tx.rows(select(CATEGORY).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "category")):
        made.categories[row.parent, normalised(row.name)] = row.code
        made.names[row.code] = row.name
    _people(made)
    return made


def _people(made: Places) -> None:
    """Names that two persons carry mean neither."""
    tx = made.load.tx
    twice: set[str] = set()
    for row in tx.rows(select(STAFF.c.id, STAFF.c.login, STAFF.c.name).where(STAFF.c.company == tx.company)):
        for name in {normalised(row.login), normalised(row.name)} - {""}:
            if made.people.setdefault(name, row.id) != row.id:
                twice.add(name)
    for name in twice:
        del made.people[name]


def _free(words: str, taken: set[str]) -> str:
    """A code from words that none of the others has."""
    code = normalised(words).replace(" ", "-")[:_CODE].strip("-")
    number = 2
    tried = code
    while tried in taken:
        tail = f"-{number}"
        tried, number = code[: _CODE - len(tail)] + tail, number + 1
    return tried
