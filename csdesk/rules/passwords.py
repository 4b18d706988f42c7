"""Which passwords are too easily guessed.

Rule: 12 to 128 signs after NFKC; not the login, not one of those guessed first whatever figures stand around it, no
mere repetition or row of neighbours; nothing on composition. Source: NIST SP 800-63B section 5.1.1.2 (its minimum: 8).
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

SHORTEST, LONGEST = 12, 128
FEWEST = 5  # different signs: fewer are a pattern
_FIRST_GUESSED = """
    password passwort motdepasse contrasena wachtwoord passphrase qwerty qwertyuiop qwertzuiop azertyuiop asdfghjkl
    zxcvbnm letmein welcome willkommen bienvenue changeme iloveyou administrator admin monkey dragon football baseball
    princess sunshine trustno master superman batman starwars whatever computer internet secret geheim login guest
    test default temporary summer winter autumn spring csdesk desk customer customerservice company qazwsx qazwsxedc
    abc abcabc abcdef correcthorsebatterystaple
"""
COMMON = frozenset(_FIRST_GUESSED.split())


def plain(password: str) -> str:
    """The password as it is kept: one form for signs that may be typed in several (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, login: str) -> str:
    """Why a password is not taken, one sentence; '' when it is."""
    typed = plain(password)
    if len(typed) < SHORTEST:
        return f"A password has at least {SHORTEST} signs; several words are easier to remember than odd signs."
    if len(typed) > LONGEST:
        return f"A password has at most {LONGEST} signs."
    if not typed.isprintable():
        return "A password holds no control signs."
    folded, own = typed.casefold(), plain(login).casefold()
    words, unit = _words(folded), _unit(folded)
    if unit == own or (words and (words <= {_letters(own)} or _letters(folded) == _letters(own))):
        return "The password must not be the login."
    if (words and len(words) <= 2 and words <= COMMON) or COMMON & {_letters(folded), _letters(unit)}:
        return "This password is among the first that are guessed; choose another."
    if len(set(folded)) < FEWEST or len(unit) <= FEWEST + 1 or _steps(folded):
        return "This password is a pattern that is guessed early; choose another."
    return ""


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


def _words(text: str) -> set[str]:
    """The words between signs that are no letters."""
    return set("".join(sign if sign.isalpha() else " " for sign in text).split())


def _unit(text: str) -> str:
    """What is repeated: 'abc' of 'abcabcabc', the text itself when nothing is."""
    return text[: (text + text).find(text, 1)]


def _steps(text: str) -> bool:
    """Whether all signs follow one another, up or down: 123456789012, abcdefghijkl."""
    steps = [(ord(after) - ord(before)) for before, after in pairwise(text)]
    return len({each for each in steps if each not in (9, -9)}) <= 1
