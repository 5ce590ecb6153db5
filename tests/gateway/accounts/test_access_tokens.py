"""Only what this instance has signed, lately and for itself, is an access token."""

import base64
import json
from typing import Any

import jwt
import pytest

from gateway.accounts.access_tokens import LIFETIME_S, AccessClaims, AccessTokens
from gateway.errors import InvalidToken

NOW = 1_795_000_000.0
CLAIMS = AccessClaims("u" * 20, "S" * 26)
PERIOD_S = 30 * 86_400


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(b"secret")


def payload_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return payload


def test_a_token_says_whose_it_is_until_it_expires(tokens: AccessTokens) -> None:
    token = tokens.issue(CLAIMS, NOW)
    assert tokens.read(token, NOW) == CLAIMS
    assert tokens.read(token, NOW + LIFETIME_S - 1) == CLAIMS
    with pytest.raises(InvalidToken):
        tokens.read(token, NOW + LIFETIME_S)


def test_keys_rotate_and_the_last_one_is_good_until_its_tokens_have_expired(
    tokens: AccessTokens,
) -> None:
    last_moment = (NOW // PERIOD_S + 1) * PERIOD_S - 1
    token = tokens.issue(CLAIMS, last_moment)
    later = tokens.issue(CLAIMS, last_moment + 2)
    assert jwt.get_unverified_header(token)["kid"] != jwt.get_unverified_header(later)["kid"]
    assert tokens.read(token, last_moment + 2) == CLAIMS


def test_another_instances_token_is_refused(tokens: AccessTokens) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(AccessTokens(b"another").issue(CLAIMS, NOW), NOW)


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_the_token_does_not_choose_its_algorithm(tokens: AccessTokens, algorithm: str) -> None:
    good = tokens.issue(CLAIMS, NOW)
    key = None if algorithm == "none" else "x" * 64
    headers = {"kid": jwt.get_unverified_header(good)["kid"]}
    forged = jwt.encode(payload_of(good), key, algorithm=algorithm, headers=headers)
    with pytest.raises(InvalidToken):
        tokens.read(forged, NOW)


@pytest.mark.parametrize(
    "change", [{"aud": "other"}, {"iss": "other"}, {"exp": None}, {"sub": None}, {"sid": None}]
)
def test_claims_that_are_wrong_or_missing_are_refused(
    tokens: AccessTokens, change: dict[str, Any]
) -> None:
    good = tokens.issue(CLAIMS, NOW)
    header = jwt.get_unverified_header(good)
    payload = {k: v for k, v in {**payload_of(good), **change}.items() if v is not None}
    key = tokens._key(int(header["kid"]))
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(payload, key, "HS256", headers={"kid": header["kid"]}), NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 10_000 + ".a.b"])
def test_what_is_no_token_is_refused(tokens: AccessTokens, text: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(text, NOW)
