"""Prices are read strictly, and turn tokens into exact costs."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.prices import read_prices
from schemas.settings import SettingsError, read_settings
from schemas.usage_totals import UsageTotals

GOOD = '{"currency": "EUR", "models": {"m": {"prompt": 0.5, "cached": 0.1, "completion": 1.5}}}'
TOKENS = UsageTotals(prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=2_000_000)


def with_price(**price: object) -> str:
    return json.dumps({"currency": "EUR", "models": {"m": price}})


def test_cached_tokens_have_a_price_of_their_own() -> None:
    prices = read_prices(GOOD)
    assert prices.cost("m", TOKENS) == Decimal("3.34")
    assert prices.cost("another", TOKENS) is None


def test_cached_tokens_cost_what_others_do_unless_it_is_said() -> None:
    assert read_prices(with_price(prompt=1, completion=0)).cost("m", TOKENS) == 1


def test_a_star_stands_for_every_other_model() -> None:
    prices = read_prices('{"currency": "$", "models": {"*": {"prompt": 2, "completion": 0}}}')
    assert prices.cost("anything", TOKENS) == 2


def test_many_small_costs_add_up_exactly() -> None:
    prices = read_prices(with_price(prompt=0.1, completion=0.1))
    one = UsageTotals(prompt_tokens=1)
    assert sum(prices.cost("m", one) or 0 for _ in range(10)) == Decimal("0.000001")


def test_prices_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(GOOD)
    settings = read_settings({"RIVULET_PRICES": str(path)})
    assert settings.get("PRICES") == read_prices(GOOD)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (with_price(prompt="0.5", completion=1), "prompt"),
        (with_price(prompt=0.5, completion="much"), "completion"),
        (with_price(prompt=True, completion=1), "prompt"),
        (with_price(prompt=None, completion=1), "prompt"),
        (with_price(prompt=1, cached=[], completion=1), "cached"),
        (with_price(prompt=-1, completion=1), "prompt"),
        (with_price(prompt=1e300, completion=1), "prompt"),
        (with_price(prompt=float("nan"), completion=1), "prompt"),
        (with_price(prompt=float("inf"), completion=1), "prompt"),
        (with_price(prompt=1), "completion"),
        (with_price(prompt=1, completion=1, output=2), "output"),
        ('{"currency": "EUR", "models": {"m": 3}}', "'m'"),
        ('{"currency": "EUR", "models": {}}', "models"),
        ('{"currency": "EUR", "models": []}', "models"),
        ('{"models": {"m": {"prompt": 1, "completion": 1}}}', "currency"),
        ('{"currency": 3, "models": {"m": {"prompt": 1, "completion": 1}}}', "currency"),
        ('{"currency": "EUR", "models": {"m": ', "JSON"),
        ('{"a":' * 5_000, "JSON"),
        ("no-such-file.json", "file"),
        ("/", "file"),
        ("a\x00b", "file"),
    ],
)
def test_prices_that_are_none_refuse_to_start_and_say_why(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match="RIVULET_PRICES") as refused:
        read_settings({"RIVULET_PRICES": text})
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_price(prompt=None, completion=1), "\"prompt\" of 'm' must be a number, not null"),
        (with_price(prompt=True, completion=1), "\"prompt\" of 'm' must be a number, not true"),
        (with_price(prompt="1", completion=1), '"prompt" of \'m\' must be a number, not "1"'),
        (with_price(prompt=1), "the price of 'm' lacks \"completion\""),
    ],
)
def test_what_is_no_number_is_told_in_the_words_of_json(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"RIVULET_PRICES": text})
    assert said in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no text"):
        read_settings({"RIVULET_PRICES": str(path)})
