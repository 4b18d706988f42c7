"""Ports, sockets and tunnels somebody asks a server for: none, and each request is told of."""

from __future__ import annotations

from abc import ABC, abstractmethod

import asyncssh

from csdesk.rules.text import printable


class NoForwarding(asyncssh.SSHServer, ABC):
    """A connection that serves sessions alone. `forbidden` gets what was asked for."""

    @abstractmethod
    def forbidden(self, what: str) -> None:
        """Something was asked for and refused."""

    def _no(self, what: str) -> bool:
        self.forbidden(what)
        return False

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        """No port is forwarded."""
        return self._no(f"forwarding to {printable(dest_host)[:60]}:{dest_port}")

    def server_requested(self, listen_host: str, listen_port: int) -> bool:
        """No port is listened at for somebody."""
        return self._no(f"listening at {printable(listen_host)[:60]}:{listen_port}")

    def unix_connection_requested(self, dest_path: str) -> bool:
        """No socket is forwarded."""
        return self._no(f"forwarding to {printable(dest_path)[:60]}")

    def unix_server_requested(self, listen_path: str) -> bool:
        """No socket is listened at for somebody."""
        return self._no(f"listening at {printable(listen_path)[:60]}")

    def tun_requested(self, unit: int | None) -> bool:
        """No tunnel."""
        return self._no("a tunnel")

    def tap_requested(self, unit: int | None) -> bool:
        """No tunnel."""
        return self._no("a tunnel")
