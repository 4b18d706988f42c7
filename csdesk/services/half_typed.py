"""What a rep is typing while nobody is on the line: one text a login, with the view it was typed at.

Stored at a pause of typing, as that of a call is with the call; whatever it says takes it along when it is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.models import HalfTyped, table
from csdesk.services.tx import Tx, reads, writes

H = table(HalfTyped)
_MINE = select(H.c.prompt, H.c.view).where(H.c.company == bindparam("c"), H.c.staff_id == bindparam("s"))
_GONE = delete(H).where(H.c.company == bindparam("c"), H.c.staff_id == bindparam("s"))


@dataclass(frozen=True)
class Kept:
    """A half-typed text and the name of the view it stands at; both '' for none."""

    prompt: str = ""
    view: str = ""


@writes()
def keep(tx: Tx, prompt: str, view: str) -> None:
    """Stores the actor's half-typed text in place of the one before; '' is none. No business fact, so no audit entry.

    The system types nothing, and keeps nothing.
    """
    if not prompt or not tx.actor.id:
        take(tx)
        return
    said = {"prompt": prompt, "view": view[:200]}
    row = {"company": tx.company, "staff_id": tx.actor.id, **said}
    made = (postgresql.insert(H) if tx.postgres else sqlite.insert(H)).values(**row)
    tx.do(made.on_conflict_do_update(index_elements=["company", "staff_id"], set_=said))


@reads()
def mine(tx: Tx) -> Kept:
    """The actor's half-typed text."""
    row = tx.row(_MINE, {"c": tx.company, "s": tx.actor.id})
    return Kept() if row is None else Kept(row.prompt, row.view)


def take(tx: Tx) -> None:
    """The actor's half-typed text is none any more. Internal: goes along with what it said."""
    tx.do(_GONE, {"c": tx.company, "s": tx.actor.id})
