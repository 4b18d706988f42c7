"""Articles on both databases: found by words and by what a ticket is about, revised, helping; canned texts."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import (
    Article,
    ArticleHelped,
    ArticleRevision,
    ArticleSearch,
    CannedReply,
    Ticket,
    TicketCategory,
    TicketLine,
    table,
)
from csdesk.services import canned, care, knowledge, knowledge_writing
from csdesk.services.canned import Acts, CannedDraft
from csdesk.services.knowledge_writing import ArticleDraft
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.support import databases
from tests.support.clock import NOW, Clock
from tests.support.seed import Seeded, acting

RANCID = ArticleDraft("oil-rancid", "Rancid oil: what to ask", "Ask for the lot. Credit it, send a sample to quality.",
                      "kb-spoilt", "4711", words="stale bitter smell", publish=True)  # fmt: skip
DRAFTS = (
    RANCID,
    ArticleDraft("oil-cloudy", "Oil is cloudy", "Cold makes it so; warm it to room temperature. It is not spoilt.",
                 "kb-spoilt", "4720", publish=True),
    ArticleDraft("late-truck", "The truck is late", "Ask the driver. Tell the customer when he comes, do not guess.",
                 "kb-trucks", publish=True),
    ArticleDraft("rice-weevils", "Weevils in rice", "Take it back at once and hold the lot. Tell quality the day.",
                 "kb-spoilt", product_group="GOODS", publish=True),
    ArticleDraft("cafe-fete", "Café orders for the fête of O'Brien", "Order by Thursday noon.", publish=True),
    ArticleDraft("unfinished", "Rancid butter", "Still to be written."),
)  # fmt: skip


TREE = (("kb", ""), ("kb-spoilt", "kb"), ("kb-mould", "kb-spoilt"), ("kb-trucks", ""))


def shelve(store: Store) -> Store:
    """Writes categories and six articles; gives the store in the hands of the lead."""
    rows = [{"company": 1, "code": code, "use": "category", "name": code, "parent": parent, "queue": "", "owner": "",
             "words": ""} for code, parent in TREE]  # fmt: skip
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(insert(table(TicketCategory)), rows)
    lead = acting(store, "lead3")
    lead.write_now(knowledge_writing.load, DRAFTS)
    return lead


@pytest.fixture
def writer(desk: Desk) -> Store:
    """The lead, with six articles written."""
    return shelve(desk.store)


@pytest.fixture(scope="module", params=databases.BACKENDS)
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A rep at a desk with articles that is only read, or where writing is refused; one for all tests of the module."""
    with databases.database(request.param, tmp_path_factory.mktemp("shelf"), "seeded") as url:
        store = Store(url, clock=Clock())
        shelve(store)
        yield acting(store, "rep7")
        store.close()


def codes(store: Store, typed: str, **more: Any) -> list[str]:
    return [hit.code for hit in store.read_now(knowledge.find, typed, **more)]


def suggested(store: Store, category: str = "", product: int | None = None, words: str = "", n: int = 3) -> list[str]:
    return [hit.code for hit in store.read_now(knowledge.suggest, category, product, words, n)]


# ---------------------------------------------------------------- finding


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("rancid", ["oil-rancid"]),
        ("RANCID OIL", ["oil-rancid"]),
        ("oil ran", ["oil-rancid"]),
        ("bitter", ["oil-rancid"]),
        ("cloud", ["oil-cloudy"]),
        ("oil", ["oil-cloudy", "oil-rancid"]),
        ("oil-cloudy", ["oil-cloudy"]),
        ("OIL_Cloudy", ["oil-cloudy"]),
        ("cafe fete", ["cafe-fete"]),
        ("CAFÉ obrien", ["cafe-fete"]),
        ("lot", ["oil-rancid", "rice-weevils"]),
        ("rancid truck", ["late-truck", "oil-rancid"]),
        ("butter", []),
        ("zzz", []),
        ("...", []),
    ],
)
def test_found_by_words_begun_in_any_order(shelf: Store, typed: str, found: list[str]) -> None:
    assert sorted(codes(shelf, typed)) == sorted(found)


