"""Turn tokens into cost, by the prices that the operator has set. Pure but for reading a file.

Costs are computed when they are asked for and stored nowhere, so a new price counts for the past,
too. Sums are exact: prices are decimal fractions, and nothing is rounded before the end.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from schemas.usage_totals import UsageTotals

# Of the model that stands for all without a price of their own.
ANY_MODEL = "*"
_PER = 1_000_000
_KINDS = ("prompt", "cached", "completion")
# More is a slip of the pen, and would not add up.
_HIGHEST = Decimal(1_000_000)
_LONGEST_CURRENCY = 8


class Price(NamedTuple):
    """What a million tokens of each kind cost; ``cached`` ones are a part of the prompt's."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal


class Prices(NamedTuple):
    """Prices by model; ``currency`` is what they are in, as the operator writes it."""

    currency: str = ""
    models: Mapping[str, Price] = {}

    def cost(self, model: str, totals: UsageTotals) -> Decimal | None:
        """Return what a model's tokens cost; ``None`` where it has no price."""
        price = self.models.get(model) or self.models.get(ANY_MODEL)
        if price is None:
            return None
        computed = totals.prompt_tokens - totals.cached_tokens
        of_prompt = computed * price.prompt + totals.cached_tokens * price.cached
        return (of_prompt + totals.completion_tokens * price.completion) / _PER


def read_prices(text: str) -> Prices:
    """Read prices from a JSON object or the file that holds one.

    ``{"currency": "EUR", "models": {"m": {"prompt": 0.5, "cached": 0.1, "completion": 1.5}}}``,
    each of a million tokens; without ``cached`` those cost what the prompt's others do. Raises
    ``ValueError`` with a sentence that names what is wrong.
    """
    parsed = _parse(text if text.lstrip().startswith("{") else _contents(text))
    _refuse_others(parsed, ("currency", "models"), "the prices")
    currency, models = parsed.get("currency"), parsed.get("models")
    if not isinstance(currency, str) or not 0 < len(currency) <= _LONGEST_CURRENCY:
        raise ValueError('"currency" must be a short text, such as "EUR"')
    if not isinstance(models, dict) or not models:
        raise ValueError('"models" must be an object with a price for each model')
    return Prices(currency, {model: _price(model, price) for model, price in models.items()})


def _contents(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ValueError(f"must be a JSON object or a file that holds one ({reason})") from error


def _parse(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise ValueError(f"the prices are no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError("the prices must be a JSON object")
    return parsed


def _price(model: str, given: object) -> Price:
    if not isinstance(given, dict):
        raise ValueError(f'the price of {model!r} must be an object with "prompt", "completion"')
    _refuse_others(given, _KINDS, f"the price of {model!r}")
    for kind in ("prompt", "completion"):
        if kind not in given:
            raise ValueError(f'the price of {model!r} lacks "{kind}"')
    prompt = _amount(model, "prompt", given["prompt"])
    cached = _amount(model, "cached", given.get("cached", prompt))
    return Price(prompt, cached, _amount(model, "completion", given["completion"]))


def _amount(model: str, kind: str, value: object) -> Decimal:
    # Every number was parsed as one of these; `true` and texts were not.
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(f'"{kind}" of {model!r} must be a number, not {_as_written(value)}')
    if not 0 <= value <= _HIGHEST:
        raise ValueError(f'"{kind}" of {model!r} must be from 0 to {_HIGHEST}, not {value}')
    return value


def _as_written(value: object) -> str:
    """Return a value in the words of JSON, in which there is no ``None`` and no ``True``."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _refuse_others(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{where} may not have {', '.join(map(repr, unknown))}")
