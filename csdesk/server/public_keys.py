"""Public keys as people hand them in: one line of a .pub file, looked at before it lets anybody in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from csdesk.errors import Invalid
from csdesk.server.extras import need
from csdesk.services.access_keys import KINDS, fingerprint_of

LONGEST = 20_000  # bytes of what is handed in


@dataclass(frozen=True)
class PublicKey:
    """A public key: "type base64", SHA256 fingerprint as OpenSSH writes it, comment."""

    public: str
    fingerprint: str
    comment: str


def read(name: str) -> PublicKey:
    """The public key in a file, '-' for standard input. Raises Invalid as `parse` does, and for a file that cannot be
    read."""
    try:
        if name == "-":
            return parse(sys.stdin.read(LONGEST))
        with Path(name).open("rb") as file:
            return parse(file.read(LONGEST).decode("utf-8", "replace"))
    except OSError as error:
        raise Invalid(f"The file '{name}' cannot be read: {error.strerror}.", field="file") from None


def parse(text: str) -> PublicKey:
    """The one public key in a text; empty lines and lines that begin with # are passed over.

    Raises Invalid for a private key, a certificate, options in front, several keys, a kind that is not taken, RSA below
    3072 bits, and for what is no key.
    """
    asyncssh = need("asyncssh")
    if "PRIVATE KEY" in text:
        raise Invalid("This is a PRIVATE key: hand it to nobody, make a new pair, and give the .pub file.", field="key")
    lines = [line.strip() for line in text[:LONGEST].splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise Invalid(f"One public key is wanted, as in a .pub file; there are {len(lines)} lines.", field="key")
    kind, body, comment = (*lines[0].split(None, 2), "", "")[:3]
    _check_kind(kind, lines[0])
    public = f"{kind} {body}"
    try:
        key = asyncssh.import_public_key(public)
    except (asyncssh.KeyImportError, ValueError):
        raise Invalid(f"This {kind} key is damaged; copy the whole line of the .pub file.", field="key") from None
    from csdesk.server.algorithms import weakness  # it needs the library, which is asked for above

    if weak := weakness(key):
        words = f"{weak[0].upper()}{weak[1:]}; make one with: ssh-keygen -t ed25519."
        raise Invalid(words, field="key")
    return PublicKey(public, fingerprint_of(public), comment)


def _check_kind(kind: str, line: str) -> None:
    if "-cert-v0" in kind:
        raise Invalid("This is a certificate; it needs no adding: trust its authority ('csdesk staff trust-ca').",
                      field="key")  # fmt: skip
    if kind in KINDS:
        return
    if any(f" {known} " in f" {line}" for known in KINDS):
        raise Invalid("Options in front of a key are not taken; give the line from the key's type on.", field="key")
    raise Invalid("No public key that is taken here: ed25519, ecdsa, rsa from 3072 bits on, or a security key's (sk-), "
                  "as in a .pub file.", field="key")  # fmt: skip