def test_the_title_counts_more_than_the_body_and_a_code_is_first(desk: Desk, writer: Store) -> None:
    extra = ArticleDraft("driver", "Lot numbers", "How to read a rancid truck.", publish=True)
    writer.write_now(knowledge_writing.write, extra)
    assert codes(desk.rep, "truck") == ["late-truck", "driver"]
    assert codes(desk.rep, "driver") == ["driver", "late-truck"]
    assert codes(desk.rep, "rancid truck", loosely=False) == ["driver"]
    assert [hit.rank for hit in desk.rep.read_now(knowledge.find, "truck")] == [1, 2]


def test_hostile_text_finds_nothing_and_harms_nothing(desk: Desk, writer: Store) -> None:
    signs = string.printable + "äß漢🙂\u202e\x00½²٣ꙮ'\"*():&|!<>\\"
    dice = random.Random(3)
    typed = ["'", '"', "a OR b", "NEAR(oil truck)", "oil:*", "title:oil", "oil*", "-oil", "x' OR 1=1 --", "e 1e10 3e",
             "\x00", "ꙮ", "oil " * 400, "a" * 3000, "ﷺ ǅ ﬃ", "1.5 -2 a@b.c http://x.y/z", "漢字"]  # fmt: skip
    typed += ["".join(dice.choices(signs, k=dice.randint(1, 25))) for _ in range(60)]
    for each in typed:
        desk.rep.read_now(knowledge.find, each)
        desk.rep.read_now(knowledge.suggest, each[:40], None, each)
    draft = ArticleDraft("hostile", "[/x] '; DROP \x1b[31m", " ".join(typed), words="1e10 a'b ½", publish=True)
    writer.write_now(knowledge_writing.write, draft)
    assert "hostile" in codes(desk.rep, "1e10")
    assert codes(desk.rep, "DROP") == ["hostile"]
    assert codes(desk.rep, "漢") == ["hostile"]
    assert "\x1b" not in desk.rep.read_now(knowledge.by_code, "hostile").title


# ---------------------------------------------------------------- suggesting


def test_product_category_and_words_each_bring_an_article_up(shelf: Store) -> None:
    oil, rice = Seeded().products["4711"], Seeded().products["2208"]
    assert suggested(shelf) == []
    assert suggested(shelf, "kb-trucks") == ["late-truck"]
    assert suggested(shelf, "", oil)[0] == "oil-rancid"
    assert suggested(shelf, "", rice) == ["rice-weevils"]
    assert suggested(shelf, "kb-spoilt", rice)[0] == "rice-weevils"
    assert suggested(shelf, "kb-spoilt", Seeded().products["4720"])[0] == "oil-cloudy"
    assert set(suggested(shelf, "kb-mould")) == {"oil-cloudy", "oil-rancid", "rice-weevils"}
    assert suggested(shelf, "kb-spoilt", oil, "the truck was late")[0] in {"oil-rancid", "late-truck"}
    assert suggested(shelf, "", None, "the truck was late")[0] == "late-truck"


def test_a_word_being_typed_brings_the_article_before_it_is_finished(shelf: Store) -> None:
    for typed in ("2 bottles sme", "2 bottles smell", "2 bottles smell bi"):
        assert suggested(shelf, words=typed)[:1] == ["oil-rancid"]
    assert "rice-weevils" in suggested(shelf, "kb-spoilt", None, "wee")[:1]


def test_what_helped_more_often_comes_first_of_equals(desk: Desk, writer: Store) -> None:
    cloudy = desk.rep.read_now(knowledge.by_code, "oil-cloudy").id
    assert suggested(desk.rep, "kb-spoilt") == ["oil-cloudy", "oil-rancid", "rice-weevils"]
    rancid = desk.rep.read_now(knowledge.by_code, "oil-rancid").id
    desk.rep.write_now(knowledge.helped, rancid)
    assert suggested(desk.rep, "kb-spoilt")[0] == "oil-rancid"
    for call in (1, 2, 3):
        desk.rep.write_now(knowledge.helped, cloudy, None, call)
    assert suggested(desk.rep, "kb-spoilt")[0] == "oil-cloudy"


CATEGORIES = ("damaged", "late", "order", "payment")


