"""Who only reads writes nothing: what a duty for reading lets him write is his own, or asks who he is besides."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import csdesk.services
from csdesk.errors import Refused
from csdesk.models import Contact, Escalation, Outbox, Survey
from csdesk.services import calls, knowledge, outbox, surveys
from csdesk.services.duties import ROLES
from csdesk.services.tx import WRITING_VERBS
from tests.services.conftest import Desk
from tests.services.escalations import closed, tick

for _module in pkgutil.iter_modules(csdesk.services.__path__):
    importlib.import_module(f"csdesk.services.{_module.name}")

# Writing verbs that ask for no more than the duties of somebody who only reads -> what keeps them from him.
GUARDED = {
    "approving.approve": "his rank", "approving.approve_all": "his rank", "approving.reject": "his rank",
    "callbacks.attempt": "no callback comes into his hands", "callbacks.keep": "no callback comes into his hands",
    "queue.called": "no callback comes into his hands", "queue.missed": "no callback comes into his hands",
    "calls.begin": "his own desk, which shows a customer on a call", "calls.end": "his own desk",
    "calls.identify": "his own desk", "calls.switch": "his own desk",
    "corrective.done": "only what he is named for", "emergency.review": "his very work",
    "escalation_steps.acknowledge": "whoever it went to", "escalation_steps.action": "whoever it went to",
    "escalation_steps.close": "whoever it went to", "escalation_steps.send_up": "whoever it went to",
    "handover.end_shift": "his own shift", "supervising.take_back": "his own step",
    "ticket_drafts.drop": "who may write on it", "ticket_drafts.keep": "who may write on it",
    "ticket_thread.note": "who works it or investigates", "ticket_undo.latest": "his own step",
    "ticket_undo.take_back": "his own step", "undo.last": "his own step", "undo_own.newest": "his own step",
}  # fmt: skip


@pytest.mark.parametrize("role", ["auditor", "controller"])
def test_duties_for_reading_write_only_what_is_named(role: str) -> None:
    held = ROLES[role][1] - {"period.unlock", "db.care"}  # what the two are there for
    assert {name for name, verb in WRITING_VERBS.items() if verb.duty in held} <= set(GUARDED)  # type: ignore[attr-defined]


def test_an_auditor_answers_no_survey_mails_nothing_and_notes_nothing(desk: Desk) -> None:
    desk.change(Contact, {"customer_id": 1}, email="jo@harbour.example")
    closed(desk)
    tick(desk)
    before = len(desk.rows(Outbox))
    auditor = desk.as_("audit1")
    call = auditor.write_now(calls.begin).id
    auditor.write_now(calls.identify, call, 1)  # as one looks at a customer
    for verb, args in (
        (surveys.answer, (desk.row(Survey).code, 1)), (outbox.post_statement, (1,)), (knowledge.helped, (5,)),
        (calls.note, (call, "looked")), (calls.code, (call, "q")),
    ):  # fmt: skip
        with pytest.raises(Refused, match=r"desk\.act"):
            auditor.write_now(verb, *args)
    assert auditor.write_now(calls.end, call)
    assert (desk.rows(Escalation), len(desk.rows(Outbox))) == ([], before)
    assert desk.row(Survey).answered_at is None
