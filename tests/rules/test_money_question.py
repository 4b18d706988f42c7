"""Questions whose answer may be money, and those whose is not."""

from __future__ import annotations

import pytest

from csdesk.rules.money_question import about_money


@pytest.mark.parametrize("question", ["when do you pay?", "Has it been PAID", "the remittance advice", "the money?",
                                      "Wann zahlen Sie?", "la date du virement", "¿cuándo pagarán?"])  # fmt: skip
def test_a_question_about_paying(question: str) -> None:
    assert about_money(question)


@pytest.mark.parametrize("question", ["a photo of the pallet", "which invoice is it of", "signed for as sound?", "",
                                      "what is the payload of the truck", "zahlreiche Flaschen?"])  # fmt: skip
def test_a_question_about_something_else(question: str) -> None:
    assert not about_money(question)