def test_five_thousand_articles_are_suggested_from_at_typing_speed(desk: Desk) -> None:
    dice = random.Random(11)
    pool = ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(3, 9))) for _ in range(3000)]
    rows = [
        {"id": n + 1, "article_id": n + 1, "version": 1, "published": 1, "written_at": NOW, "written_by": 1, "at": NOW,
         "by": 1, "code": f"a{n}", "title": " ".join(dice.choices(pool, k=5)), "category": dice.choice(CATEGORIES),
         "body": "the and of " + " ".join(dice.choices(pool, k=60))}
        for n in range(5000)
    ]  # fmt: skip
    for model in (Article, ArticleRevision):
        desk.put(model, *({name: row[name] for name in row if name in model.model_fields} for row in rows))
    assert desk.lead.write_now(knowledge_writing.reindex) == 5000
    wanted, times = rows[4321], []
    for words in ("the", "the and of th", f"of {wanted['title']} and", wanted["title"][:7], " ".join(pool[:24])):
        began = time.perf_counter()
        desk.rep.read_now(knowledge.suggest, "late", 101, words)
        times.append(time.perf_counter() - began)
    assert suggested(desk.rep, "late", 101, f"of {wanted['title']} and")[0] == wanted["code"]
    assert min(times) < 0.5, times  # far above what it takes: other tests run beside this one


# ---------------------------------------------------------------- writing


def test_a_revision_waits_until_it_is_published_and_all_stay(desk: Desk, writer: Store) -> None:
    changed = ArticleDraft("oil-rancid", "Spoilt oil", "Throw it away.", "kb-spoilt", "4711")
    view = writer.write_now(knowledge_writing.write, changed)
    assert (view.version, view.published, view.title) == (2, 1, RANCID.title)
    assert codes(desk.rep, "spoilt") == ["oil-cloudy"]
    view = writer.write_now(knowledge_writing.publish, "oil-rancid")
    assert (view.version, view.published, view.title) == (2, 2, "Spoilt oil")
    assert sorted(codes(desk.rep, "spoilt")) == ["oil-cloudy", "oil-rancid"]
    assert codes(desk.rep, "bitter") == []
    again = writer.write_now(knowledge_writing.write, changed)
    assert (again.version, again.published) == (2, 2)
    writer.write_now(knowledge_writing.publish, "oil-rancid", 1)
    assert codes(desk.rep, "bitter") == ["oil-rancid"]
    assert [row.title for row in desk.rows(ArticleRevision, article_id=view.id)] == [RANCID.title, "Spoilt oil"]
    assert writer.write_now(knowledge_writing.withdraw, "oil-rancid").published == 0
    assert codes(desk.rep, "rancid") == []
    with pytest.raises(NotFound):
        desk.rep.read_now(knowledge.read, view.id)
    assert writer.read_now(knowledge.read, view.id).title == "Spoilt oil"
    writer.write_now(knowledge_writing.publish, "oil-rancid")
    assert codes(desk.rep, "throw away") == ["oil-rancid"]


