"""Text as it is searched and as it is painted: pure functions that take whatever a customer may be called.

Rule: compared without case, accents and signs. Source: Unicode normalisation forms (UAX #15).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len

# Latin letters that have no decomposition but are typed with their plain neighbour.
_PLAIN = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "ß": "ss",
})  # fmt: skip
_ASCII = str.maketrans({
    code: None if (code < 32 and not chr(code).isspace()) or code == 127 else " "
    for code in range(128)
    if not chr(code).isalnum()
})  # fmt: skip
_INNER = re.compile(r"(?<=\w)['’‘`´.&+/_-]+(?=\w)")
_UNSEEN = "�"
_FLAGS = {0x1F1E6 + n: chr(65 + n) for n in range(26)}  # a pair of these is one cell here and two there
_MARKS_IN_A_ROW = 2
_ELLIPSIS = "…"


def normalised(text: str) -> str:
    """Lower case without accents, punctuation and control signs; words parted by single blanks.

    Letters and digits of every script stay. Case, accents and compatibility forms are folded (NFKD), invisible signs
    (control, direction marks, zero width) vanish, everything else parts words. Normalising twice changes nothing.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    for _ in range(4):  # folding the case may give letters that decompose again
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        if folded == text:
            break
        text = folded
    return " ".join("".join(map(_searched, text.translate(_PLAIN))).split())


def words(text: str) -> tuple[str, ...]:
    """The words of a text, normalised."""
    return tuple(normalised(text).split())


def squeezed(text: str) -> str:
    """A code as it is compared: normalised and without blanks, "WWI-20417" and "wwi 20417" are the same.

    A code of signs alone stays as it is shown, in lower case.
    """
    return normalised(text).replace(" ", "") or printable(text).strip().lower()


def run_together(text: str) -> tuple[str, ...]:
    """Further spellings of words with punctuation inside, written as one: O'Brien as "obrien", A.B.C. as "abc"."""
    return tuple(made for part in text.split() if _INNER.search(part) and (made := squeezed(_INNER.sub("", part))))


@lru_cache(maxsize=4096)
def _searched(sign: str) -> str:
    """The sign itself when it is searched for, a blank when it parts words, nothing when it is not seen."""
    kind = unicodedata.category(sign)
    if kind[0] in "LN":
        return sign
    if kind[0] == "M" or kind == "Cf" or (kind == "Cc" and not sign.isspace()):
        return ""
    return " "


def one_edit_apart(a: str, b: str) -> bool:
    """Whether at most one letter is missing, extra or wrong, or two neighbours are swapped."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    at = next((i for i, sign in enumerate(a) if sign != b[i]), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    return a[at + 1 :] == b[at + 1 :] or (a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :])


def prefix_one_edit(query: str, word: str) -> bool:
    """Whether the query is at most one edit apart from some beginning of the word: a word typed so far, misspelt."""
    size = len(query)
    return any(one_edit_apart(query, word[:cut]) for cut in (size, size - 1, size + 1) if 0 <= cut <= len(word))


def printable(text: str, width: int | None = None) -> str:
    """The text safe for one row of a terminal, cut to `width` cells with an ellipsis.

    Line ends and tabs become blanks; control, direction and invisible signs vanish; signs a terminal may measure
    differently (unassigned, private, emoji joiners and modifiers, flags, piles of accents) are dropped or replaced.
    """
    if not (text.isascii() and text.isprintable()):
        text = _one_row(text)
    if width is None or (text.isascii() and len(text) <= width) or cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    cells, kept = 0, []
    for sign in text[: 3 * width]:  # at most two marks follow a letter
        cells += cell_len(sign)
        if cells > width - 1:
            break
        kept.append(sign)
    return "".join(kept) + _ELLIPSIS


def _one_row(text: str) -> str:
    kept: list[str] = []
    marks = _MARKS_IN_A_ROW  # none may stand in front, it would join the sign before the text
    for sign in unicodedata.normalize("NFC", text.translate(_FLAGS)):
        seen = _seen(sign)
        if seen and unicodedata.category(seen) == "Mn":
            marks += 1
            if marks > _MARKS_IN_A_ROW:
                continue
        elif seen:
            marks = 0
        kept.append(seen)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _seen(sign: str) -> str:
    """The sign, a blank, a replacement, or nothing: what a terminal may get for it."""
    kind = unicodedata.category(sign)
    if sign.isspace() or kind in ("Zl", "Zp"):
        return " "
    if kind in ("Cc", "Cf", "Me") or "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef":
        return ""
    if "\U0001f3fb" <= sign <= "\U0001f3ff":  # skin tones
        return ""
    if kind in ("Cn", "Co", "Cs"):
        return _UNSEEN
    return sign
