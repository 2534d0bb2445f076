"""Values take exactly what their published patterns say, and keep the text as it was sent."""

import datetime
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.values import (
    LONDON,
    AgreementRef,
    Bytes32,
    Day,
    EventId,
    GssCode,
    Instant,
    LaCode,
    ParticipantCode,
    Sealed,
    Sequence,
    SourceName,
    Strict,
    day_of,
    instant_of,
    london_day,
    start_of_london_day,
    to_bytes,
    to_text,
)

DAYS = TypeAdapter[str](Day)
INSTANTS = TypeAdapter[str](Instant)
IDS = TypeAdapter[str](EventId)
KEYS = TypeAdapter[str](Bytes32)

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
ZONES = st.one_of(
    st.just(datetime.UTC),
    st.integers(-13 * 60 - 59, 13 * 60 + 59).map(
        lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
    ),
)
MOMENTS = st.datetimes(
    datetime.datetime.combine(FIRST, datetime.time()),
    datetime.datetime.combine(LAST, datetime.time()),
    timezones=ZONES,
)


def takes(adapter: TypeAdapter[str], text: object) -> bool:
    """Say whether a value is taken; what is taken is kept as it was sent."""
    try:
        found = adapter.validate_python(text)
    except ValidationError:
        return False
    assert found is text
    return True


def test_a_day_is_every_day_of_two_centuries_and_no_other() -> None:
    """The pattern holds the calendar, leap years included, and nothing beside it."""
    real = {
        (FIRST + datetime.timedelta(days=n)).isoformat() for n in range((LAST - FIRST).days + 1)
    }
    spelt = (
        f"{year}-{month:02}-{day:02}"
        for year in range(1900, 2100)
        for month in range(14)
        for day in range(33)
    )
    assert all(takes(DAYS, text) == (text in real) for text in spelt)


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31",
        "2100-01-01",
        "2024-1-01",
        "24-01-01",
        "20240101",
        "2024-01-01 ",
        "2024-01-01\n",
        " 2024-01-01",
        "2024-01-01T00:00:00Z",
        "202\u0664-01-01",
        "2024/01/01",
        "2024-W01-1",
        "",
        20240101,
        datetime.date(2024, 1, 1),
        None,
    ],
)
def test_what_only_looks_like_a_day_is_refused(text: object) -> None:
    """Other spellings, other digits, space around it, and things that are not text."""
    assert not takes(DAYS, text)


@given(MOMENTS)
def test_an_instant_is_what_the_calendar_says_it_is(moment: datetime.datetime) -> None:
    """Every moment with an offset is taken as Python spells it, and read back as the same."""
    text = moment.isoformat()
    assert takes(INSTANTS, text)
    assert instant_of(text) == moment
    assert instant_of(text.replace("+00:00", "Z")) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T12:00:00",
        "2024-02-29t12:00:00Z",
        "2024-02-29T12:00:00z",
        "2024-02-29 12:00:00Z",
        "2023-02-29T12:00:00Z",
        "2024-02-29T24:00:00Z",
        "2024-02-29T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2024-02-29T12:00Z",
        "2024-02-29T12:00:00,5Z",
        "2024-02-29T12:00:00.Z",
        "2024-02-29T12:00:00.1234567890Z",
        "2024-02-29T12:00:00+1",
        "2024-02-29T12:00:00+14:00",
        "2024-02-29T12:00:00+01:60",
        "2024-02-29T12:00:00Z\n",
        "2024-02-29",
        1709208000,
        datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
    ],
)
def test_what_only_looks_like_an_instant_is_refused(text: object) -> None:
    """No offset, other letters, leap seconds, hours that no clock shows, and what is not text."""
    assert not takes(INSTANTS, text)


@given(MOMENTS, st.integers(0, 999_999_999))
def test_an_instant_keeps_what_python_can_hold_of_its_fraction(
    moment: datetime.datetime, nanoseconds: int
) -> None:
    """Nine digits are taken as text, and read to the microsecond, cut and not rounded."""
    text = moment.replace(microsecond=0, tzinfo=datetime.UTC).isoformat()[:19]
    assert takes(INSTANTS, f"{text}.{nanoseconds:09}Z")
    assert instant_of(f"{text}.{nanoseconds:09}Z").microsecond == nanoseconds // 1000


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-07-01T22:59:59Z", "2024-07-01"),
        ("2024-07-01T23:00:00Z", "2024-07-02"),
        ("2024-01-01T23:30:00Z", "2024-01-01"),
        ("2024-03-31T00:30:00+01:00", "2024-03-30"),
        ("2024-01-01T00:00:00+13:00", "2023-12-31"),
    ],
)
def test_an_instant_falls_on_a_london_day(text: str, day: str) -> None:
    """Summer time counts, and an offset is only another way to spell an instant."""
    assert london_day(text).isoformat() == day


@given(st.dates(datetime.date(1972, 1, 1), LAST))
def test_a_known_day_is_stamped_with_its_own_beginning(day: datetime.date) -> None:
    """A day that becomes an instant is still that London day, and begins it."""
    text = start_of_london_day(day)
    assert takes(INSTANTS, text)
    assert london_day(text) == day
    assert instant_of(text).astimezone(LONDON).time() == datetime.time(0)
    assert day_of(day.isoformat()) == day


