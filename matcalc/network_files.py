"""Model files that may describe a network: the TOML of a `Model`, or a table ``[network]`` and nothing else.

    [network]
    widths = [5, 4, 3, 2]       # input first
    activation = "f"            # or a known one, or a list, one a layer
    loss = "half_mse"           # or an unknown "C"
    bias = true
    batch = "rows"              # or "columns"; without it, one sample

Every line but the widths may be left out.
"""

from __future__ import annotations

import tomllib
from os import PathLike
from pathlib import Path
from typing import Any

from matcalc.errors import ModelError, NetworkError, near_names
from matcalc.language.model import Model
from matcalc.networks import Network

KEYS = ("widths", "activation", "loss", "bias", "batch")
PART = "network"


def model_in_file(path: str | PathLike[str]) -> Network | Model:
    """The network or the model that a TOML file holds.

    Raises:
        MatcalcError: the file cannot be read, or what it holds has faults.

    Example:
        >>> model_in_file("nowhere.toml")
        Traceback (most recent call last):
            ...
        matcalc.errors.ModelError: nowhere.toml: there is no such file.
    """
    parsed = _parsed(Path(path))
    if PART not in parsed:
        return Model.from_toml(path)
    return _network(parsed, str(path))


def _parsed(path: Path) -> dict[str, Any]:
    """The tables of a file; nothing of one that is no TOML, of which the reader of models says why."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}


def _network(parsed: dict[str, Any], name: str) -> Network:
    table = parsed[PART]
    others = [key for key in parsed if key != PART]
    if others:
        raise ModelError(f"{name}: beside [network] there is {others[0]!r}. A network is described by its own table only.")
    if not isinstance(table, dict):
        raise ModelError(f"{name}: network is a table, [network], with a line for each of {', '.join(KEYS)}.")
    unknown = [key for key in table if key not in KEYS]
    if unknown:
        raise ModelError(*(f"{name}: a network has no {key!r}. {near_names(key, KEYS)}" for key in unknown))
    if "widths" not in table:
        raise ModelError(f"{name}: [network] needs widths, as widths = [5, 4, 3, 2].")
    try:
        return Network(**{**table, "activation": table.get("activation", "f")})
    except NetworkError as error:
        raise ModelError(f"{name}, [network]: {error}") from None
