"""Courtesy in a few languages; letters for codes; stages of a complaint; mail addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.addresses import is_address
from csdesk.rules.courtesy import is_courtesy
from csdesk.rules.letters import letters_of
from csdesk.rules.ticket_stages import stages
from csdesk.rules.ticket_states import Event

START = datetime(2026, 3, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", [
    "ok, thanks", "OK", "Thank you very much!", "Great, thanks for your help", "Noted.", "👍", "Thanks 🙏",
    "Vielen Dank für die schnelle Hilfe!", "Alles klar, danke", "Merci beaucoup", "D'accord, merci", "¡Muchas gracias!",
    "Grazie mille", "Muito obrigada", "Hartelijk dank", "Tack så mycket", "bardzo dziękuję", "谢谢",
    "Thanks!\n\nBest regards\nMaria Stone\nHarbour View Deli, 12 Quay Street", "thank you\n--\nMaria",
    "thanks\n> Where is pallet 12?",
])  # fmt: skip
def test_courtesy_is_told_from_a_message(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize("text", [
    "", "Regards", "no thanks", "not ok", "thanks?", "ok, 2 more please", "Thanks, but it is still broken",
    "Thank you, the second pallet is missing", "Danke, aber es fehlt noch eine Kiste", "Merci, il manque une caisse",
    "gracias, pero no llegó", "Thanks for nothing", "ok " * 30, "Thanks\nBest regards were in the wrong box",
    "> thanks", "the truck",
])  # fmt: skip
def test_what_says_more_is_a_message(text: str) -> None:
    assert not is_courtesy(text)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert is_courtesy(text) in (True, False)
    assert not is_courtesy(f"{text} pallet")


@given(st.sets(st.text("abcdefghij-", min_size=1, max_size=6), max_size=20))
def test_letters_are_ones_own_and_always_the_same(codes: set[str]) -> None:
    found = letters_of(codes)
    assert sorted(found.values()) == sorted(codes)
    assert all(len(letter) == 1 for letter in found)
    assert letters_of(sorted(codes, reverse=True)) == found


def test_a_first_letter_of_ones_own_is_kept() -> None:
    assert letters_of(("cause-transport", "cause-stock", "cause-supplier"), "cause-") == {
        "t": "cause-transport", "s": "cause-stock", "u": "cause-supplier",
    }  # fmt: skip


def test_stages_are_dated_once_and_never_go_back() -> None:
    told = (("opened", {"stage": "received"}), ("call", {"answered": False}), ("outbound", {}), ("referred", {}),
            ("category", {}), ("outbound", {}), ("told", {}), ("closed", {}))  # fmt: skip
    events = [Event(n, START + timedelta(hours=n), name, 1, data) for n, (name, data) in enumerate(told)]
    assert [(name, at.hour - 9) for name, at in stages(events)] == [
        ("received", 0), ("acknowledged", 2), ("investigating", 3), ("told", 6), ("closed", 7),
    ]  # fmt: skip
    assert stages([Event(1, START, "opened", 1, {"stage": ""}), *events[1:]]) == ()


def test_addresses() -> None:
    assert all(map(is_address, ("a@b.example", "jo.o'neil@quay.example")))
    assert not any(
        map(is_address, ("", "a", "a@", "@b", "a b@c.example", "Jo <a@b.example>", "a@b.example,c@d.example"))
    )
