"""Every answer carries what its figures stand on: held against the OpenAPI, route by route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from adapters.http.application import application
from tests.adapters.http.readers import told_of
from tests.adapters.http.test_reading import assessed
from tests.http_rig import HttpRig, open_door

Node = Mapping[str, object]
READ = frozenset({"agreement", "as_of", "filters", "note", "proof", "purpose", "right", "view"})
"""By what it is read, which is said of documents too."""
STANDS_ON = frozenset(
    {
        "erasures_since", "feeds", "mapping", "policy", "positions", "rule_packs", "suppression",
        "views_version",
    }
)  # fmt: skip
"""What figures stand on: positions, freshness and gaps, versions, what is hidden or was erased."""
FLAGGED = frozenset({"flags"})


@dataclass(frozen=True)
class Kind:
    """What the answers of a route are, and so what they must carry, and where."""

    whole: frozenset[str]
    """In the answer itself."""
    each: Mapping[str, frozenset[str]]
    """In each item of these of its lists: by a path of names."""


FIGURES = Kind(READ | STANDS_ON, {"rows": FLAGGED})
RUNNING = Kind(READ | STANDS_ON, {})
"""About loads, feeds and readings: numbers of nothing that could be compared."""
LISTED = Kind(READ | {"about"}, {"releases": STANDS_ON | {"digest", "loss"}})
"""Documents: what figures stand on is said of each."""
PATHS: Mapping[str, Kind | None] = {
    "/v1/access": RUNNING,
    "/v1/cross-borough": Kind(
        READ | STANDS_ON | {"coverage", "lower_bound", "keys", "without_tokens"}, {}
    ),
    "/v1/factors": FIGURES,
    "/v1/feeds": RUNNING,
    "/v1/history/{theme}": Kind(READ | STANDS_ON | {"positions_before"}, {"rows": FLAGGED}),
    "/v1/indicators": FIGURES,
    "/v1/loads": RUNNING,
    "/v1/parts/{ledger}/{event}/{number}": None,
    "/v1/releases": LISTED,
    "/v1/releases/{name}": Kind(READ | STANDS_ON | {"digest", "loss"}, {}),
    "/v1/releases/{name}/{table}": Kind(
        READ | STANDS_ON | {"digest", "loss"}, {"table.series": FLAGGED}
    ),
    "/v1/strategy-discussions": FIGURES,
    "/v1/themes/{theme}": FIGURES,
    "/v1/tidy.csv": None,
}
"""Every route that is read under an agreement. None: a sealed part is no figure, and has in it what
its recipient checks it by; the long table says in every row what the other answers say."""


def described(node: object) -> Node:
    """Give a node of the document."""
    assert isinstance(node, Mapping)
    return node


@pytest.fixture(scope="module")
def door() -> Iterator[HttpRig]:
    """Give a served hub whose views hold two years of two assessments."""
    with open_door() as opened:
        assessed(opened, "2024-05-01", "3A", "3B")
        assessed(opened, "2025-05-01", "3A")
        held = {"held": "2024-05-01"}
        opened.publisher.publish(
            told_of(opened.publisher, "strategy-discussion-held", "2024-05-01", held)
        )
        opened.project()
        yield opened


@pytest.fixture(scope="module")
def document(door: HttpRig) -> Node:
    """Give the OpenAPI document."""
    return application(door.hub).openapi()


def test_every_route_that_is_read_stands_in_the_table(document: Node) -> None:
    """A route that takes an agreement is one of these, so a new one has to say what it carries."""
    paths = described(document["paths"])
    asked = {
        path
        for path, routes in paths.items()
        if '"agreement"' in str(described(routes).get("get", "")).replace("'", '"')
    }
    assert asked == PATHS.keys()


def schema_of(document: Node, path: str) -> Node:
    """Give the schema of a route's answer."""
    routes = described(described(document["paths"])[path])
    answered = described(described(described(routes["get"])["responses"])["200"])
    return resolved(
        document, described(described(answered["content"])["application/json"])["schema"]
    )


def resolved(document: Node, node: object) -> Node:
    """Follow a reference, or the items of a list, to what is described."""
    found = described(node)
    if "items" in found:
        return resolved(document, found["items"])
    if "$ref" not in found:
        return found
    schemas = described(described(document["components"])["schemas"])
    return resolved(document, schemas[str(found["$ref"]).rpartition("/")[2]])


@pytest.mark.parametrize("path", [path for path, kind in PATHS.items() if kind])
def test_what_is_promised(document: Node, path: str) -> None:
    """The schema of each answer requires what it must carry, at its own places."""
    kind = PATHS[path]
    assert kind is not None
    whole = schema_of(document, path)
    assert kind.whole <= set(described(whole["properties"]))
    assert kind.whole <= {*listed(whole)}
    for place, names in kind.each.items():
        found = whole
        for name in place.split("."):
            found = resolved(document, described(found["properties"])[name])
        assert names <= set(described(found["properties"])), place


def listed(schema: Node) -> list[str]:
    """Give the names that a schema requires."""
    required = schema["required"]
    assert isinstance(required, list)
    return required


def items(answer: Node, place: str) -> list[Node]:
    """Give the items of a list within an answer."""
    found: object = answer
    for name in place.split("."):
        found = described(found)[name]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("path", [path for path, kind in PATHS.items() if kind])
def test_what_is_promised_is_given(door: HttpRig, released: HttpRig, path: str) -> None:
    """Each answer has it: positions of ledgers, sources with their gaps, versions, and flags."""
    kind = PATHS[path]
    assert kind is not None
    served = released if path.startswith("/v1/releases") else door
    asked = {"before": "2026-01-01"} if "history" in path else {}
    names = {"theme": "domestic-abuse", "name": "2025-06", "table": "thresholds"}
    answer = served.get(path.format(**names), **asked).json()
    assert kind.whole <= answer.keys()
    if "positions" in kind.whole:
        assert answer["positions"]
    for place, wanted in kind.each.items():
        found = items(answer, place)
        assert found, place
        assert all(wanted <= one.keys() for one in found)


def test_freshness_and_gaps_of_a_release_are_those_of_its_making(released: HttpRig) -> None:
    """They stand in the release itself, and so are the same for ever."""
    answer = released.get("/v1/releases/2025-06").json()
    assert answer["feeds"] == answer["release"]["feeds"]
    assert answer["rule_packs"] == answer["release"]["rule_packs"]
    assert answer["policy"] == answer["release"]["policy"] == "small-numbers-1"
    assert "figures hidden" in answer["suppression"]
