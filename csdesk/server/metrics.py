"""Figures of a server for a monitoring system, in Prometheus' text form, on this machine alone."""

from __future__ import annotations

from typing import Any

from csdesk.errors import Unavailable
from csdesk.server.extras import need

PAINTED = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)  # seconds
ASKED = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """What a server counts. `sessions` is called when somebody asks for the figures."""

    def __init__(self, sessions: Any) -> None:
        library = need("prometheus_client")
        self.registry = library.CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        library.Gauge("csdesk_sessions", "Desks that are open.", **own).set_function(sessions)
        self._painted = library.Histogram(
            "csdesk_key_to_paint_seconds", "From a key to the next picture, within the server.", buckets=PAINTED, **own
        )
        self._asked = library.Histogram(
            "csdesk_database_seconds", "Statements of desks, their mean within a second.", buckets=ASKED, **own
        )
        self._statements = library.Counter("csdesk_statements", "Statements of desks.", **own)
        self._errors = library.Counter("csdesk_errors", "Faults inside desks that were logged.", **own)
        self._logins = library.Counter("csdesk_logins", "People let in.", ["method"], **own)
        self._refused = library.Counter("csdesk_refused", "People and requests refused.", **own)
        self._library = library

    def painted(self, seconds: float) -> None:
        """A key was answered by a picture."""
        self._painted.observe(seconds)

    def told(self, figures: dict[str, Any]) -> None:
        """A desk told of its work: statements, their seconds in all, and errors."""
        statements = int(figures.get("statements", 0))
        if statements:
            self._statements.inc(statements)
            self._asked.observe(float(figures.get("seconds", 0.0)) / statements)
        self._errors.inc(int(figures.get("errors", 0)))

    def let_in(self, method: str) -> None:
        """Somebody was let in."""
        self._logins.labels(method).inc()

    def refused(self) -> None:
        """Somebody, or something somebody asked for, was refused."""
        self._refused.inc()

    def listen(self, port: int) -> None:
        """Answers at a port of this machine alone. Raises Unavailable."""
        try:
            self._library.start_http_server(port, addr="127.0.0.1", registry=self.registry)
        except OSError as error:
            raise Unavailable(f"Figures cannot be served at port {port}: {error.strerror}.") from None
