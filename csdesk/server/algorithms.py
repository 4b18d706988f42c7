"""What the server speaks: algorithms without known weakness that OpenSSH since 7.4 and PuTTY since 0.68 know.

Source: the usual hardening lists (Mozilla OpenSSH "modern", BSI TR-02102-4); no SHA-1, no CBC, no RSA below 3072 bits.
"""

from __future__ import annotations

from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs

KEX = (
    "mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com", "curve25519-sha256",
    "curve25519-sha256@libssh.org", "ecdh-sha2-nistp521", "ecdh-sha2-nistp384", "ecdh-sha2-nistp256",
    "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
)  # fmt: skip
CIPHERS = (
    "chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr",
    "aes128-ctr",
)  # fmt: skip
MACS = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512", "hmac-sha2-256")
SIGNATURES = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip


def strong() -> dict[str, list[str]]:
    """What to listen with: those of the lists that this machine's libraries have."""
    return {
        "kex_algs": _here(KEX, get_kex_algs()),
        "encryption_algs": _here(CIPHERS, get_encryption_algs()),
        "mac_algs": _here(MACS, get_mac_algs()),
        "compression_algs": ["none"],
        "signature_algs": list(SIGNATURES),
    }


def _here(wanted: tuple[str, ...], there: list[bytes]) -> list[str]:
    return [each for each in wanted if each.encode() in there]
