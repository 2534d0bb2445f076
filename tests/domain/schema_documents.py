"""Documents made from a JSON Schema: right ones, and right ones with one thing wrong.

Reads the part of JSON Schema that our schemas use, and nothing of our models: what both sides of a
property test know must not come from one of them.
"""

import datetime
import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.canonical import JsonValue
from domain.values import Bytes32, Day, EventId, Instant, to_text

Node = Mapping[str, JsonValue]
Path = tuple[str | int, ...]

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MORE_ITEMS = 3
"""How many items a list may have beyond the fewest: long lists say nothing new."""

JUNK: tuple[JsonValue, ...] = (
    None, True, 0, 1, -1, 1000, 2**60, "", " ", "a", "A", "unknown", "2021-02-29", "2024-02-29",
    "2024-02-29T00:00:00Z", "2024-02-29\n", "\u0000", "\u0663", "\U0001d7db", "Jane Doe", [], ["a"],
    [None], {}, {"a": 1},
)  # fmt: skip


def _pattern_of(text: TypeAdapter[str]) -> str:
    return str(text.json_schema()["pattern"])


def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


_DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)).map(str)
_OFFSETS = st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), _up_to(13), _up_to(59))
_TIMES = st.builds("{:02}:{:02}:{:02}".format, _up_to(23), _up_to(59), _up_to(59))
_FRACTIONS = st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=9).map(".{}".format))
_QUICK: Mapping[str, st.SearchStrategy[str]] = {
    _pattern_of(TypeAdapter(Bytes32)): st.binary(min_size=32, max_size=32).map(to_text),
    _pattern_of(TypeAdapter(Day)): _DAYS,
    _pattern_of(TypeAdapter(EventId)): st.uuids(version=4).map(
        lambda one: f"{str(one)[:14]}7{str(one)[15:]}"
    ),
    _pattern_of(TypeAdapter(Instant)): st.builds(
        "{}T{}{}{}".format, _DAYS, _TIMES, _FRACTIONS, st.one_of(st.just("Z"), _OFFSETS)
    ),
}
"""Long patterns have makers of their own: a text drawn letter by letter is slow to come."""


def node(value: JsonValue) -> Node:
    """Take a value that is an object."""
    assert isinstance(value, Mapping)
    return value


