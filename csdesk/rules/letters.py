"""Letters for a list of codes, so that each can be typed with one. Pure.

Rule: in alphabetical order each code takes the first of its own letters that is free, else any. Source: the desk's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase


def letters_of(codes: Iterable[str], prefix: str = "") -> dict[str, str]:
    """Letter -> code. The same codes give the same letters; beyond 26 codes some have none.

    Rule: those whose first letter is theirs alone take it; then the others by the alphabet, each the first of its own
    letters that is free, else the first free one of all.
    """
    given = sorted(set(codes))
    plain = {code: "".join(each for each in code.removeprefix(prefix).lower() if "a" <= each <= "z") for code in given}
    firsts = [name[:1] for name in plain.values()]
    found = {name[0]: code for code, name in plain.items() if name and firsts.count(name[0]) == 1}
    for code, name in plain.items():
        if code in found.values():
            continue
        free = next((each for each in name + ascii_lowercase if each not in found), "")
        if free:
            found[free] = code
    return found
