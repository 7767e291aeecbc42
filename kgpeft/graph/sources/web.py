"""The one door to the network: public hosts unless one is named, few redirects, bounded bytes and time."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException as BrokenAnswer
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from kgpeft.errors import SourceError

REDIRECTS = 3
CHUNK = 1 << 16
_MOVED = (301, 302, 303, 307, 308)
_BY_GET = (301, 302, 303)
Headers = Mapping[str, str]


class TimedOut(SourceError):
    """An answer that did not come, or not whole, in its time; asking for less may help."""


@dataclass(frozen=True)
class Web:
    """How far one may reach: ``hosts`` may be asked although their addresses are not public."""

    hosts: frozenset[str] = frozenset()
    seconds: float = 60.0
    most: int = 1 << 30  # bytes of an answer
    agent: dict[str, str] = field(default_factory=lambda: {"User-Agent": "kgpeft"})

    def fetch(self, url: str, headers: Headers | None = None, body: bytes | None = None) -> Iterator[bytes]:
        """The body of the answer, in parts; SourceError for another status than 200, TimedOut if it takes too long.

        A redirect to another host goes without the headers given: they may hold a password.
        """
        deadline = time.monotonic() + self.seconds
        given = {**self.agent, **(headers or {})}
        for _ in range(REDIRECTS + 1):
            connection = self._open(url, deadline)
            try:
                answer = _ask(connection, url, given, body)
                if answer.status not in _MOVED:
                    yield from self._body(answer, url, deadline)
                    return
                target = _joined(url, answer.headers.get("Location", ""))
                body = None if answer.status in _BY_GET else body
            finally:
                connection.close()
            given = given if urlsplit(target)[:2] == urlsplit(url)[:2] else dict(self.agent)
            url = target
        raise SourceError(f"more than {REDIRECTS} redirects", where=url)

    def _open(self, url: str, deadline: float) -> http.client.HTTPConnection:
        """A connection to the very address that was checked, so that no second look-up can differ."""
        parts, port = _split(url)
        secure, host = parts.scheme == "https", parts.hostname or ""
        left = max(deadline - time.monotonic(), 0.001)
        try:
            address = self._address(url, host, port)
            raw = socket.create_connection((address, port), timeout=left)
            sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
        except TimeoutError as error:
            raise TimedOut("the host did not answer in time", where=url) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(f"cannot be reached ({reason})", where=url, remedy="check the address") from error
        connection = http.client.HTTPConnection(host, port, timeout=left)
        connection.sock = sock
        return connection

    def _address(self, url: str, host: str, port: int) -> str:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        inner = [address for address in found if not _public(address)]
        if inner and host.lower() not in self.hosts:
            what = f"the host {host} is not public ({inner[0]})"
            raise SourceError(what, where=url, remedy=f"allow it by name: --set ingest.hosts=[{host}]")
        return found[0]

    def _body(self, answer: http.client.HTTPResponse, url: str, deadline: float) -> Iterator[bytes]:
        if answer.status != 200:
            timeout = answer.status in (408, 429, 500, 502, 503, 504)
            raise (TimedOut if timeout else SourceError)(f"the answer is {answer.status} {answer.reason}", where=url)
        packed = answer.headers.get("Content-Encoding", "identity")
        unpack = zlib.decompressobj(wbits=47) if packed in ("gzip", "x-gzip", "deflate") else None
        size = 0
        try:
            while part := answer.read1(CHUNK):
                for piece in _unpacked(unpack, part):
                    size += len(piece)
                    self._check(size, url, deadline)
                    yield piece
            if answer.length:
                raise TimedOut("the answer ended early", where=url)
        except (TimeoutError, http.client.IncompleteRead, ConnectionError, zlib.error) as error:
            raise TimedOut("the answer did not come whole", where=url) from error

    def _check(self, size: int, url: str, deadline: float) -> None:
        if size > self.most:
            raise SourceError(f"the answer is larger than {self.most:,} bytes", where=url)
        if time.monotonic() > deadline:
            raise TimedOut(f"the answer took longer than {self.seconds:.0f} s", where=url)


def _public(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    return number.is_global and not number.is_multicast


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise SourceError(f"it redirects to no web address ({error})", where=url) from error


def _split(url: str) -> tuple[SplitResult, int]:
    """The parts of a web address and its port; SourceError for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise SourceError(f"this is no web address ({error})", where=url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("only http and https addresses are fetched", where=url)
    return parts, port


def _unpacked(unpack: zlib._Decompress | None, part: bytes) -> Iterator[bytes]:
    """The part decompressed, at most CHUNK bytes at a time."""
    if unpack is None:
        yield part
        return
    while part and (piece := unpack.decompress(part, CHUNK)):
        yield piece
        part = unpack.unconsumed_tail


def _ask(
    connection: http.client.HTTPConnection, url: str, headers: Headers, body: bytes | None
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    target = quote(urlunsplit(("", "", parts.path or "/", parts.query, "")), safe="%/:=&?~#+!$,;'@()*[]")
    try:
        connection.request("GET" if body is None else "POST", target, body=body, headers=dict(headers))
        return connection.getresponse()
    except TimeoutError as error:
        raise TimedOut("the host did not answer in time", where=url) from error
    except (OSError, BrokenAnswer) as error:
        raise TimedOut(f"the connection broke off ({error})", where=url) from error
