"""One mail to the mail server. What goes wrong is either worth another try, or refused for good."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage

from csdesk.config import Settings

SECONDS = 30.0  # an answer that takes longer is none; far below the lease of a claim


class Failed(Exception):
    """It did not go: `for_good` when trying again is no use, `stop` when the server itself is the trouble."""

    def __init__(self, why: str, *, for_good: bool = False, stop: bool = False) -> None:
        super().__init__(why)
        self.why, self.for_good, self.stop = why, for_good, stop


def send(settings: Settings, message: EmailMessage, taken: Callable[[], None]) -> None:
    """Sends a mail; `taken` is called as soon as the server has said it has it, before anything else. Raises Failed."""
    server = _connected(settings)
    try:
        server.send_message(message)
    except smtplib.SMTPNotSupportedError:
        raise Failed("the mail server takes no address with such letters", for_good=True) from None
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused(code, text) from None
    except smtplib.SMTPSenderRefused as error:
        raise Failed(f"{_words(error.smtp_code, error.smtp_error)} to {error.sender}; {_CURE}", stop=True) from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Failed(f"the mail server broke off ({_said(error)})") from None
    else:
        taken()
    finally:
        _leave(server)


def _connected(settings: Settings) -> smtplib.SMTP:
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
    except (smtplib.SMTPException, OSError) as error:
        raise Failed(f"the mail server {where} does not answer ({_said(error)})", stop=True) from None
    try:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except smtplib.SMTPAuthenticationError:
        _leave(server)
        raise Failed(f"{where} does not take smtp_user and smtp_password", stop=True) from None
    except (smtplib.SMTPException, OSError) as error:
        _leave(server)
        hint = "; a server on this machine may do without: smtp_starttls = false" if settings.smtp_starttls else ""
        raise Failed(f"the mail server {where} lets nobody in ({_said(error)}){hint}", stop=True) from None
    return server


_WHO_ARE_YOU = frozenset({530, 535, 538})  # authentication wanted, refused, only encrypted (RFC 4954)
_CURE = "see smtp_user, smtp_password, smtp_starttls and smtp_from"


def _refused(code: int, text: bytes | str) -> Failed:
    """A paper that was refused; the settings, and so every paper, where the server wants to know who is sending."""
    if code in _WHO_ARE_YOU:
        return Failed(f"{_words(code, text)}; {_CURE}", stop=True)
    return Failed(_words(code, text), for_good=500 <= code < 600)


def _words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"the mail server says {code} {' '.join(words.split())[:200]}"


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _leave(server: smtplib.SMTP) -> None:
    """Says goodbye; what goes wrong now changes nothing about the mail."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
