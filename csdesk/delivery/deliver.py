"""`deliver`: everything in the outbox whose time has come, each once, by mail or into a folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from csdesk.config import Settings, data_dir
from csdesk.delivery.files import Journal, lay
from csdesk.delivery.letter import File, Letter, is_address, letter, mail
from csdesk.delivery.smtp import Failed, send
from csdesk.errors import DeskError, Unavailable
from csdesk.services import outbox, papers_sending
from csdesk.services.outbox import Claimed
from csdesk.services.papers_sending import Outgoing
from csdesk.store import Store

BY_TELEPHONE = "a person, who telephones"
MOST = 500  # a tick leaves the rest to the next


def deliver(store: Store, settings: Settings) -> tuple[str, ...]:
    """Delivers what is due; gives one sentence for each paper that went or did not. Safe with several at once.

    A row is claimed in its own transaction, delivered, and marked in another. A worker that dies in between leaves a
    claim that lapses: the next one looks into the journal of what the server has taken, else sends the mail with the
    same Message-ID again. A server that does not answer ends the round; the rest waits for the next.
    """
    if not settings.smtp_host and not settings.outbox_folder:
        waiting = store.read_now(outbox.due)
        return (f"{waiting} papers wait: set smtp_host, or outbox_folder, and they leave.",) if waiting else ()
    return tuple(_round(store, settings))


def _round(store: Store, settings: Settings) -> Iterator[str]:
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    journal = Journal(data_dir() / "outbox")
    for _ in range(MOST):
        row: Claimed | None = store.write_now(outbox.claim, worker)
        if row is None:
            return
        try:
            where, note = _delivered(store, settings, journal, row)
        except Failed as failed:
            yield store.write_now(outbox.failed, row.id, worker, failed.why, failed.for_good, failed.stop)
            if failed.stop:
                return
            continue
        store.write_now(outbox.sent, row.id, where)
        journal.forget(row.key)
        yield f"{row.kind} {row.id} went to {where}{f' ({note})' if note else ''}"


def _delivered(store: Store, settings: Settings, journal: Journal, row: Claimed) -> tuple[str, str]:
    """Where it went, and what it went without. Raises Failed."""
    if where := journal.left(row.key):
        return where, ""
    try:
        going = store.read_now(papers_sending.outgoing, row.kind, row.payload)
        made = letter(going)
    except Unavailable as error:
        raise Failed(error.message, stop=True) from None
    except (DeskError, ValueError, KeyError) as error:
        raise Failed(f"the paper cannot be made: {getattr(error, 'message', error)}", for_good=True) from None
    if going.channel == "call":
        return BY_TELEPHONE, ""
    to = going.receiver.email.strip()
    if settings.smtp_host and _all_addresses(to) and going.channel != "letter":
        _mailed(store, settings, journal, row, going, made)
        return to, made.note
    if settings.outbox_folder:
        try:
            path = lay(Path(settings.outbox_folder).expanduser(), row.key, made.files or (_as_file(going, made),))
        except OSError as error:
            raise Failed(f"{settings.outbox_folder} cannot be written: {error.strerror}", stop=True) from None
        journal.note(row.key, str(path))
        return str(path), made.note
    raise Failed(_no_address(going, to), for_good=True)


def _all_addresses(to: str) -> bool:
    """Whether mail can be sent to all of these, parted by blanks; to none it cannot."""
    return bool(to) and all(is_address(each) for each in to.split())


def _as_file(going: Outgoing, made: Letter) -> File:
    """A message of words alone, for a folder."""
    head = f"To: {going.receiver.email}\nSubject: {made.subject}\n\n"
    return File(f"{going.stem}.txt", "text/plain", f"{head}{made.text}".encode())


def _mailed(store: Store, settings: Settings, journal: Journal, row: Claimed, going: Outgoing, made: Letter) -> None:
    sender = settings.smtp_from or going.seller.email
    if not is_address(sender):
        raise Failed("nobody to send as: set smtp_from, or 'csdesk company set email …'", stop=True)
    to = going.receiver.email.strip()
    message = mail(made, sender, going.seller.name, to, row.key, store.clock())
    send(settings, message, lambda: journal.note(row.key, to))


def _no_address(going: Outgoing, to: str) -> str:
    if going.channel == "letter":
        return "a letter goes on paper, and no outbox_folder is set to print from"
    cure = f"'{going.receiver.set_with} email …', or set outbox_folder"
    if to:
        return f"'{to}' of {going.receiver.name} is no mail address: {cure}"
    return f"{going.receiver.name} has no mail address: {cure}"
