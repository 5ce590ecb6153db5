"""Turn what people type into a text search that every store answers alike. Pure.

A search is one query of quoted phrases, which means AND; unquoted words would mean OR on MongoDB
and AND on the embedded store. The first phrase is the owner's own term (``schemas/documents.py``).
"""

import re
from typing import Any

from gateway.errors import BadRequest
from schemas.documents import owner_term

_MAX_TERMS = 16
_MAX_CHARACTERS = 200
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"\w")
_BEFORE, _EXCERPT = 60, 240


def phrases_of(text: str) -> list[str]:
    """Return the words and quoted phrases of a search; raises ``BadRequest``."""
    if len(text) > _MAX_CHARACTERS:
        raise BadRequest(
            f"A search has at most {_MAX_CHARACTERS} characters; shorten it.", param="q"
        )
    found = [(quoted or word).replace('"', " ") for quoted, word in _TERM.findall(text)]
    # A term of punctuation alone matches nothing on one store and everything on another.
    phrases = [" ".join(term.split()) for term in found if _WORD.search(term)]
    if not phrases:
        raise BadRequest("`q` needs a word to search for.", param="q")
    if len(phrases) > _MAX_TERMS:
        raise BadRequest(f"A search has at most {_MAX_TERMS} words; use fewer.", param="q")
    return phrases


def search_query(user_id: str, phrases: list[str]) -> dict[str, Any]:
    """Return the filter that finds a user's rows that have all of the phrases."""
    quoted = (f'"{phrase}"' for phrase in (owner_term(user_id), *phrases))
    return {"$text": {"$search": " ".join(quoted)}}


def excerpt_of(content: str, phrases: list[str]) -> str:
    """Return a piece of a text around the first phrase that is found in it as it is written."""
    lower = content.lower()
    places = (lower.find(phrase.lower()) for phrase in phrases)
    at = max(0, next((place for place in places if place >= 0), 0) - _BEFORE)
    piece = content[at : at + _EXCERPT]
    before, after = "…" if at > 0 else "", "…" if at + _EXCERPT < len(content) else ""
    return f"{before}{piece.strip()}{after}"
