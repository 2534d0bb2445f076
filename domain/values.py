r"""The small values everything is made of, each taken exactly as its published schema says.

Patterned strings rather than `datetime` and `UUID`: those normalise what they read even when
strict, and a commitment covers the text as it was sent. Patterns are written without `\d` (which
means other digits than ASCII's in some engines), and hold the calendar, leap years included, so
that the exported JSON Schema and the model accept and refuse the same.
"""

from __future__ import annotations

import binascii
import datetime
import functools
import re
from typing import Annotated, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter

T_co = TypeVar("T_co", covariant=True)

LONDON = ZoneInfo("Europe/London")

_LONG = r"(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT = r"(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY = r"02-(?:0[1-9]|1[0-9]|2[0-8])"
_LEAP = r"(?:19(?:0[48]|[2468][048]|[13579][26])|20(?:[02468][048]|[13579][26]))-02-29"
DAY_PATTERN = rf"(?:(?:19|20)[0-9]{{2}}-(?:{_LONG}|{_SHORT}|{_FEBRUARY})|{_LEAP})"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_BYTES_32 = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"
_SLUG = r"[a-z][a-z0-9-]{0,62}"

Day = Annotated[str, StringConstraints(pattern=rf"^{DAY_PATTERN}$")]
"""A London day, `YYYY-MM-DD`, 1900–2099."""

TIME_PATTERN = _CLOCK + _ZONE
Instant = Annotated[str, StringConstraints(pattern=rf"^{DAY_PATTERN}T{TIME_PATTERN}$")]
"""An RFC 3339 date-time with its offset; no leap second, no lower-case letters."""

EventId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]
"""A UUIDv7 (RFC 9562) in lower case."""

Bytes32 = Annotated[str, StringConstraints(pattern=_BYTES_32)]
"""Exactly 32 bytes as base64url without padding, in its one canonical spelling."""

Pseudonym = Bytes32
Salt = Bytes32

_BASE64URL = r"^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$"
Sealed = Annotated[str, StringConstraints(pattern=_BASE64URL, min_length=38, max_length=43_000)]
"""Sealed bytes as base64url without padding, in its one canonical spelling; at least a nonce and a
tag."""

ParticipantCode = Annotated[str, StringConstraints(pattern=rf"^{_SLUG}$")]
LedgerName = ParticipantCode
SourceName = Annotated[str, StringConstraints(pattern=rf"^/participants/{_SLUG}/{_SLUG}$")]
"""One system of one participant: `/participants/{participant}/{system}`."""

AgreementRef = Annotated[str, StringConstraints(pattern=rf"^{_SLUG}@[1-9][0-9]{{0,5}}$")]
"""An agreement and its version: `bhr-themes@1`."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""Who is behind a token, as the identity provider numbers them; never a name."""

PurposeCode = Annotated[str, StringConstraints(pattern=rf"^{_SLUG}$")]
Sequence = Annotated[str, StringConstraints(pattern=r"^(?:0|[1-9][0-9]{0,17})$")]
"""A source's own counter, decimal in a string."""

GssCode = Annotated[str, StringConstraints(pattern=r"^[EWSN][0-9]{8}$")]
LaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
WardCode = GssCode
Precision = Literal["instant", "day", "month"]


class Strict(BaseModel):
    """A frozen model that takes exactly what its schema says, fields in alphabetical order.

    The order matters: what pydantic's serialiser writes is then RFC 8785 as it stands, so a
    commitment costs one serialisation and no sorting.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=False,
        cache_strings="keys",  # of values most are random, and never met again
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Put inherited and own fields into one alphabetical order."""
        ordered = dict(sorted(cls.__pydantic_fields__.items()))
        if list(ordered) != list(cls.__pydantic_fields__):
            cls.__pydantic_fields__ = ordered
            cls.model_rebuild(force=True)

    def canonical(self, *, without: set[str] | None = None, absent: bool = True) -> bytes:
        """Give the RFC 8785 bytes of what was set.

        Without some fields, and without those that are set to nothing where `absent` is false.
        """
        # `model_dump_json` makes a text of these bytes, from which they would be made again.
        return self.__pydantic_serializer__.to_json(
            self, exclude=without, exclude_none=not absent, exclude_unset=True
        )


def spelt(raw: bytes) -> bytes:
    """Spell bytes as base64url without padding, where the text is to go among other bytes."""
    return binascii.b2a_base64(raw, newline=False).translate(_TO_URL).rstrip(b"=")


class Spelling(Generic[T_co]):
    """How a tuple class of ours stands as bytes: JSON of its values in order, without names.

    For what is made anew with every event, where making a model each time costs too much.
    """

    def __init__(self, kind: type[T_co]) -> None:
        """Build reader and writer once."""
        self._adapter = TypeAdapter(kind)

    def read(self, raw: bytes) -> T_co:
        """Read what was spelled; raises ValueError."""
        return self._adapter.validate_json(raw)

    def spell(self, value: object) -> bytes:
        """Give the bytes of one of them; equal ones have equal bytes."""
        return self._adapter.dump_json(value)  # type: ignore[arg-type]  # of this class


def to_text(raw: bytes) -> str:
    """Spell bytes as base64url without padding."""
    return spelt(raw).decode("ascii")


def to_bytes(text: str) -> bytes:
    """Read base64url without padding, in its one canonical spelling; raises ValueError."""
    try:
        padded = text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4)
        raw = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise ValueError("not base64url") from None
    # What is left of 24 bits is zero in the one canonical spelling: the last character tells.
    if text and text[-1] not in _LAST[len(text) % 4]:
        raise ValueError("not canonical base64url")
    return raw


_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/!!")
"""The ordinary alphabet's own marks are turned into what no alphabet has, and so are refused."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST = (_ALPHABET, "", "AQgw", "AEIMQUYcgkosw048")
"""What a canonical text of 4n, 4n + 1 (none), 4n + 2 and 4n + 3 characters can end in."""


def recorded_day(recorded_ms: int) -> datetime.date:
    """Give the London day of a recorded time, in milliseconds."""
    return _day_of_hour(recorded_ms // (60 * 60 * 1000))


@functools.lru_cache(maxsize=256)  # an hour has one London day: midnight falls on one
def _day_of_hour(hour: int) -> datetime.date:
    return datetime.datetime.fromtimestamp(hour * 60 * 60, datetime.UTC).astimezone(LONDON).date()


@functools.lru_cache(maxsize=4096)  # returns repeat their days
def instant_of(text: str) -> datetime.datetime:
    """Read an `Instant`; Python's own precision (microseconds) is kept."""
    fraction = re.search(r"\.([0-9]+)", text)
    if fraction and len(fraction.group(1)) > 6:  # noqa: PLR2004 - microseconds
        text = text.replace(fraction.group(1), fraction.group(1)[:6])
    return datetime.datetime.fromisoformat(text)


@functools.lru_cache(maxsize=4096)  # returns repeat their days
def london_day(text: str) -> datetime.date:
    """Give the London day of an `Instant`: a return's day is a London day, summer time or not."""
    return instant_of(text).astimezone(LONDON).date()


def day_of(text: str) -> datetime.date:
    """Read a `Day`."""
    return datetime.date.fromisoformat(text)


@functools.lru_cache(maxsize=4096)  # returns repeat their days
def start_of_london_day(day: datetime.date) -> str:
    """Give the `Instant` at which a London day begins, in UTC: how a known day is stamped."""
    local = datetime.datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return local.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
