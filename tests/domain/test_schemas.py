"""A published schema and its model take and refuse the same documents."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.canonical import JsonValue, canonical
from domain.envelope import PlainEvent
from domain.errors import NotFound
from domain.schemas import DIALECT, schema_names, schema_of
from domain.values import Strict
from domain.vocabulary.catalogue import STANDARD, Catalogue
from domain.vocabulary.figures import FigureExplained
from domain.vocabulary.parts import FactsPart, Kind, RestrictedPart, SharedPart
from domain.vocabulary.upcasting import Upcast
from tests.domain.schema_documents import documents, items_of, node, rfc8785, shuffled, spoilt

RULE = "value_error"
"""pydantic's word for a rule of ours between values; everything else the schema says as well."""

AnyPlain = PlainEvent[FactsPart, SharedPart, RestrictedPart]

few = settings(max_examples=6, suppress_health_check=list(HealthCheck))
every_kind = pytest.mark.parametrize("kind", STANDARD.kinds, ids=lambda kind: kind.name)


@dataclass(frozen=True)
class Both:
    """A schema and the model it is of, asked the same questions."""

    kind: type[Kind]
    model: type[Strict]
    validator: jsonschema_rs.Draft202012Validator

    def schema_takes(self, document: JsonValue) -> bool:
        """Say whether an independent validator takes a document by the schema."""
        return self.validator.is_valid(document)

    def model_refuses(self, document: JsonValue) -> set[str]:
        """Give why the model does not take a document; empty when it does."""
        try:
            found = self.model.model_validate_json(canonical(document))
        except ValidationError as error:
            return {one["type"] for one in error.errors()}
        if isinstance(found, PlainEvent) and not self._of_its_kind(cast("AnyPlain", found)):
            return {"of another kind"}
        return set()

    def _of_its_kind(self, event: AnyPlain) -> bool:
        return (
            event.type == self.kind.type_name()
            and event.dataschema == self.kind.schema_id()
            and self.kind.takes_subjects(len(event.data.subjects))
        )


@functools.cache
def pairs(name: str) -> dict[str, Both]:
    """Pair the schemas of a kind with their models: of the whole event, and of its parts."""
    kind = STANDARD.current(name)
    root = node(schema_of(name))
    parts = node(root["$defs"])
    models: dict[str, type[Strict]] = {
        "event": PlainEvent[kind.Facts, kind.Shared, kind.Restricted],  # type: ignore[name-defined]  # built at run time
        "facts": kind.Facts,
        "restricted": kind.Restricted,
        "shared": kind.Shared,
    }
    return {
        part: Both(kind, models[part], jsonschema_rs.Draft202012Validator(dict(node(schema))))
        for part, schema in {"event": root, **parts}.items()
    }


@functools.cache
def events(name: str) -> st.SearchStrategy[JsonValue]:
    """Give events of a kind, made from its schema alone."""
    root = node(schema_of(name))
    return documents(root, root)


def asked(name: str, event: JsonValue) -> Iterator[tuple[Both, JsonValue]]:
    """Give an event and each part in it, with the pair of schema and model to be asked."""
    both = pairs(name)
    data = node(node(event)["data"])
    yield both["event"], event
    yield both["facts"], data["facts"]
    for subject in items_of(data.get("subjects", [])):
        for part in ("restricted", "shared"):
            if (found := node(subject).get(part)) is not None:
                yield both[part], found


@every_kind
@few
@given(data=st.data())
def test_the_model_takes_what_the_schema_describes(kind: type[Kind], data: st.DataObject) -> None:
    """A document made from a schema alone is taken by both, and has one canonical form.

    What the model writes is what another hand writes by RFC 8785, however it came in.
    """
    for both, document in asked(kind.name, data.draw(events(kind.name))):
        assert both.schema_takes(document)
        if refused := both.model_refuses(document):
            assert refused == {RULE}
        else:
            model = both.model.model_validate_json(shuffled(document))
            assert model.canonical() == rfc8785(document) == canonical(document)


@every_kind
@few
@given(data=st.data())
def test_both_take_or_both_refuse_what_is_nearly_right(
    kind: type[Kind], data: st.DataObject
) -> None:
    """With a value spoilt, schema and model still agree, but for rules that the schema lists."""
    for both, right in asked(kind.name, data.draw(events(kind.name))):
        document = data.draw(spoilt(right))
        refused = both.model_refuses(document)
        if not both.schema_takes(document):
            assert refused
        elif refused:
            assert refused == {RULE}
            assert node(schema_of(kind.name))["x-cross-field-rules"]


@every_kind
def test_every_schema_is_one_by_its_own_dialect(kind: type[Kind]) -> None:
    """Each document is a JSON Schema 2020-12 with its own address, name and sentence."""
    schema = node(schema_of(kind.name))
    jsonschema_rs.meta.validate(dict(schema))
    assert schema["$schema"] == DIALECT == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:bhr:schema:{kind.name}:v{kind.version}"
    assert schema["title"] == kind.name
    assert str(schema["description"])[0].isupper()
    assert set(node(schema["$defs"])) == (
        {"facts", "restricted", "shared"} if kind.about_a_person else {"facts"}
    )


def test_schemas_come_out_the_same_every_time() -> None:
    """Exported twice, a schema has the same bytes: it can be published and compared."""
    for name in schema_names():
        assert canonical(schema_of(name)) == canonical(schema_of(name))
    assert schema_names() == STANDARD.names()


def test_every_field_of_the_vocabulary_says_what_it_means() -> None:
    """No field of a kind's own parts is without a description."""
    silent = [
        f"{kind.name}.{part}.{name}"
        for kind in STANDARD.kinds
        for part, schema in node(node(schema_of(kind.name))["$defs"]).items()
        for name, field in node(node(schema)["properties"]).items()
        if "description" not in node(field)
    ]
    assert silent == []


def test_rules_between_values_are_listed_with_the_schema() -> None:
    """What a schema of single fields cannot say is said beside it, sentence by sentence."""
    rules = node(schema_of("assessment-completed"))["x-cross-field-rules"]
    assert rules == [
        "data.subjects[].pseudonym: nobody stands twice",
        "data.subjects[].restricted.disability_codes ascends, each once",
        "data.subjects[].shared.factors ascends, each once",
    ]
    assert node(schema_of("sealing-session-opened"))["x-cross-field-rules"] == [
        "data.facts.recipients ascends by participant"
    ]
    assert node(schema_of("figure-explained"))["x-cross-field-rules"] == list(
        FigureExplained.cross_field_rules
    )


def test_an_older_version_has_a_schema_of_its_own() -> None:
    """Both versions of a kind are published: the older under its number."""

    class Scored(Kind, name="thing-scored"):
        """The first version."""

    class ScoredAgain(Kind, name="thing-scored", version=2):
        """The second version."""

    step = Upcast("thing-scored", from_version=1)
    catalogue = Catalogue(kinds=(Scored, ScoredAgain), upcasts=(step,))
    assert schema_names(catalogue) == ("thing-scored", "thing-scored.v1")
    newest = node(schema_of("thing-scored", catalogue))
    assert newest == schema_of("thing-scored.v2", catalogue)
    assert newest["$id"] == "urn:bhr:schema:thing-scored:v2"
    oldest = node(schema_of("thing-scored.v1", catalogue))
    assert oldest["description"] == "The first version."


def test_a_schema_that_does_not_exist_is_not_found() -> None:
    """Asking for an unknown name says that there is no such schema, and not what was asked."""
    with pytest.raises(NotFound, match=r"^no such schema$"):
        schema_of("thing-scored")
