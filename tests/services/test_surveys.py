"""Asking how it was: once a ticket and round, a customer at most once in a while, by mail or on the call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Contact, Outbox, ServiceQueue, Survey, Ticket
from csdesk.rules.satisfaction import csat, nps
from csdesk.services import (
    outbox,
    papers_sending,
    reports,
    service_settings,
    surveys,
    ticket_moves,
    ticket_resolving,
)
from tests.services.conftest import Desk
from tests.services.escalations import closed, ladder, query, tick, ticket


@pytest.fixture
def asked(desk: Desk) -> int:
    """A closed ticket whose customer was asked by mail."""
    desk.change(Contact, {"customer_id": 1}, email="jo@harbour.example")
    made = closed(desk)
    assert tick(desk) == ["Ticket 26000001: 20417 Harbour View Deli is asked how it was."]
    return made


def test_a_customer_is_asked_once_and_not_again_for_two_weeks(desk: Desk, asked: int) -> None:
    survey = desk.row(Survey)
    assert (survey.ticket_id, survey.round, survey.via) == (asked, 1, "mail")
    row = desk.row(Outbox, kind="survey-mail")
    going = desk.store.read_now(papers_sending.outgoing, row.kind, row.payload)
    assert going.receiver.email == "jo@harbour.example"
    assert f"Code: {survey.code}" in going.message
    assert going.subject == "How was it? [26000001]"
    closed(desk, "another")
    closed(desk, "of somebody without mail", customer=2)
    assert tick(desk) == []
    desk.clock.pass_by(days=13)
    assert not any("asked" in words for words in tick(desk))
    desk.clock.pass_by(days=0.999)
    assert not any("asked" in words for words in tick(desk))


def test_the_answer_by_code_is_noted_once_and_a_low_score_goes_to_the_lead(desk: Desk, asked: int) -> None:
    code = desk.row(Survey).code
    with pytest.raises(NotFound, match="No survey has this code"):
        desk.rep.write_now(surveys.answer, "x", 5)
    with pytest.raises(Invalid, match="6 is no score"):
        desk.rep.write_now(surveys.answer, code, 6)
    runner = CliRunner().invoke(
        app, ["survey", "answer", code, "2", "--recommend", "3", "--comment", "too slow",
              "--db", desk.store.engine.url.render_as_string(hide_password=False), "--user", "rep7"],
    )  # fmt: skip
    assert runner.output.startswith("Ticket 26000001: the customer gave 2 of 5, recommends 3 of 10: too slow")
    assert ladder(desk, asked) == [("survey", 1, "raised", "lead3")]
    assert tick(desk) == []  # a low score stands though the ticket is closed
    with pytest.raises(Refused, match="was answered already, with 2 of 5"):
        desk.rep.write_now(surveys.answer, code, 4)
    with pytest.raises(Refused, match="was answered already"):
        desk.store.read_now(surveys.mail, desk.row(Survey).id)


def test_on_the_call_the_mail_that_asks_does_not_leave(desk: Desk, asked: int) -> None:
    said = desk.rep.write_now(surveys.answer_on_call, asked, 5, 10, "quick")
    assert said.words == "Ticket 26000001: the customer gave 5 of 5, recommends 10 of 10: quick."
    survey = desk.row(Survey)
    assert (survey.via, survey.answered_by, survey.score, survey.recommend) == ("call", 1, 5, 10)
    assert desk.row(Outbox, kind="survey-mail").withdrawn_at is not None
    desk.clock.pass_by(minutes=5)
    assert desk.store.write_now(outbox.claim, "w") is None
    with pytest.raises(Refused, match="is open; how it was is asked once it is resolved"):
        desk.rep.write_now(surveys.answer_on_call, query(desk, "new"), 5)


def test_nobody_is_asked_where_the_company_does_not_want_it(desk: Desk) -> None:
    desk.as_("boss1").write_now(service_settings.set_, "survey", "no")
    desk.change(Contact, {"customer_id": 1}, email="jo@harbour.example")
    closed(desk)
    assert tick(desk) == []
    assert desk.row(Ticket).state == "closed"
    assert desk.rows(Survey) == []


def test_the_report_hides_figures_of_few_answers(desk: Desk) -> None:
    scores = [5, 5, 5, 5, 4, 4, 3, 2, 1]
    for n, score in enumerate(scores):
        made = closed(desk, f"number {n}")
        desk.rep.write_now(surveys.answer_on_call, made, score, 10 if score == 5 else score)
    report = desk.lead.read_now(reports.run, "surveys")
    assert report.total[1:] == (9, 9, 100, None, 9, None, 9)
    made = closed(desk, "the tenth")
    desk.rep.write_now(surveys.answer_on_call, made, 4)
    report = desk.lead.read_now(reports.run, "surveys")
    assert [str(each) for each in report.total[1:]] == ["10", "10", "100", "70.0", "10", "None", "9"]


def test_the_figures_by_hand() -> None:
    assert str(csat([5, 4, 3, 2, 1, 5, 4, 3, 5, 5])) == "60.0"
    assert str(nps([10, 9, 8, 7, 6, 0, 10, 9, 3, 10])) == "20.0"  # five promoters, three detractors
    assert nps([10] * 9) is None
    assert str(csat([1] * 11)) == "0.0"


def test_nobody_is_asked_about_what_is_long_over_or_came_from_elsewhere(desk: Desk) -> None:
    desk.change(Contact, {"customer_id": 1}, email="jo@harbour.example")
    desk.change(ServiceQueue, {"code": "desk"}, reopen_days=7)
    old = query(desk)
    desk.rep.write_now(ticket_moves.category, old, "other")
    desk.rep.write_now(ticket_resolving.resolve, old, "", "it begins on Monday")
    over = desk.clock() + timedelta(days=7)
    desk.clock.pass_by(days=22)  # a desk that was off closes it as of the day it was over
    assert any("is closed: nobody wrote" in words for words in tick(desk))
    assert (ticket(desk, old).closed_at, desk.rows(Survey)) == (over, [])
    by_hand = query(desk, "by hand")
    desk.rep.write_now(ticket_moves.category, by_hand, "other")
    desk.rep.write_now(ticket_resolving.resolve, by_hand, "", "it begins on Monday")
    desk.clock.pass_by(days=22)
    desk.rep.write_now(ticket_resolving.resolve, by_hand)
    taken_in = closed(desk, "of the desk before this one")
    desk.change(Ticket, {"id": taken_in}, source="elsewhere")
    tick(desk)
    assert desk.rows(Survey) == []
    lapsed = query(desk, "asked late")
    desk.rep.write_now(ticket_moves.category, lapsed, "other")
    desk.rep.write_now(ticket_resolving.resolve, lapsed, "", "it begins on Monday")
    desk.clock.pass_by(days=20)
    tick(desk)
    assert [row.ticket_id for row in desk.rows(Survey)] == [lapsed]
