"""HTTP to addresses that administrators type, which may only lead out of our own network.

Whoever may type an address could otherwise have Herald ask what only Herald can reach: other programs of the machine,
its neighbours, and the metadata services of clouds, which hand out credentials to every local caller. So each name is
resolved, and all that it stands for must be public, before a connection is opened, be it for a redirect; and the peer
is looked at once more before the first octet, because a name may stand for another address a moment later.

No database, no Django.
"""

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: its last 32 bits are an IPv4 address
# Special by the registries of IANA (RFC 6890), which some Pythons take for public: assigned to protocols, IPv4 in IPv6
# as older documents have it (compatible, translated), NAT64 of one's own network, site-local, routes, documentation.
_NOBODYS = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10", "5f00::/16", "3fff::/20"),
    )
)
# Azure's virtual machines find their host there; by its number it is a public address.
_METADATA = ipaddress.ip_address("168.63.129.16")


class Inward(NewConnectionError):
    """The address leads inward: nothing was connected to, or nothing was written."""

    def __init__(self, connection: HTTPConnection, host: str, address: str) -> None:
        super().__init__(connection, f"{host} leads to {address}, which is inside a network and no provider's")


class InwardURL(requests.exceptions.InvalidURL):
    """The same where a proxy would have been asked to connect."""


def is_inward(address: str) -> bool:
    """Whether an IP address is anything but a public one: loopback, private, link-local, shared, multicast, …

    Raises ValueError for what is no IP address.
    """
    told = ipaddress.ip_address(address.partition("%")[0])
    ip = _inner(told)
    is_nobodys = any(told in network or ip in network for network in _NOBODYS)
    return is_nobodys or not ip.is_global or ip.is_multicast or ip == _METADATA


def inward_address(host: str) -> str:
    """The first inward address that a host name, or an address as a URL has it, stands for; "" when there is none, or
    nobody knows the name."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    addresses = (str(entry[4][0]) for entry in found)
    return next((address for address in addresses if is_inward(address)), "")


def session() -> requests.Session:
    """One that connects outward only."""
    made = requests.Session()
    guard(made)
    return made


def guard(made: requests.Session) -> None:
    """From now on the session connects outward only."""
    for scheme in ("https://", "http://"):
        made.mount(scheme, _OutwardAdapter())


def is_refused(error: BaseException) -> bool:
    """Whether it is our own no, and not one of the `causes` of another error."""
    return isinstance(error, Inward | InwardURL)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """From the outermost to the innermost."""
    while error is not None:
        yield error
        reason = getattr(error, "reason", None)  # urllib3's
        error = reason if isinstance(reason, BaseException) else error.__cause__ or _argument(error)


def _argument(error: BaseException) -> BaseException | None:
    return next((one for one in error.args if isinstance(one, BaseException)), None)


def _inner(ip: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, where it carries one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _connected(connection: HTTPConnection, connect: Any) -> socket.socket:
    host = connection.host
    if address := inward_address(host):
        raise Inward(connection, host, address)
    connected: socket.socket = connect()
    peer = str(connected.getpeername()[0])
    if is_inward(peer):
        connected.close()
        raise Inward(connection, host, peer)
    return connected


class _HTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _HTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


class _OutwardAdapter(HTTPAdapter):
    """A proxy may stand inside: who runs Herald chose it. Where it would connect to is looked at here."""

    def init_poolmanager(self, *told: Any, **options: Any) -> None:
        super().init_poolmanager(*told, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(self, request: requests.PreparedRequest, *told: Any, **options: Any) -> requests.Response:
        """As HTTPAdapter.send. Raises InwardURL, and ConnectionError because of Inward."""
        proxies: Mapping[str, str] = options.get("proxies") or {}
        host = urlsplit(request.url or "").hostname or ""
        if select_proxy(str(request.url), dict(proxies)) and (address := inward_address(host)):
            raise InwardURL(f"{host} leads to {address}, which is inside a network and no provider's")
        return super().send(request, *told, **options)
