"""Whether a question put to a customer is about his paying, so that his money may be the answer. Pure.

Rule: one of its words begins like a word of paying, in a few languages. In doubt it is about something else: a ticket
that waits comes back by its day all the same, one that comes back for money of another matter interrupts for nothing.
Source: the desk's own.
"""

from __future__ import annotations

from csdesk.rules.text import words

# Beginnings of words as `rules.text.words` gives them: plain letters.
PAYING = (
    "pay", "paid", "prepay", "prepaid", "unpaid", "overpaid", "underpaid", "remit", "money", "transfer", "overdue",
    "cheque", "zahl", "bezahl", "gezahlt", "geld", "uberweis", "paie", "regle", "virement", "argent",
    "pago", "pagar", "dinero", "transferencia", "pagament", "bonific", "pagat", "soldi", "dinheiro",
    "betal", "overboek", "zaplat",
)  # fmt: skip
NOT_PAYING = ("payload", "zahlreich")


def about_money(question: str) -> bool:
    """Whether a question asks for, or after, a payment.

    Rule: see the module.
    """
    return any(each.startswith(PAYING) and not each.startswith(NOT_PAYING) for each in words(question))
