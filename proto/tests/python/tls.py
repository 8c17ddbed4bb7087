"""TLS 1.3 with ALPN and the exporter (PROTOCOL.md, section 2), over the system's OpenSSL 3.

OpenSSL works on memory here; the socket stays Python's, with Python's timeouts.
"""

import ctypes
import ctypes.util
import socket

ALPN = b"\x09whoelse/1"
EXPORTER_LABEL = b"EXPORTER-whoelse-login-v1"
EXPORTER_BYTES = 32
CHUNK = 16 * 1024

_TLS1_3_VERSION = 0x0304
_CTRL_SET_MIN_VERSION = 123
_ERROR_WANT_READ = 2
_ERROR_ZERO_RETURN = 6


def _load():
    ssl = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    declare = {
        ssl: {
            "TLS_client_method": (pointer, []),
            "SSL_CTX_new": (pointer, [pointer]),
            "SSL_CTX_free": (None, [pointer]),
            "SSL_CTX_ctrl": (ctypes.c_long, [pointer, number, ctypes.c_long, pointer]),
            "SSL_CTX_set_alpn_protos": (number, [pointer, ctypes.c_char_p, ctypes.c_uint]),
            "SSL_new": (pointer, [pointer]),
            "SSL_free": (None, [pointer]),
            "SSL_set_bio": (None, [pointer, pointer, pointer]),
            "SSL_set_connect_state": (None, [pointer]),
            "SSL_do_handshake": (number, [pointer]),
            "SSL_get_error": (number, [pointer, number]),
            "SSL_read": (number, [pointer, ctypes.c_char_p, number]),
            "SSL_write": (number, [pointer, ctypes.c_char_p, number]),
            "SSL_shutdown": (number, [pointer]),
            "SSL_get0_alpn_selected": (None, [pointer, ctypes.POINTER(pointer), ctypes.POINTER(ctypes.c_uint)]),
            "SSL_get1_peer_certificate": (pointer, [pointer]),
            "SSL_export_keying_material": (
                number,
                [pointer, ctypes.c_char_p, size, ctypes.c_char_p, size, pointer, size, number],
            ),
        },
        crypto: {
            "BIO_s_mem": (pointer, []),
            "BIO_new": (pointer, [pointer]),
            "BIO_read": (number, [pointer, ctypes.c_char_p, number]),
            "BIO_write": (number, [pointer, ctypes.c_char_p, number]),
            "i2d_X509": (number, [pointer, ctypes.POINTER(pointer)]),
            "X509_free": (None, [pointer]),
            "CRYPTO_free": (None, [pointer, ctypes.c_char_p, number]),
        },
    }
    for library, functions in declare.items():
        for name, (result, arguments) in functions.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    return ssl, crypto


_ssl, _crypto = _load()


class TlsError(Exception):
    """The handshake or a record failed."""


class Closed(Exception):
    """The other side closed the connection."""


class Tls:
    """One TLS connection. `alpn` is in the form of the wire: each name behind its length."""

    def __init__(self, host, port, alpn=ALPN, timeout=15.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = _ssl.SSL_CTX_new(_ssl.TLS_client_method())
        _ssl.SSL_CTX_ctrl(context, _CTRL_SET_MIN_VERSION, _TLS1_3_VERSION, None)
        _ssl.SSL_CTX_set_alpn_protos(context, alpn, len(alpn))
        self._tls = _ssl.SSL_new(context)
        _ssl.SSL_CTX_free(context)
        self._received = _crypto.BIO_new(_crypto.BIO_s_mem())
        self._to_send = _crypto.BIO_new(_crypto.BIO_s_mem())
        _ssl.SSL_set_bio(self._tls, self._received, self._to_send)
        _ssl.SSL_set_connect_state(self._tls)
        self._until_done(lambda: _ssl.SSL_do_handshake(self._tls))

    def _flush(self):
        out = ctypes.create_string_buffer(CHUNK)
        while (count := _crypto.BIO_read(self._to_send, out, CHUNK)) > 0:
            self.socket.sendall(out.raw[:count])

    def _until_done(self, step):
        """Repeats a step of OpenSSL until it needs no further bytes of the socket."""
        while True:
            result = step()
            self._flush()
            if result > 0:
                return result
            error = _ssl.SSL_get_error(self._tls, result)
            if error == _ERROR_ZERO_RETURN:
                raise Closed("close_notify")
            if error != _ERROR_WANT_READ:
                raise TlsError(f"OpenSSL error {error}")
            try:
                received = self.socket.recv(CHUNK)
            except ConnectionResetError as reset:
                raise Closed("reset") from reset
            if not received:
                raise Closed("without close_notify")
            _crypto.BIO_write(self._received, received, len(received))

    def write(self, data):
        """Sends bytes; a connection that the other side closed raises Closed."""
        try:
            self._until_done(lambda: _ssl.SSL_write(self._tls, data, len(data)))
        except (BrokenPipeError, ConnectionResetError) as gone:
            raise Closed("reset") from gone

    def read(self):
        """The next bytes, at least one."""
        out = ctypes.create_string_buffer(CHUNK)
        count = self._until_done(lambda: _ssl.SSL_read(self._tls, out, CHUNK))
        return out.raw[:count]

    def alpn(self):
        """The application protocol that the server chose."""
        name, length = ctypes.c_void_p(), ctypes.c_uint()
        _ssl.SSL_get0_alpn_selected(self._tls, ctypes.byref(name), ctypes.byref(length))
        return ctypes.string_at(name, length.value) if length.value else b""

    def certificate(self):
        """The server's certificate in DER."""
        certificate = _ssl.SSL_get1_peer_certificate(self._tls)
        der = ctypes.c_void_p()
        length = _crypto.i2d_X509(certificate, ctypes.byref(der))
        try:
            return ctypes.string_at(der, length)
        finally:
            _crypto.CRYPTO_free(der, b"", 0)
            _crypto.X509_free(certificate)

    def exporter(self):
        """The bytes that bind a login to this connection."""
        out = ctypes.create_string_buffer(EXPORTER_BYTES)
        label = EXPORTER_LABEL
        if _ssl.SSL_export_keying_material(self._tls, out, EXPORTER_BYTES, label, len(label), None, 0, 0) != 1:
            raise TlsError("no exporter")
        return out.raw

    def cut(self):
        """Drops the connection as a broken line does: without a word."""
        self.socket.close()

    def close(self):
        """Says goodbye and drops the connection."""
        try:
            _ssl.SSL_shutdown(self._tls)
            self._flush()
        except OSError:
            pass
        self.socket.close()

    def __del__(self):
        if getattr(self, "_tls", None):
            _ssl.SSL_free(self._tls)