def documents(schema: Node, root: Node) -> st.SearchStrategy[JsonValue]:
    """Give documents that the schema takes, lists in the order that `x-ascending` names."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        return documents(node(node(root["$defs"])[name]), root)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(list(items_of(schema["enum"])))
    if "anyOf" in schema:
        return st.one_of([documents(node(one), root) for one in items_of(schema["anyOf"])])
    makers: Mapping[JsonValue, Callable[[], st.SearchStrategy[JsonValue]]] = {
        "object": lambda: _objects(schema, root),
        "array": lambda: _arrays(schema, root),
        "string": lambda: _texts(
            schema.get("pattern"), whole(schema.get("minLength", 0)), schema.get("maxLength")
        ),
        "integer": lambda: st.integers(whole(schema["minimum"]), whole(schema["maximum"])),
        "boolean": st.booleans,
        "null": st.none,
    }
    return makers[schema["type"]]()


def items_of(value: JsonValue) -> Sequence[JsonValue]:
    """Take a value that is an array."""
    assert isinstance(value, Sequence)
    assert not isinstance(value, str)
    return value


def whole(value: JsonValue) -> int:
    """Take a value that is a whole number."""
    assert isinstance(value, int)
    return value


def _objects(schema: Node, root: Node) -> st.SearchStrategy[JsonValue]:
    required = set(items_of(schema.get("required", [])))
    fields = {name: documents(node(one), root) for name, one in node(schema["properties"]).items()}
    return st.fixed_dictionaries(
        {name: one for name, one in fields.items() if name in required},
        optional={name: one for name, one in fields.items() if name not in required},
    )


def _arrays(schema: Node, root: Node) -> st.SearchStrategy[JsonValue]:
    fewest, most = whole(schema.get("minItems", 0)), whole(schema["maxItems"])
    order = schema.get("x-ascending")
    if not most:
        return st.just([])
    entries = documents(node(schema["items"]), root)
    lists = st.lists(
        entries,
        min_size=fewest,
        max_size=min(most, fewest + MORE_ITEMS),
        unique_by=(lambda one: _rank(one, order)) if order else None,
    )
    if order:
        return lists.map(lambda found: sorted(found, key=lambda one: _rank(one, order)))
    return lists.map(list)


def _rank(entry: JsonValue, order: JsonValue) -> str:
    return str(entry if order is True else node(entry)[str(order)])


@functools.cache
def _texts(pattern: str | None, shortest: int, longest: int | None) -> st.SearchStrategy[JsonValue]:
    if pattern is None:
        whatever = st.characters(exclude_categories=["Cs"])
        return st.text(whatever, min_size=shortest, max_size=min(longest or 20, shortest + 20))
    if pattern == "^[A-Za-z0-9_-]+$":
        return st.text(BASE64URL, min_size=max(shortest, 1), max_size=shortest + 20)
    assert longest is None
    if pattern in _QUICK:
        return _QUICK[pattern]
    return st.from_regex(pattern.removeprefix("^").removesuffix("$"), fullmatch=True)


def places(document: JsonValue, at: Path = ()) -> Iterator[Path]:
    """Give the path of every value in a document, itself included."""
    yield at
    if isinstance(document, Mapping):
        for name, inner in document.items():
            yield from places(inner, (*at, name))
    elif isinstance(document, Sequence) and not isinstance(document, str):
        for index, inner in enumerate(document):
            yield from places(inner, (*at, index))


def _variants(value: JsonValue) -> list[JsonValue]:
    """Give ways in which one value may be nearly right."""
    if isinstance(value, bool):
        return [int(value), str(value).lower()]
    if isinstance(value, int):
        return [value + 1, value - 1, -value, value * 1000, str(value)]
    if isinstance(value, str):
        nearly = [f"{value}\n", f" {value}", value.upper(), value.lower(), value[:-1], value * 2]
        return [*nearly, f"{value}\u00e9", value.replace("0", "\u0660"), [value]]
    if isinstance(value, Mapping):
        more: list[JsonValue] = [{**value, "unknown_field": 1}, {**value, "": None}, [value]]
        for gone in value:
            more.append({name: inner for name, inner in value.items() if name != gone})
            more.append({**value, gone: None})
            more.append({**{n: v for n, v in value.items() if n != gone}, gone.upper(): 1})
        return more
    if isinstance(value, Sequence):
        return [[*reversed(value)], [*value, *value], [*value] * 40, [*value, None], [], {"0": 1}]
    return list(JUNK)


def _put(document: JsonValue, at: Path, value: JsonValue) -> JsonValue:
    if not at:
        return value
    step, rest = at[0], at[1:]
    if isinstance(document, Mapping):
        name = str(step)
        return {**document, name: _put(document[name], rest, value)}
    entries = list(items_of(document))
    entries[int(step)] = _put(entries[int(step)], rest, value)
    return entries


@st.composite
def spoilt(draw: st.DrawFn, document: JsonValue) -> JsonValue:
    """Give the document with one or two values spoilt; it may still be right."""
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.sampled_from(list(places(document))))
        value = document
        for step in at:
            value = node(value)[step] if isinstance(step, str) else items_of(value)[step]
        document = _put(document, at, draw(st.sampled_from([*_variants(value), *JUNK])))
    return document


def rfc8785(value: JsonValue) -> bytes:
    """Write RFC 8785 without a JSON library: keys by UTF-16 units, ECMAScript's escapes."""
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, int):
        return str(value).encode()
    if isinstance(value, str):
        return b'"' + b"".join(_escaped(char) for char in value) + b'"'
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return b"{" + b",".join(rfc8785(n) + b":" + rfc8785(value[n]) for n in names) + b"}"
    return b"[" + b",".join(rfc8785(inner) for inner in value) + b"]"


def _escaped(char: str) -> bytes:
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    if char in short:
        return short[char].encode()
    if char in '"\\':
        return f"\\{char}".encode()
    return f"\\u{ord(char):04x}".encode() if ord(char) < 0x20 else char.encode()


def shuffled(value: JsonValue) -> bytes:
    """Write a document with its keys in the reverse of their order, and spaces between."""
    return json.dumps(_backwards(value), indent=1).encode()


def _backwards(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return {name: _backwards(value[name]) for name in sorted(value, reverse=True)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_backwards(inner) for inner in value]
    return value
