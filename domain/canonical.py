"""JSON as it is committed to: RFC 8785 for documents without floating-point numbers.

The catalogue has no floats, so the canonical form is compact JSON with sorted keys. Object names
are ASCII in all our models, where RFC 8785's order (UTF-16 code units) is the code-point order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"


DIGITS_MAX = 18


class NotCanonical(ValueError):
    """Text that is not JSON as we take it; `code` says why in a constant word."""

    def __init__(self, code: str) -> None:
        """Keep the code alone: the text may hold anything."""
        super().__init__(code)
        self.code = code


def canonical(value: JsonValue) -> bytes:
    """Give the RFC 8785 bytes of a value; raises NotCanonical: lone-surrogate, too-deep."""
    try:
        return _SPELLING.encode(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical("lone-surrogate") from None
    except RecursionError:
        # What could just be read may be too deep to be written: the limit counts our callers too.
        raise NotCanonical("too-deep") from None


_SPELLING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def strict_json(raw: bytes) -> JsonValue:
    """Read UTF-8 JSON that has no duplicate key, no float, no NaN and bounded depth.

    Raises NotCanonical with one of: not-utf-8, not-json, duplicate-key, not-a-whole-number,
    number-too-long, too-deep. A lone surrogate is met by `canonical` alone.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotCanonical("not-utf-8") from None
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_refuse_float,
            parse_constant=_refuse_float,
            parse_int=_whole_number,
        )
    except NotCanonical:
        raise
    except RecursionError:
        # The scanner stops at Python's own limit; our models then refuse far shallower documents.
        raise NotCanonical("too-deep") from None
    except ValueError:
        raise NotCanonical("not-json") from None
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("duplicate-key")
    return found


def _refuse_float(_: str) -> JsonValue:
    raise NotCanonical("not-a-whole-number")


def _whole_number(text: str) -> int:
    # Python refuses beyond 4 300 digits only; no number of ours has more than 18.
    if len(text.removeprefix("-")) > DIGITS_MAX:
        raise NotCanonical("number-too-long")
    return int(text)
