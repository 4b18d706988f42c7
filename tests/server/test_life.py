"""A served desk from login to its end, with a real OpenSSH client: keys, windows, broken lines, what comes back."""

from __future__ import annotations

import signal

import pytest

from tests.crash.rep import CUSTOMER, FIVE, ORDER
from tests.server.house import Server, new_key, public, until
from csdesk.services import access_keys


def test_a_key_lets_in_and_the_desk_is_used(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        desk.ready()
        desk.type(f"{CUSTOMER}\r{ORDER}")
        desk.wait(lambda: desk.pad == list(FIVE))
        desk.type("\x11")
        desk.wait(lambda: "A call is open" in desk.echo)
        desk.type("\x03.")
        desk.wait(lambda: "placed" in desk.echo)
        desk.type("z\x11")
        assert desk.closed() == 0
        assert desk.before
    assert server.over(who) == "left"
