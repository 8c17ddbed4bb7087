"""The fingerprint of a server (PROTOCOL.md, section 2): SHA-256 of the certificate's SubjectPublicKeyInfo."""

import hashlib

_SEQUENCE = 0x30
_VERSION = 0xA0


def _element(der, start):
    """The tag at `start`, where its content begins, and where it ends."""
    tag, length = der[start], der[start + 1]
    content = start + 2
    if length >= 0x80:
        digits = length & 0x7F
        length = int.from_bytes(der[content : content + digits], "big")
        content += digits
    if content + length > len(der):
        raise ValueError("DER that is cut short")
    return tag, content, content + length


def subject_public_key_info(certificate):
    """The element of a certificate (RFC 5280) that holds its public key, with its tag and length."""
    _, inside_certificate, _ = _element(certificate, 0)
    _, place, _ = _element(certificate, inside_certificate)
    if _element(certificate, place)[0] == _VERSION:
        place = _element(certificate, place)[2]
    for _ in ("serialNumber", "signature", "issuer", "validity", "subject"):
        place = _element(certificate, place)[2]
    tag, _, end = _element(certificate, place)
    if tag != _SEQUENCE:
        raise ValueError("no SubjectPublicKeyInfo")
    return certificate[place:end]


def fingerprint(certificate):
    """64 hexadecimal digits."""
    return hashlib.sha256(subject_public_key_info(certificate)).hexdigest()
