"""Articles and canned texts from files: a folder at once, a sentence for every bad one, nothing loaded then."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.commands.knowledge_files import articles, replies
from csdesk.errors import Invalid
from tests.services.conftest import Desk

GOOD = "title: Article {n}\ncategory: quality\nProduct: 4711\nwords: rancid\n\nFirst line.\n\nSecond {n}.\n"


def said(desk: Desk, *words: str, user: str = "lead3") -> str:
    done = CliRunner().invoke(app, [*words, "--db", desk.store.url, "--user", user])
    return done.output if done.exception is None else str(getattr(done.exception, "message", done.exception))


def test_a_hundred_articles_from_a_folder_and_what_is_done_with_them(desk: Desk, tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / f"a-{n}.txt").write_text(GOOD.format(n=n), "utf-8-sig" if n == 5 else "utf-8")
    (tmp_path / "draft.md").write_text("code: draft-1\ntitle: A draft\npublish: no\n\nNot yet.", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert said(desk, "article", "add", str(tmp_path)) == "101 new, 0 changed, 0 as they were; 100 published.\n"
    (tmp_path / "a-1.txt").write_text("title: Mouldy\n\nOther text.", "utf-8")
    assert said(desk, "article", "add", str(tmp_path)) == "0 new, 1 changed, 100 as they were; 1 published.\n"
    assert said(desk, "article", "find", "mould").split() == ["a-1", "Mouldy"]
    assert "Second 7." in said(desk, "article", "show", "a-7", user="rep7")
    assert said(desk, "article", "publish", "draft-1") == "draft-1: version 1.\n"
    assert said(desk, "article", "publish", "a-1", "--version", "1") == "a-1: version 1, 2 waits.\n"
    assert said(desk, "article", "publish", "a-1", "--withdraw") == "a-1: version 2, not published.\n"
    assert said(desk, "article", "list", user="rep7").endswith("100 articles.\n")
    assert said(desk, "article", "find", "zzzz") == "No article holds any of these words.\n"
    assert said(desk, "article", "reindex") == "100 articles can be found.\n"
    assert "needs the duty 'knowledge.write'" in said(desk, "article", "reindex", user="rep7")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_canned_texts_from_files(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "cd.txt").write_text("title: Credit\n\nThe credit on {invoice}.", "utf-8")
    (tmp_path / "ph.txt").write_text(
        "title: Photo\nwait: customer\ndays: 2\nquestion: A photo\n\nA photo, please.", "utf-8"
    )
    assert said(desk, "reply", "add", str(tmp_path)) == "2 written, 0 as they were.\n"
    assert " ".join(said(desk, "reply", "list").split()) == ";cd text Credit ;ph macro Photo 2 canned texts."
    assert said(desk, "reply", "remove", "cd") == ";cd is gone.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "there is no text"),
        (b"title: x", "there is no text"),
        (b"title: x\ncolour: y\n\nz", "line 2 is none of code:, title:, category:"),
        (b"title x\n\nz", "line 1 is none of"),
        (b"title: x\ntitle: y\n\nz", "line 2: title is there twice"),
        (b"title: \xff\n\nz", "byte 8 is not UTF-8"),
        (b"title: x\npublish: maybe\n\nz", "publish can be yes or no, not 'maybe'"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_bad_file_is_told_by_its_name(tmp_path: Path, text: bytes, words: str) -> None:
    (tmp_path / "bad.txt").write_bytes(text)
    (tmp_path / "good.txt").write_text("title: x\n\ny", "utf-8")
    with pytest.raises(Invalid, match=r"bad\.txt: ") as raised:
        articles([tmp_path])
    assert words in raised.value.message


def test_a_missing_or_empty_folder_and_strange_days_are_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no file or folder"):
        articles([tmp_path / "none"])
    with pytest.raises(Invalid, match=r"holds no \.txt or \.md file"):
        articles([tmp_path])
    (tmp_path / "r.txt").write_text("title: x\nwait: third\ndays: soon\nquestion: q\n\ny", "utf-8")
    with pytest.raises(Invalid, match=r"r\.txt: days is a number, not 'soon'"):
        replies([tmp_path])