def test_only_writers_see_what_is_not_published(shelf: Store) -> None:
    assert [each.code for each in shelf.read_now(knowledge.listed)] == sorted(
        each.code for each in DRAFTS if each.publish
    )
    assert len(acting(shelf, "lead3").read_now(knowledge.listed)) == len(DRAFTS)
    with pytest.raises(NotFound, match="There is no article unfinished"):
        shelf.read_now(knowledge.by_code, "unfinished")
    for verb, arguments in ((knowledge_writing.write, (RANCID,)), (knowledge_writing.publish, ("unfinished",))):
        with pytest.raises(Refused, match=r"knowledge\.write"):
            shelf.write_now(verb, *arguments)


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (ArticleDraft("Two Words", "t", "b"), "'Two Words' is no code"),
        (ArticleDraft("", "t", "b"), "is no code"),
        (ArticleDraft("x" * 41, "t", "b"), "is no code"),
        (ArticleDraft("x", " \x1b ", "b"), "The title is missing"),
        (ArticleDraft("x", "t", "\n \n"), "The body is missing"),
        (ArticleDraft("x", "t" * 201, "b"), "The title has 201 signs; 200 is the most"),
        (ArticleDraft("x", "t", "b" * 20_001), "The body has 20001 signs"),
        (ArticleDraft("x", "t", "b", product="nope"), "There is no product 'nope'"),
        (ArticleDraft("x", "t", "b", product_group="NONE"), "No product is in a group 'NONE'"),
        (ArticleDraft("x", "t", "b", product="4711", product_group="GOODS"), "not both"),
        (ArticleDraft("x", "t", "b", "nowhere"), "There is no category 'nowhere'; there are "),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(shelf: Store, draft: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        acting(shelf, "lead3").write_now(knowledge_writing.write, draft)
    with pytest.raises(Invalid, match=said):
        acting(shelf, "lead3").write_now(knowledge_writing.load, (ArticleDraft("good", "t", "b"), draft))
    assert all(each.code != "good" for each in shelf.read_now(knowledge.listed))


def test_who_wrote_from_an_old_version_is_told(writer: Store) -> None:
    writer.write_now(knowledge_writing.write, ArticleDraft("oil-rancid", "Second", "b"), 1)
    with pytest.raises(Conflict, match="read version 2 first"):
        writer.write_now(knowledge_writing.write, ArticleDraft("oil-rancid", "Third", "b"), 1)


def test_check_finds_an_index_out_of_step_and_reindexing_mends_it(desk: Desk, writer: Store) -> None:
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        if desk.store.postgres:
            connection.execute(text("UPDATE article_search SET terms = NULL WHERE title LIKE '%weevils%'"))
        else:
            connection.execute(text("INSERT INTO article_fts(article_fts) VALUES ('delete-all')"))
        connection.execute(
            update(table(ArticleSearch)).where(table(ArticleSearch).c.title.like("%truck%")).values(body="")
        )
    found = {each.name: each.offenders for each in desk.store.read_now(care.check)}["knowledge.index"]
    assert any("rice-weevils" in words and "csdesk article reindex" in words for words in found)
    assert any("late-truck" in words for words in found)
    assert writer.write_now(knowledge_writing.reindex) == 5
    assert codes(desk.rep, "weevils") == ["rice-weevils"]


def test_companies_do_not_find_each_others_articles(shelf: Store) -> None:
    assert shelf.read_now(knowledge.find, "oil")
    other = shelf.acting(shelf.actor)
    other.company = 2
    assert other.read_now(knowledge.find, "oil") == ()
    assert other.read_now(knowledge.suggest, "quality", 101, "oil") == ()


# ---------------------------------------------------------------- helping


def ticket(desk: Desk, id_: int = 1, **more: Any) -> int:
    row = {"id": id_, "number": f"T{id_}", "kind": "query", "queue": "desk", "opened_at": NOW, "opened_by": 1,
           "policy": "standard", "customer_id": 1, "contact": "Jo Field", **more}  # fmt: skip
    desk.put(Ticket, row)
    return id_


def test_an_article_helps_once_per_ticket_and_person(desk: Desk, writer: Store) -> None:
    id_ = desk.rep.read_now(knowledge.by_code, "oil-rancid").id
    seen = [desk.rep.write_now(knowledge.helped, id_, None, 7) for _ in range(2)]
    assert [(each.count, each.new) for each in seen] == [(1, True), (1, False)]
    assert desk.rep.write_now(knowledge.helped, id_, None, 8).count == 2
    assert desk.lead.write_now(knowledge.helped, id_, None, 7).count == 3
    assert [desk.rep.write_now(knowledge.helped, id_).count for _ in range(2)] == [4, 4]
    desk.clock.pass_by(days=1)
    assert desk.rep.write_now(knowledge.helped, id_).count == 5
    assert desk.rep.read_now(knowledge.read, id_).helped == 5
    with pytest.raises(NotFound, match="no such ticket"):
        desk.rep.write_now(knowledge.helped, id_, 99)
    with pytest.raises(NotFound, match="no longer published"):
        desk.rep.write_now(knowledge.helped, 5)
    assert len(desk.rows(ArticleHelped)) == 5


# ---------------------------------------------------------------- canned texts


CREDIT = CannedDraft(
    "cd", "Credit is on its way", "Dear {contact}, the credit on {invoice} comes with your next bill. {rep}"
)
WAIT = CannedDraft("ph", "Ask for a photo", "Please send us a photo.", Acts(wait="customer", days=2, question="A photo", reply="visible"))  # noqa: E501  # fmt: skip


def test_canned_texts_say_what_is_not_known_and_refuse_what_there_is_not(desk: Desk) -> None:
    assert desk.lead.write_now(canned.load, (CREDIT, WAIT)) == ("cd", "ph")
    assert desk.lead.write_now(canned.load, (CREDIT, WAIT)) == ()
    made = desk.rep.read_now(canned.expand, "CD")
    assert made.text == "Dear {contact}, the credit on {invoice} comes with your next bill. Robin Penn"
    assert made.missing == ("contact", "invoice")
    assert made.words == "{contact}, {invoice} are not known here; type it in its place."
    assert desk.rep.read_now(canned.expand, "ph").acts == WAIT.acts
    assert desk.rep.read_now(canned.fill, "{Customer}", None, 1).text == "Harbour View Deli"
    with pytest.raises(NotFound, match="There is no canned text 'zz'; there are cd, ph"):
        desk.rep.read_now(canned.expand, "zz")
    with pytest.raises(Invalid, match=r"\{lot\} is no variable; there are \{customer\}, \{contact\}"):
        desk.lead.write_now(canned.load, (CannedDraft("x", "t", "about {lot}"),))
    assert desk.lead.write_now(canned.remove, "ph") == "ph"
    assert [row.code for row in desk.rows(CannedReply)] == ["cd"]


def test_a_ticket_fills_what_it_knows(desk: Desk) -> None:
    id_ = ticket(desk, owner_id=1, product_id=101, due_at=NOW)
    line = {"ticket_id": id_, "line": 1, "subject": "invoice", "subject_id": 9201, "subject_line": 1, "quantity": 1,
            "subject_number": "26000001", "reason": "damaged", "order_id": desk.seeded.open_order}  # fmt: skip
    desk.put(TicketLine, line)
    every = " | ".join(
        f"{{{name}}}" for name in ("customer", "contact", "ticket", "order", "invoice", "product", "due")
    )
    made = desk.rep.read_now(canned.fill, every, id_)
    assert made.text.startswith("Harbour View Deli | Jo Field | T1 | 26000002 | 26000001 | Olive oil")
    assert made.text.endswith("| Tue 03 Mar 09:03")
    assert made.missing == ()
    bare = desk.rep.read_now(canned.fill, "{order} {due}", ticket(desk, 2, owner_id=1))
    assert bare.words == "{order}, {due} are not known for this ticket; type it in its place."
    desk.store.engine.dispose()
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(table(TicketLine).delete())
        connection.execute(table(Ticket).delete())


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (CannedDraft("c1", "t", "b"), "'c1' is no code of a canned text"),
        (CannedDraft("cd", "", "b"), "Canned text 'cd': The title is missing"),
        (CannedDraft("cd", "t", " "), "Canned text 'cd': The text is missing"),
        (CannedDraft("cd", "t", "b" * 1501), "The text has 1501 signs; 1500 is the most"),
        (CannedDraft("cd", "t", "b", Acts()), "A macro does something"),
        (CannedDraft("cd", "t", "b", Acts(state="happy")), "state can be open, resolved, closed, not 'happy'"),
        (CannedDraft("cd", "t", "b", Acts(wait="customer")), "names a question and 1 to 180 days"),
        (CannedDraft("cd", "t", "b", Acts(wait="them", days=1, question="q")), "wait can be customer, internal, third"),
        (CannedDraft("cd", "t", "b", Acts(wait="third", days=1, question="q", state="open")), "either waits or sets"),
        (CannedDraft("cd", "t", "b", Acts(reply="visible", days=3)), "A question and days go with wait"),
    ],
)
def test_a_canned_text_that_cannot_be_is_refused_in_a_sentence(shelf: Store, draft: CannedDraft, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        acting(shelf, "lead3").write_now(canned.load, (CREDIT, draft))
    assert shelf.read_now(canned.listed) == ()


def test_a_desk_reads_the_table_anew_only_when_it_changed(desk: Desk) -> None:
    first = desk.rep.read_now(canned.table)
    assert first is not None
    assert first.texts == ()
    assert desk.rep.read_now(canned.table, first.stamp) is None
    desk.lead.write_now(canned.load, (CREDIT,))
    second = desk.rep.read_now(canned.table, first.stamp)
    assert second is not None
    assert [each.code for each in second.texts] == ["cd"]


def test_check_finds_a_stored_text_with_a_strange_variable(desk: Desk) -> None:
    row = {"company": 1, "code": "q", "title": "t", "body": "{lot}", "kind": "macro", "acts": '{"x": 1}',
           "written_at": NOW, "written_by": 1}  # fmt: skip
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(insert(table(CannedReply)), [row, {**row, "code": "r", "body": "b"}])
    found = {each.name: each.offenders for each in desk.store.read_now(care.check)}["knowledge.replies"]
    assert len(found) == 2
    desk.lead.write_now(canned.remove, "q")
    desk.lead.write_now(canned.remove, "r")
