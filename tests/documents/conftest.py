"""The desk of the services' tests, and a real mail server that can be told to misbehave."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from csdesk.config import Settings
from csdesk.models import Company, Customer
from tests.documents.sink import Sink
from tests.services.conftest import Desk, desk, talk

__all__ = ["desk", "mailing", "settings", "sink", "talk"]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server on this machine."""
    with Sink() as running:
        yield running


@pytest.fixture
def settings(sink: Sink) -> Settings:
    """Settings that mail to the sink."""
    return Settings(smtp_host="127.0.0.1", smtp_port=sink.port, smtp_starttls=False)


@pytest.fixture
def mailing(desk: Desk) -> Desk:
    """The desk with addresses: of the company, and of the first two customers."""
    desk.change(Company, {"id": 1}, email="accounts@quay.example", vat_number="US000000000")
    desk.change(Customer, {"id": 1}, email="jo@deli.example")
    desk.change(Customer, {"id": 2}, email="ben@hotel.example")
    return desk
