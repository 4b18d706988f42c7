"""What leaves the outbox: each paper once, by mail against a real mail server and into a folder, whatever breaks."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from csdesk.config import Settings, data_dir
from csdesk.delivery import letter as letters
from csdesk.delivery.deliver import deliver
from csdesk.delivery.files import Journal, lay
from csdesk.documents.paper import money
from csdesk.errors import Refused
from csdesk.models import Company, Customer, DunningLevel, Outbox
from csdesk.services import dunning, memory, outbox, papers_reminder, papers_sending
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.documents.rules import broken
from tests.documents.sink import Sink
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, at_once, bill, pieces, post_all
from tests.services.talk import Talk
from tests.support.seed import TODAY

ROOT = Path(__file__).parents[2]


def order(desk: Desk, customer: int = 1) -> str:
    """Places an order; gives its number."""
    return desk.talk(customer).order(("4711", 1)).number


def pass_hold(desk: Desk) -> None:
    desk.clock.pass_by(minutes=2)


def states(desk: Desk) -> list[str]:
    return sorted(row.state for row in desk.store.read_now(outbox.listed, "all"))


def row(desk: Desk) -> outbox.Waiting:
    (only,) = desk.store.read_now(outbox.listed, "all")
    return only


def test_a_confirmation_goes_once_its_hold_has_passed(mailing: Desk, sink: Sink, settings: Settings) -> None:
    number = order(mailing)
    assert deliver(mailing.store, settings) == ()
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert said.endswith("went to jo@deli.example")
    assert deliver(mailing.store, settings) == ()
    (mail,) = sink.taken
    assert mail["Subject"] == f"Order confirmation {number} - Quay Wholesale"
    assert mail["From"] == "Quay Wholesale <accounts@quay.example>"
    assert mail["To"] == "jo@deli.example"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"ORDER CONFIRMATION {number}" in body.get_content()
    (pdf,) = mail.iter_attachments()
    assert pdf.get_filename() == f"order-confirmation-{number}.pdf"
    assert number in PdfReader(io.BytesIO(pdf.get_content())).pages[0].extract_text()
    assert (row(mailing).state, row(mailing).words) == ("sent", "jo@deli.example")
    assert not list((data_dir() / "outbox").iterdir())


def test_a_credit_note_goes_as_pdf_and_as_ubl_that_keeps_the_rules(
    mailing: Desk, sink: Sink, settings: Settings
) -> None:
    approve(mailing, ask(mailing.talk(), pieces(1, 2)))
    pass_hold(mailing)
    (said,) = post_all(mailing)
    pass_hold(mailing)
    deliver(mailing.store, settings)
    (mail,) = sink.taken
    files = {each.get_filename(): each.get_content() for each in mail.iter_attachments()}
    number = said.split()[2]
    assert set(files) == {f"credit-note-{number}.pdf", f"credit-note-{number}.xml"}
    assert broken(files[f"credit-note-{number}.xml"]) == []


def test_without_what_the_rules_ask_a_note_goes_as_pdf_alone_and_says_why(
    mailing: Desk, sink: Sink, settings: Settings
) -> None:
    mailing.change(Company, {"id": 1}, vat_number="")
    approve(mailing, ask(mailing.talk(), pieces(1, 2)))
    pass_hold(mailing)
    post_all(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert "without UBL: " in said
    assert "csdesk company set vat_number" in said
    assert [each.get_content_type() for each in sink.taken[0].iter_attachments()] == ["application/pdf"]


def test_what_was_withdrawn_never_goes(mailing: Desk, sink: Sink, settings: Settings) -> None:
    talk = mailing.talk()
    talk.order(("4711", 1))
    talk.undo()
    pass_hold(mailing)
    assert deliver(mailing.store, settings) == ()
    assert (sink.taken, states(mailing)) == ([], ["withdrawn"])


def test_what_is_being_sent_is_not_withdrawn_any_more(mailing: Desk) -> None:
    talk = mailing.talk()
    talk.order(("4711", 1))
    mailing.clock.pass_by(seconds=60)
    assert mailing.store.write_now(outbox.claim, "w") is not None
    with pytest.raises(Refused, match="Too late to undo"):
        talk.undo()


def test_two_workers_at_once_send_each_paper_once(
    mailing: Desk, sink: Sink, settings: Settings, database_url: str
) -> None:
    numbers = {order(mailing, customer) for customer in (1, 2, 1, 2, 1, 2)}
    pass_hold(mailing)
    stores = [Store(database_url, clock=mailing.clock) for _ in range(3)]
    said = at_once(*(lambda each=each: deliver(each, settings) for each in stores))  # type: ignore[misc]
    for each in stores:
        each.close()
    assert sum(len(words) for words in said) == 6
    assert set(sink.ids.values()) == {1}
    assert {subject.split()[2] for subject in sink.subjects()} == numbers


@pytest.mark.parametrize("refusal", ["at_data", "at_rcpt"])
def test_a_refusal_for_now_is_tried_again_later(mailing: Desk, sink: Sink, settings: Settings, refusal: str) -> None:
    getattr(sink, refusal).append("451 try again later")
    order(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert "says 451 try again later" in said
    assert (row(mailing).state, row(mailing).attempts) == ("put off", 1)
    assert deliver(mailing.store, settings) == ()
    mailing.clock.pass_by(minutes=1)
    deliver(mailing.store, settings)
    assert list(sink.ids.values()) == [1]
    assert (row(mailing).state, row(mailing).attempts) == ("sent", 2)


@pytest.mark.parametrize("refusal", ["at_data", "at_rcpt"])
def test_a_refusal_for_good_is_parked_and_goes_when_it_is_put_right(
    mailing: Desk, sink: Sink, settings: Settings, refusal: str
) -> None:
    getattr(sink, refusal).append("550 no such mailbox")
    order(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert "550 no such mailbox (parked; 'csdesk outbox again'" in said
    mailing.clock.pass_by(days=9)
    assert deliver(mailing.store, settings) == ()
    assert (row(mailing).state, row(mailing).words) == ("parked", "the mail server says 550 no such mailbox")
    mailing.store.write_now(outbox.again, row(mailing).id)
    deliver(mailing.store, settings)
    assert list(sink.ids.values()) == [1]
    with pytest.raises(Refused, match="is sent; there is nothing left"):
        mailing.store.write_now(outbox.again, row(mailing).id)


@pytest.mark.parametrize("where", ["at_mail", "at_rcpt", "at_data"])
def test_a_server_that_wants_a_login_stops_the_run_and_parks_nothing(
    mailing: Desk, sink: Sink, settings: Settings, where: str
) -> None:
    """One wrong setting is no fault of the papers: they wait, and go once it is put right."""
    setattr(sink, where, "530 Authentication required" if where == "at_mail" else ["530 Authentication required"])
    order(mailing)
    order(mailing, 2)
    pass_hold(mailing)
    first = mailing.store.read_now(outbox.listed, "waiting")[0]
    mailing.change(Outbox, {"id": first.id}, attempts=outbox.ATTEMPTS - 1)
    (said,) = deliver(mailing.store, settings)
    assert "says 530 Authentication required" in said
    assert "see smtp_user" in said
    assert states(mailing) == ["put off", "waiting"]
    sink.at_mail = ""
    mailing.clock.pass_by(hours=4)
    deliver(mailing.store, settings)
    assert states(mailing) == ["sent", "sent"]


def test_everything_parked_goes_again_at_one_word(mailing: Desk, sink: Sink, settings: Settings) -> None:
    sink.at_rcpt += ["550 not now"] * 2
    order(mailing)
    order(mailing, 2)
    pass_hold(mailing)
    deliver(mailing.store, settings)
    assert states(mailing) == ["parked", "parked"]
    assert mailing.as_("admin1").write_now(outbox.again_all) == "2 parked papers go at the next tick."
    deliver(mailing.store, settings)
    assert states(mailing) == ["sent", "sent"]
    with pytest.raises(Refused, match="Nothing is parked"):
        mailing.store.write_now(outbox.again_all)


def test_a_line_cut_after_the_mail_was_taken_brings_the_same_message_id_again(
    mailing: Desk, sink: Sink, settings: Settings
) -> None:
    """The server has it, the worker cannot know; a receiver that knows Message-IDs keeps one."""
    sink.at_data.append("drop")
    order(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert "broke off" in said
    mailing.clock.pass_by(minutes=1)
    deliver(mailing.store, settings)
    assert len(sink.ids) == 1
    assert states(mailing) == ["sent"]


@pytest.mark.parametrize(("when", "copies"), [("before-mark", 1), ("before-note", 2)])
def test_a_worker_killed_after_sending_leaves_nothing_double(
    mailing: Desk, sink: Sink, settings: Settings, database_url: str, when: str, copies: int
) -> None:
    order(mailing)
    pass_hold(mailing)
    worker = [sys.executable, "-m", "tests.documents.killed", database_url, str(sink.port), when]
    done = subprocess.run(worker, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -9
    assert (len(sink.taken), states(mailing)) == (1, ["claimed"])
    assert deliver(mailing.store, settings) == ()
    mailing.clock.pass_by(minutes=11)
    deliver(mailing.store, settings)
    assert (list(sink.ids.values()), states(mailing)) == ([copies], ["sent"])


def test_a_server_that_is_away_stops_the_round_and_loses_nothing(mailing: Desk, settings: Settings, sink: Sink) -> None:
    order(mailing)
    order(mailing, 2)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, replace(settings, smtp_port=1))
    assert "the mail server 127.0.0.1:1 does not answer" in said
    assert states(mailing) == ["put off", "waiting"]
    mailing.clock.pass_by(minutes=1)
    deliver(mailing.store, settings)
    assert list(sink.ids.values()) == [1, 1]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"smtp_starttls": True}, "lets nobody in .*smtp_starttls = false"),
        ({"smtp_user": "desk", "smtp_password": "wrong"}, "lets nobody in"),
    ],
)
def test_a_server_that_does_not_fit_the_settings_says_which(
    mailing: Desk, settings: Settings, more: dict[str, object], says: str
) -> None:
    order(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, replace(settings, **more))  # type: ignore[arg-type]

    assert re.search(says, said)


def test_who_has_no_address_gets_a_file_or_is_parked_with_the_cure(
    mailing: Desk, settings: Settings, sink: Sink, tmp_path: Path
) -> None:
    first, second = order(mailing, 3), order(mailing, 3)
    pass_hold(mailing)
    parked, _ = deliver(mailing.store, settings)
    assert "has no mail address: 'csdesk customer set 30100 email …', or set outbox_folder (parked" in parked
    both = replace(settings, outbox_folder=str(tmp_path / "papers"))
    for each in mailing.store.read_now(outbox.listed, "parked"):
        mailing.store.write_now(outbox.again, each.id)
    assert len(deliver(mailing.store, both)) == 2
    names = sorted(file.name for file in (tmp_path / "papers").iterdir())
    assert len(names) == 2
    assert {name.rpartition("-")[2] for name in names} == {f"{first}.pdf", f"{second}.pdf"}
    assert sink.taken == []


def test_a_wrong_address_is_parked(mailing: Desk, settings: Settings) -> None:
    mailing.change(Customer, {"id": 1}, email="jo at deli\r\nBcc: all@world.example")
    order(mailing)
    pass_hold(mailing)
    (said,) = deliver(mailing.store, settings)
    assert "is no mail address" in said
    assert states(mailing) == ["parked"]


def test_a_folder_alone_takes_everything_and_a_second_attempt_changes_nothing(mailing: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    order(mailing)
    pass_hold(mailing)
    claimed = mailing.store.write_now(outbox.claim, "a worker that dies")
    assert claimed is not None
    lay(folder, claimed.key, [letters.File("x.pdf", "application/pdf", b"first")])
    lay(folder, claimed.key, [letters.File("x.pdf", "application/pdf", b"second")])
    (file,) = folder.iterdir()
    assert file.read_bytes() == b"first"
    file.unlink()
    mailing.clock.pass_by(minutes=11)
    only = Settings(outbox_folder=str(folder))
    (said,) = deliver(mailing.store, only)
    (file,) = folder.iterdir()
    assert str(file) in said
    assert deliver(mailing.store, only) == ()


def test_a_folder_that_cannot_be_written_is_said(mailing: Desk, tmp_path: Path) -> None:
    order(mailing)
    pass_hold(mailing)
    blocked = tmp_path / "a file"
    blocked.write_text("")
    (said,) = deliver(mailing.store, Settings(outbox_folder=str(blocked)))
    assert "cannot be written" in said
    assert states(mailing) == ["put off"]


def test_nothing_is_tried_while_nobody_says_where(mailing: Desk) -> None:
    order(mailing)
    assert deliver(mailing.store, Settings()) == ()
    pass_hold(mailing)
    assert deliver(mailing.store, Settings()) == ("1 papers wait: set smtp_host, or outbox_folder, and they leave.",)
    assert states(mailing) == ["waiting"]


def test_only_the_latest_confirmation_of_an_order_goes(
    mailing: Desk, talk: Talk, sink: Sink, settings: Settings
) -> None:
    placed = talk.order(("4711", 12))
    mailing.clock.pass_by(seconds=50)
    talk.amend(placed.number)
    talk.set(1, 9)
    talk.commit()
    mailing.clock.pass_by(seconds=30)
    assert deliver(mailing.store, settings) == ()  # the first is due; the second may still be taken back
    mailing.clock.pass_by(seconds=40)
    deliver(mailing.store, settings)
    assert [subject.partition(" - ")[0] for subject in sink.subjects()] == [
        f"Order confirmation, revision 2 {placed.number}"
    ]
    assert states(mailing) == ["sent", "withdrawn"]


def test_the_first_confirmation_goes_when_the_change_is_taken_back(
    mailing: Desk, talk: Talk, sink: Sink, settings: Settings
) -> None:
    placed = talk.order(("4711", 12))
    mailing.clock.pass_by(seconds=50)
    talk.amend(placed.number)
    talk.set(1, 9)
    talk.commit()
    talk.undo()
    mailing.clock.pass_by(seconds=30)
    deliver(mailing.store, settings)
    assert (len(sink.taken), states(mailing)) == (1, ["sent", "withdrawn"])


def test_a_paper_that_cannot_be_made_is_parked_and_holds_nobody_up(
    mailing: Desk, sink: Sink, settings: Settings
) -> None:
    with mailing.store.engine.execution_options(desk_write=True).begin() as connection:
        memory.post(Tx(connection, 1, SYSTEM, mailing.clock()), "credit-note", "credit-note:77", {"document": 77}, 0)
    order(mailing)
    pass_hold(mailing)
    said = deliver(mailing.store, settings)
    assert "the paper cannot be made: This document is not in the books" in said[0]
    assert len(sink.taken) == 1


def test_rows_of_other_kinds_are_left_alone(mailing: Desk, settings: Settings) -> None:
    with mailing.store.engine.execution_options(desk_write=True).begin() as connection:
        memory.post(Tx(connection, 1, SYSTEM, mailing.clock()), "somebody-elses", "x:1", {}, 0)
    assert deliver(mailing.store, settings) == ()
    assert mailing.row(Outbox).claimed_at is None


def test_after_many_failures_a_person_must_look(mailing: Desk) -> None:
    order(mailing)
    pass_hold(mailing)
    pauses = []
    for _ in range(outbox.ATTEMPTS):
        claimed = mailing.store.write_now(outbox.claim, "w")
        assert claimed is not None
        mailing.store.write_now(outbox.failed, claimed.id, "w", "no route")
        until = mailing.row(Outbox).try_after
        pauses.append((until - mailing.clock()).total_seconds() / 60)
        mailing.clock.now = max(until, mailing.clock())
    assert pauses[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]
    assert states(mailing) == ["parked"]


def test_a_lapsed_claim_that_another_worker_took_is_not_given_back_by_the_first(mailing: Desk) -> None:
    order(mailing)
    pass_hold(mailing)
    first = mailing.store.write_now(outbox.claim, "slow")
    assert first is not None
    mailing.clock.pass_by(minutes=10)
    second = mailing.store.write_now(outbox.claim, "fresh")
    assert second is not None
    assert second.key == first.key
    assert "in other hands" in mailing.store.write_now(outbox.failed, first.id, "slow", "late")
    assert mailing.row(Outbox).claimed_by == "fresh"
    assert mailing.store.write_now(outbox.sent, first.id, "x") is True
    assert mailing.store.write_now(outbox.sent, first.id, "x") is False


def test_the_journal_remembers_until_it_is_told(tmp_path: Path) -> None:
    journal: Journal = Journal(tmp_path / "j")
    assert journal.left("1.2.ab") == ""
    journal.note("1.2.ab", "jo@deli.example")
    assert Journal(tmp_path / "j").left("1.2.ab") == "jo@deli.example"
    journal.forget("1.2.ab")
    journal.forget("1.2.ab")
    assert journal.left("1.2.ab") == ""


@pytest.mark.parametrize(
    ("text", "good"),
    [("jo@deli.example", True), ("jo@localhost", True), ("jo", False), ("a@b@c", False), ("a b@c.de", False),
     ("jo@deli.example\nBcc: x@y.z", False), ("<jo@deli.example>", False), ("", False)],
)  # fmt: skip
def test_what_an_address_is(text: str, good: bool) -> None:
    assert letters.is_address(text) is good


@pytest.mark.parametrize(("channel", "went"), [("mail", "jo@deli.example"), ("letter", ".pdf"), ("call", "telephones")])
def test_a_reminder_goes_the_way_its_level_says(
    mailing: Desk, sink: Sink, settings: Settings, tmp_path: Path, channel: str, went: str
) -> None:
    mailing.change(DunningLevel, {"level": 1}, channel=channel, fee=500, text="Dear customer, we miss your payment.")
    late = TODAY - timedelta(days=20)
    bill(mailing, ("4711", 2, 10000, 800), issued_on=late - timedelta(days=30), due_on=late)
    coll = mailing.as_("coll1")
    (made,) = coll.write_now(dunning.notify, TODAY, coll.read_now(dunning.waiting, TODAY))
    if channel == "letter":
        (said,) = deliver(mailing.store, settings)
        assert "a letter goes on paper, and no outbox_folder is set" in said
        mailing.store.write_now(outbox.again, row(mailing).id)
    (said,) = deliver(mailing.store, replace(settings, outbox_folder=str(tmp_path / "papers")))
    assert said.endswith(went)
    assert states(mailing) == ["sent"]
    assert len(sink.taken) == (channel == "mail")
    paper = mailing.store.read_now(papers_reminder.reminder, made.id)
    assert (paper.overdue, paper.fee, paper.total) == (10_800, 500, 11_300 + paper.interest)
    text = letters.letter(mailing.store.read_now(papers_sending.outgoing, "dunning-notice", f'{{"notice":{made.id}}}'))
    assert "Dear customer, we miss your payment." in text.text
    assert money(paper.total, "USD") in text.text
