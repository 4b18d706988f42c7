"""A mail server that keeps what it takes, and refuses or breaks off when a test says so."""

from __future__ import annotations

import email
import email.policy
import socket
from collections import Counter
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """Use as a context. `answers` are taken one a mail, in order; without one the mail is taken with 250."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.at_data: list[str] = []  # "451 later", "550 never" (not kept) or "drop" (kept, then the line is cut)
        self.at_rcpt: list[str] = []
        self.at_mail = ""  # said to every sender, where it is set
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_mail:
            return self.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_rcpt:
            return self.at_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.at_data.pop(0) if self.at_data else "250 OK"
        if answer.startswith(("4", "5")):
            return answer
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        if answer == "drop":
            server.transport.abort()
        return "250 OK"

    @property
    def ids(self) -> Counter[str]:
        """Message-IDs and how often each came."""
        return Counter(str(message["Message-ID"]) for message in self.taken)

    def subjects(self) -> list[str]:
        """Subjects in the order they came."""
        return [str(message["Subject"]) for message in self.taken]

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
