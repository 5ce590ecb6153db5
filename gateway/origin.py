"""Decide whose pages may call. Pure.

A browser sends cookies and lets any page open a WebSocket anywhere; only ``Origin`` tells whose
page it is. Other clients send none.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_allowed(origin: str | None, host: str | None, further: Iterable[str]) -> bool:
    """Tell whether a page of ``origin`` may: ours (the request's ``host``), or one that is listed.

    Ours is told by host and port alone: behind a proxy that ends TLS the scheme is not known here.
    """
    if origin is None:
        return True
    page = _parts(origin)
    if page is None:
        return False
    scheme, _ = page
    if host is not None and _parts(f"{scheme}://{host}") == page:
        return True
    return page in map(_parts, further)


def is_listed(origin: str, further: Iterable[str]) -> bool:
    """Tell whether a page of ``origin`` comes from one of the further origins."""
    page = _parts(origin)
    return page is not None and page in map(_parts, further)


def _parts(origin: str) -> tuple[str, tuple[str, int | None]] | None:
    """Return scheme, and host with port; ``None`` for what is no origin, such as ``null``."""
    try:
        split = urlsplit(origin)
        port = split.port
    except ValueError:
        return None
    if not split.scheme or not split.hostname:
        return None
    return split.scheme, (split.hostname, port or _DEFAULT_PORTS.get(split.scheme))
