"""The published schemas: JSON Schema 2020-12 of each kind, as a plain source would send it.

Each document describes the whole plain CloudEvent and holds the kind's parts under `$defs`: facts,
and for an event about persons shared and restricted. A schema and its model take and refuse the
same documents in their wire form (RFC 8785, where a number is never written 1.0), but for the
rules between values that no schema of single fields can say: `x-cross-field-rules` lists them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Final

from pydantic.json_schema import GenerateJsonSchema

from domain.canonical import JsonValue
from domain.envelope import PlainEvent
from domain.errors import NotFound
from domain.values import Strict
from domain.vocabulary.catalogue import STANDARD, Catalogue
from domain.vocabulary.parts import FactsPart, Kind, RestrictedPart, SharedPart

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FACTS: Final = "data.facts"
_SUBJECTS: Final = "data.subjects[]"

Node = dict[str, JsonValue]


def schema_names(catalogue: Catalogue = STANDARD) -> tuple[str, ...]:
    """Give the name of every schema, sorted: `assessment-completed`, older ones `<name>.v<N>`."""
    return tuple(sorted(_name(kind, catalogue) for kind in catalogue.kinds))


def schema_of(name: str, catalogue: Catalogue = STANDARD) -> JsonValue:
    """Give the schema of a kind, by a name of `schema_names`; raises NotFound."""
    for kind in catalogue.kinds:
        if name in {_name(kind, catalogue), f"{kind.name}.v{kind.version}"}:
            return _document(kind)
    raise NotFound("schema")


def _name(kind: type[Kind], catalogue: Catalogue) -> str:
    newest = catalogue.current(kind.name) is kind
    return kind.name if newest else f"{kind.name}.v{kind.version}"


def _document(kind: type[Kind]) -> Node:
    parts = _parts(kind)
    event = _tidy_schema(PlainEvent[FactsPart, SharedPart, RestrictedPart])
    properties = dict(_node(event["properties"]))
    properties["type"] = _fixed(kind.type_name(), properties["type"])
    properties["dataschema"] = _fixed(kind.schema_id(), properties["dataschema"])
    properties["data"] = _data(kind, _node(properties["data"]))
    return {
        "$schema": DIALECT,
        "$id": kind.schema_id(),
        "title": kind.name,
        "description": dedent(f"    {kind.__doc__}").strip(),
        "x-cross-field-rules": [*kind.cross_field_rules, *_between_subjects(kind), *_orders(parts)],
        "x-off-by-default": kind.off_by_default,
        **{key: event[key] for key in ("type", "required", "additionalProperties")},
        "properties": properties,
        "$defs": parts,
    }


def _fixed(value: str, schema: JsonValue) -> Node:
    return {"const": value, "description": _node(schema)["description"]}


def _between_subjects(kind: type[Kind]) -> tuple[str, ...]:
    return (f"{_SUBJECTS}.pseudonym: nobody stands twice",) if kind.most_subjects > 1 else ()


def _parts(kind: type[Kind]) -> Node:
    parts: Node = {"facts": {"title": f"{kind.name}: facts", **_tidy_schema(kind.Facts)}}
    if kind.most_subjects:
        for name, part in (("restricted", kind.Restricted), ("shared", kind.Shared)):
            parts[name] = {"title": f"{kind.name}: {name}", **_tidy_schema(part)}
    return parts


def _data(kind: type[Kind], data: Node) -> Node:
    """Give the schema of `data`, where the kind's own parts take the place of the empty ones."""
    properties = dict(_node(data["properties"]))
    subjects = dict(_node(properties["subjects"]))
    subjects |= {"minItems": kind.fewest_subjects, "maxItems": kind.most_subjects}
    if kind.most_subjects:
        entry = dict(_node(subjects["items"]))
        restricted: Node = {"anyOf": [{"$ref": "#/$defs/restricted"}, {"type": "null"}]}
        shared: Node = {"$ref": "#/$defs/shared"}
        entry["properties"] = {
            **_node(entry["properties"]),
            "restricted": restricted,
            "shared": shared,
        }
        subjects["items"] = entry
    else:
        del subjects["items"]
    required = ["facts", "subjects"] if kind.fewest_subjects else ["facts"]
    facts: Node = {"$ref": "#/$defs/facts"}
    properties |= {"facts": facts, "subjects": subjects}
    return {**data, "properties": properties, "required": required}


def _orders(parts: Node) -> Iterator[str]:
    """Name each list that ascends: the schema marks it, and cannot hold anybody to it."""
    for part, schema in parts.items():
        place = _FACTS if part == "facts" else f"{_SUBJECTS}.{part}"
        yield from _ascending(_node(schema), place)


def _ascending(node: Node, place: str) -> Iterator[str]:
    order = node.get("x-ascending")
    if order is not None:
        yield f"{place} ascends, each once" if order is True else f"{place} ascends by {order}"
    for name, inner in _node(node.get("properties", {})).items():
        yield from _ascending(_node(inner), f"{place}.{name}")
    if "items" in node:
        yield from _ascending(_node(node["items"]), f"{place}[]")
    choices = node.get("anyOf", ())
    for inner in choices if isinstance(choices, list) else ():
        yield from _ascending(_node(inner), place)


class _Untitled(GenerateJsonSchema):
    """Without a title for each field: it would say the field's name again."""

    def field_title_should_be_set(self, _: object) -> bool:
        return False


@functools.cache
def _tidy_schema(model: type[Strict]) -> Node:
    schema: Node = model.model_json_schema(schema_generator=_Untitled)
    return _node(_tidy(schema, _node(schema.get("$defs", {}))))


def _tidy(node: JsonValue, definitions: Node) -> JsonValue:
    """Put definitions in their places, and drop class names and `default: null`."""
    if isinstance(node, Mapping):
        found: Node = {}
        reference = node.get("$ref")
        if isinstance(reference, str):
            found |= _node(_tidy(definitions[reference.removeprefix("#/$defs/")], definitions))
        for key, value in node.items():
            if key == "properties":
                fields = _node(value)
                found[key] = {name: _tidy(inner, definitions) for name, inner in fields.items()}
            elif key not in {"$defs", "$ref", "title"} and not (key == "default" and value is None):
                found[key] = _tidy(value, definitions)
        return found
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_tidy(inner, definitions) for inner in node]
    return node


def _node(value: JsonValue) -> Node:
    if not isinstance(value, dict):
        raise TypeError("a schema is an object")
    return value
