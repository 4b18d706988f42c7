"""Phone numbers: read from any notation, stored reversed so that an ending is a prefix, looked for by what is typed.

Rule: digits alone decide. Source: ITU-T E.164.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

ENDING = 4  # digits that make an ending worth looking for
INSIDE = 5  # digits that make a piece from the middle worth looking for
WHOLE = 11  # digits of a whole number with country or trunk
_LONGEST = 40
_NOTATION = re.compile(r"[\d\s+()./\-–—]*")
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")
_EXITS = ("00", "011")  # dialled before the country: nearly everywhere, and in North America


def e164(raw: str, region: str = "") -> str:
    """The number in E.164 ("+13085550100"), or '' when it cannot be read. `region` is the country it is dialled in.

    Read by Google's libphonenumber; a number counts as readable when its length is possible in its country.
    """
    try:
        number = phonenumbers.parse(raw, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def digits(raw: str) -> str:
    """The decimal digits of a text, those of other scripts as 0-9."""
    return "".join(str(unicodedata.decimal(sign)) for sign in raw if unicodedata.decimal(sign, None) is not None)


def key(raw: str, region: str = "") -> str:
    """What ContactPhone.digits_rev holds: all digits with the country where it can be read, reversed."""
    return (digits(e164(raw, region)) or _without_exit(digits(raw)))[::-1][:_LONGEST]


def looks_like_phone(text: str) -> bool:
    """Whether a typed text holds digits and nothing but the signs phone numbers are written with."""
    return bool(_NOTATION.fullmatch(text)) and len(digits(text)) > 0


def spellings(text: str) -> tuple[str, ...]:
    """The digits of a typed fragment as they may be stored, the likeliest first.

    As typed, without the exit code, without a trunk zero, and of a whole number without its first digit (a trunk 8, or
    a country the stored number lacks). Nothing shorter than an ending comes out, nothing for a text that is no number.
    """
    if not looks_like_phone(text):
        return ()
    made = [digits(text)]
    if _TRUNK_IN_BRACKETS.search(text):
        made.insert(0, _without_exit(digits(_TRUNK_IN_BRACKETS.sub("", text))))
    international = _without_exit(made[-1])
    if international != made[-1]:
        made.append(international)
    if made[-1].startswith("0"):
        made.append(made[-1].lstrip("0"))
    elif len(made[-1]) >= WHOLE:
        made.append(made[-1][1:])
    return tuple(dict.fromkeys(each[:_LONGEST] for each in made if len(each) >= ENDING))


def fragment(text: str) -> tuple[str, ...]:
    """The beginnings of `digits_rev` that a typed fragment stands for: each spelling reversed."""
    return tuple(each[::-1] for each in spellings(text))


def _without_exit(typed: str) -> str:
    for exit_code in _EXITS:
        if typed.startswith(exit_code) and len(typed) >= len(exit_code) + 8:
            return typed.removeprefix(exit_code)
    return typed
