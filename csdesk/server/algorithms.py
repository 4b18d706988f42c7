"""What the server speaks: algorithms without known weakness that OpenSSH since 7.4 and PuTTY since 0.68 know.

Source: the usual hardening lists (Mozilla OpenSSH "modern", BSI TR-02102-4); no SHA-1, no CBC, no RSA below 3072 bits.
The library uses the list of signatures for what it tells a client; what a client signs with is held to it here.
"""

from __future__ import annotations

from typing import Any

from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs

from csdesk.services.access_keys import KINDS

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
RSA_BITS = 3072  # NIST SP 800-57: as strong as 128 bits


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


def weakness(key: Any) -> str:
    """Why a public key is too weak or of a kind that is not taken, in words; '' for one that is strong enough."""
    if (kind := key.get_algorithm()) not in KINDS:
        return f"{kind} keys are not taken"
    if kind == "ssh-rsa" and (bits := key.pyca_key.key_size) < RSA_BITS:
        return f"an RSA key of {bits} bits is too weak"
    return ""


def narrow(key: Any) -> None:
    """Lets a key's signatures count only by the algorithms above: the library takes any it knows, SHA-1 among them."""
    key.all_sig_algorithms = {each for each in key.all_sig_algorithms if each.decode() in SIGNATURES}


def weakly_signed(certificate: Any) -> str:
    """Why an authority's signature under a certificate is too weak, in words; '' for a strong one.

    RSA alone has weak ones. A certificate ends with the algorithm's name and the signature, each behind its length.
    """
    if certificate.signing_key.get_algorithm() != "ssh-rsa":
        return ""
    size = certificate.signing_key.pyca_key.key_size // 8
    before = certificate.public_data[:-size]
    ends = (
        len(each).to_bytes(4, "big") + each + size.to_bytes(4, "big") for each in (b"rsa-sha2-256", b"rsa-sha2-512")
    )
    return "" if before.endswith(tuple(ends)) else "signed by SHA-1"