@given(st.uuids())
def test_an_event_id_is_a_uuid_of_version_7_in_lower_case(found: uuid.UUID) -> None:
    """Of one id in all its versions and variants, one spelling is taken."""
    digits = found.hex
    seventh = f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
    assert takes(IDS, seventh)
    assert not takes(IDS, str(found)) or found.version == 7
    assert not takes(IDS, seventh.replace("-", ""))
    assert not takes(IDS, f"{{{seventh}}}")
    assert not takes(IDS, uuid.UUID(seventh))
    assert seventh.upper() == seventh or not takes(IDS, seventh.upper())


@given(st.binary(max_size=64))
def test_bytes_have_one_spelling(raw: bytes) -> None:
    """Base64url without padding goes there and back; 32 bytes, and no other, are a key's."""
    text = to_text(raw)
    assert to_bytes(text) == raw
    assert takes(KEYS, text) == (len(raw) == 32)


@given(st.from_regex(r"[A-Za-z0-9_-]{42,44}=?", fullmatch=True))
def test_what_is_taken_as_32_bytes_is_32_bytes(text: str) -> None:
    """Spare bits, padding and a wrong length are refused, so two texts are never one key."""
    assert takes(KEYS, text) == (_read(text) is not None and len(_read(text) or b"") == 32)


def _read(text: str) -> bytes | None:
    try:
        return to_bytes(text)
    except ValueError:
        return None


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A+/A", "AA\n", "A A", "ä"])
def test_another_spelling_of_bytes_is_refused(text: str) -> None:
    """Padding, spare bits, the other alphabet and space are not ours."""
    with pytest.raises(ValueError, match=r"base64"):
        to_bytes(text)


@pytest.mark.parametrize(
    ("adapter", "right", "wrong"),
    [
        (TypeAdapter(ParticipantCode), "barking-and-dagenham", "Barking"),
        (TypeAdapter(ParticipantCode), "a" * 63, "a" * 64),
        (TypeAdapter(SourceName), "/participants/havering/case-system", "/participants/havering"),
        (TypeAdapter(SourceName), "/participants/a/b", "/participants/a/b/"),
        (TypeAdapter(AgreementRef), "bhr-themes@1", "bhr-themes@0"),
        (TypeAdapter(AgreementRef), "bhr-themes@999999", "bhr-themes@01"),
        (TypeAdapter(Sequence), "0", "00"),
        (TypeAdapter(Sequence), "9" * 18, "9" * 19),
        (TypeAdapter(Sequence), "10", "-1"),
        (TypeAdapter(GssCode), "E09000016", "e09000016"),
        (TypeAdapter(LaCode), "311", "0311"),
        (TypeAdapter(LaCode), "301", "30\u0661"),
        (TypeAdapter(Sealed), "A" * 38, "A" * 37),
        (TypeAdapter(Sealed), "A" * 43_000, "A" * 43_001),
    ],
)
def test_codes_are_taken_in_one_spelling(adapter: TypeAdapter[str], right: str, wrong: str) -> None:
    """Each code is taken at its limits, and refused one step beyond or with anything behind it."""
    assert takes(adapter, right)
    assert not takes(adapter, wrong)
    assert not takes(adapter, f"{right}\n")


class Lower(Strict):
    """A part with two fields."""

    beta: int
    zeta: str | None = None


class Higher(Lower):
    """A part that has more, in between."""

    alpha: bool
    gamma: tuple[Lower, ...] = ()


def test_fields_stand_in_alphabetical_order_however_they_were_declared() -> None:
    """Inherited and own fields make one order, so that a dump is canonical as it stands."""
    made = Higher(gamma=(Lower(zeta="z", beta=1),), beta=2, alpha=True)
    assert made.canonical() == b'{"alpha":true,"beta":2,"gamma":[{"beta":1,"zeta":"z"}]}'
    assert list(Higher.model_fields) == ["alpha", "beta", "gamma", "zeta"]


def test_what_was_said_to_be_unknown_is_not_what_was_left_out() -> None:
    """A null that was sent is committed to as a null, and a default is not sent."""
    assert Lower.model_validate_json(b'{"beta":1}').canonical() == b'{"beta":1}'
    said = b'{"beta":1,"zeta":null}'
    assert Lower.model_validate_json(said).canonical() == said


@pytest.mark.parametrize(
    "document",
    [b'{"beta":"1"}', b'{"beta":1.0}', b'{"beta":true}', b'{"beta":1,"Beta":1}', b"{}", b"[1]"],
)
def test_a_strict_model_bends_nothing(document: bytes) -> None:
    """No text is a number, no truth is one, no unknown field is passed over."""
    with pytest.raises(ValidationError):
        Lower.model_validate_json(document)


def test_a_refusal_does_not_hold_what_was_sent() -> None:
    """The text of an error names the field and the rule alone."""
    with pytest.raises(ValidationError) as refusal:
        Lower.model_validate({"beta": "Jane Doe", "zeta": 1})
    assert re.search("Jane", str(refusal.value)) is None
