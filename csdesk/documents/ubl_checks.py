"""What EN 16931 asks of an invoice that a paper need not have: each lack is said in one sentence, with its cure."""

from __future__ import annotations

import re
from collections.abc import Callable

from csdesk.documents import codes
from csdesk.documents.paper import Paper, Party, TaxPart, money, rate_text
from csdesk.errors import Invalid
from csdesk.money import exponent, rounded, to_major

_VAT = re.compile(r"[A-Z]{2}[0-9A-Za-z+*.-]{2,}")
_DECIMALS = 2  # BR-DEC-01 to BR-DEC-28
# What XML 1.0 cannot hold, and control and direction signs nobody can see.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
                     "\ud800-\udfff]")  # fmt: skip


def clean(text: str) -> str:
    """A text as XML may hold it: unseen signs gone, blanks single."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def check(paper: Paper) -> None:
    """Raises Invalid with the first reason why a document cannot go out as UBL by EN 16931."""
    for look in _LOOKS:
        look(paper)


def _kind(paper: Paper) -> None:
    if paper.kind not in {"invoice", "credit_note", "debit_note"}:
        raise Invalid(f"An {paper.title.lower()} has no UBL form; take text or pdf.", field="as")


def _lines(paper: Paper) -> None:
    if not paper.lines:
        raise _cannot(paper, "it has no lines (BR-16); send it as pdf.")
    if paper.unsplit or sum(part.tax for part in paper.taxes) != paper.tax:
        raise _cannot(paper, "its total is not the sum of its lines (BR-CO-10); send it as pdf.")
    if paper.gross != paper.net + paper.tax:
        raise _cannot(paper, "its total is not net and tax together (BR-CO-15); send it as pdf.")


def _named(paper: Paper) -> None:
    for who, rule in ((paper.seller, "BR-06"), (paper.buyer, "BR-07")):
        if not clean(who.name):
            raise _lacks(paper, who, "name", rule)


def _countries(paper: Paper) -> None:
    for who, rule in ((paper.seller, "BR-09"), (paper.buyer, "BR-11")):
        if not who.country:
            raise _lacks(paper, who, "country", rule)
        if not codes.country_code(who.country):
            raise _cannot(paper, f"'{who.country}' of {who.name} is no ISO 3166 country of two letters ({rule}); "
                                 f"set it with '{who.set_with} country XX'.")  # fmt: skip


def _seller_vat(paper: Paper) -> None:
    if not paper.seller.vat_number:
        raise _lacks(paper, paper.seller, "vat_number", "BR-S-02, BR-CO-26")
    for who in (paper.seller, paper.buyer):
        number = "".join(who.vat_number.split())
        if number and not _VAT.fullmatch(number):
            raise _cannot(paper, f"the VAT number {who.vat_number} of {who.name} does not begin with its country "
                                 f"(BR-CO-09); set it with '{who.set_with} vat_number {_example(who)}'.")  # fmt: skip


def _buyer_vat(paper: Paper) -> None:
    """BR-AE-02 and BR-IC-02: the buyer accounts for the tax, so it must be known by its number."""
    if any(part.category in {"AE", "K"} for part in paper.taxes) and not paper.buyer.vat_number:
        raise _lacks(paper, paper.buyer, "vat_number", "BR-AE-02, BR-IC-02")
    if any(part.category == "K" for part in paper.taxes):
        if paper.delivered_on is None:
            raise _cannot(paper, "an intra-community supply tells its day of delivery (BR-IC-11), and none is known.")
        if paper.ship_to is None or not codes.country_code(paper.ship_to.country):
            raise _cannot(paper, "an intra-community supply tells the country it went to (BR-IC-12); "
                                 "the delivery address has none.")  # fmt: skip


def _decimals(paper: Paper) -> None:
    spare = 10 ** max(0, exponent(paper.currency) - _DECIMALS)
    amounts = [paper.net, paper.tax, *(line.net for line in paper.lines), *(part.tax for part in paper.taxes)]
    if any(amount % spare for amount in amounts):
        raise _cannot(paper, f"EN 16931 knows {_DECIMALS} decimals (BR-DEC) and {paper.currency} has "
                             f"{exponent(paper.currency)}; send it as pdf.")  # fmt: skip


def _tax_fits(paper: Paper) -> None:
    """BR-CO-17 and BR-S-09 hold base x rate within less than one unit of the currency: room for cents of lines."""
    for part in paper.taxes:
        if part.category != "S" and part.tax:
            raise _cannot(paper, f"it has tax of {money(part.tax, paper.currency)} at 0% (BR-Z-09); send it as pdf.")
        if part.category == "S" and not _within(part, paper.currency):
            raise _cannot(paper, f"tax by line makes {money(part.tax, paper.currency)} at {rate_text(part.rate)}, "
                                 "a unit or more from base x rate (BR-CO-17); 'csdesk company set tax_method "
                                 "document' keeps new orders from it.")  # fmt: skip


def _within(part: TaxPart, currency: str) -> bool:
    """As the published test reckons it: half up to two decimals, strictly less than 1 apart."""
    exact = rounded(abs(to_major(part.base, currency)) * part.rate / 100, _DECIMALS)
    return abs(abs(to_major(part.tax, currency)) - exact) < 1


def _endpoints(paper: Paper) -> None:
    for who in (paper.seller, paper.buyer):
        if who.endpoint and not re.fullmatch(r"[0-9A-Z]{2,4}", who.endpoint_scheme or "EM"):
            raise _cannot(paper, f"'{who.endpoint_scheme}' is no scheme of an electronic address (BR-CL-25); "
                                 f"set it with '{who.set_with} endpoint_scheme 0088'.")  # fmt: skip


def _example(who: Party) -> str:
    return f"{codes.country_code(who.country) or 'XX'}…"


def _lacks(paper: Paper, who: Party, field: str, rule: str) -> Invalid:
    words = field.replace("vat_number", "VAT number")
    whose = who.name or "the company"
    cure = f"set it with '{who.set_with} {field} …'"
    return Invalid(f"{paper.number} cannot go out as UBL: {whose} has no {words} ({rule}); {cure}.", field=field)


def _cannot(paper: Paper, why: str) -> Invalid:
    return Invalid(f"{paper.number} cannot go out as UBL: {why}", field="as")


_LOOKS: tuple[Callable[[Paper], None], ...] = (
    _kind, _lines, _named, _countries, _seller_vat, _buyer_vat, _endpoints, _decimals, _tax_fits,
)  # fmt: skip
