"""Articles and canned texts as text files: lines of 'name: value', an empty line, the text; faults told together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from csdesk.errors import Invalid

if TYPE_CHECKING:
    from csdesk.services.canned import CannedDraft
    from csdesk.services.knowledge_writing import ArticleDraft

SUFFIXES = frozenset({".txt", ".md"})
LARGEST = 1_000_000  # bytes of a file
ARTICLE = ("code", "title", "category", "product", "group", "words", "publish")
REPLY = ("code", "title", "category", "state", "wait", "days", "question", "reply")
_LINE = re.compile(r"\s*([A-Za-z]+)\s*:\s*(.*?)\s*")
YES = {"yes": True, "no": False}


def articles(paths: Sequence[Path]) -> list[ArticleDraft]:
    """The articles of files and folders. Raises Invalid with a sentence for each file that cannot be taken."""
    from csdesk.services.knowledge_writing import ArticleDraft

    made = []
    for path, head, body in _read(paths, ARTICLE):
        publish = head.get("publish", "yes").lower()
        if publish not in YES:
            raise Invalid(f"{path.name}: publish can be yes or no, not '{publish[:20]}'.")
        names = ("category", "product", "words")
        texts = {name: head.get(name, "") for name in names}
        made.append(ArticleDraft(head.get("code") or path.stem.lower(), head.get("title", ""), body,
                                 product_group=head.get("group", ""), publish=YES[publish], **texts))  # fmt: skip
    return made


def replies(paths: Sequence[Path]) -> list[CannedDraft]:
    """The canned texts of files and folders; one that names more than code and title is a macro."""
    from csdesk.services.canned import Acts, CannedDraft

    made = []
    for path, head, body in _read(paths, REPLY):
        days = head.get("days", "0")
        if not (days.isascii() and days.isdigit() and len(days) < 5):
            raise Invalid(f"{path.name}: days is a number, not '{days[:20]}'.")
        texts = {name: head.get(name, "") for name in ("category", "state", "wait", "question", "reply")}
        acts = Acts(**texts, days=int(days)) if any(texts.values()) or int(days) else None
        made.append(CannedDraft(head.get("code") or path.stem.lower(), head.get("title", ""), body, acts))
    return made


def _read(paths: Sequence[Path], names: Sequence[str]) -> list[tuple[Path, dict[str, str], str]]:
    found, faults = [], []
    for path in _files(paths):
        try:
            found.append((path, *_parted(path, names)))
        except Invalid as error:
            faults.append(f"{path.name}: {error.message}")
    if faults:
        raise Invalid("\n".join([*faults, "Nothing was loaded."]))
    return found


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those of folders by name."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Invalid(f"There is no file or folder '{path}'.")
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())
            if not inside:
                raise Invalid(f"The folder '{path}' holds no .txt or .md file.")
            found += inside
        else:
            found.append(path)
    return found


def _parted(path: Path, names: Sequence[str]) -> tuple[dict[str, str], str]:
    """The named values of a file and its text."""
    if path.stat().st_size > LARGEST:
        raise Invalid(f"the file is larger than {LARGEST // 1_000_000} MB; it is no text of this kind.")
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Invalid(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8.") from None
    head: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            return head, "\n".join(lines[number:])
        match = _LINE.fullmatch(line)
        if match is None or match[1].lower() not in names:
            raise Invalid(
                f"line {number} is none of {', '.join(f'{name}:' for name in names)}; an empty line begins the text."
            )
        if match[1].lower() in head:
            raise Invalid(f"line {number}: {match[1].lower()} is there twice.")
        head[match[1].lower()] = match[2]
    raise Invalid("there is no text; an empty line stands before it.")
