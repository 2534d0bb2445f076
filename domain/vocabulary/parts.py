"""The parts of an event, apart by construction.

- *facts*: case facts of the stream, kept under the stream's key;
- *shared*: what may be folded about one subject, kept under the subject's key;
- *restricted*: what identifies or describes one subject, sealed by the publisher so that the hub
  cannot open it.

Each is a class of its own that forbids every field it does not name, so a restricted field has no
place in a shared part. The classes also check themselves when they are defined: a shared or facts
part of an event about a person may hold no free text, and no name that stands for identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Annotated, ClassVar, Literal, get_args, get_origin

from pydantic import Field, StringConstraints

from domain.values import Bytes32, Day, Strict
from domain.vocabulary.codes import Disabilities

TYPE_PREFIX = "uk.bhr.safeguarding."
SCHEMA_PREFIX = "urn:bhr:schema:"

AgeBand = Literal["unborn", "under-1", "1-4", "5-9", "10-15", "16-17", "18-24", "unknown"]
Sex = Literal["female", "male", "unknown"]
EthnicGroup = Literal["white", "mixed", "asian", "black", "other", "unknown"]
FamilyView = Literal[
    "agreed", "disagreed-overridden", "not-told-because-of-risk", "not-required", "not-recorded"
]
Role = Literal[
    "child", "unborn-child", "sibling", "victim", "suspect", "witness", "offender", "parent-carer"
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""Free text. Restricted parts, and facts of events that are about no person, alone may hold it."""

Upn = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{11}[0-9A-Z]$")]
"""A unique pupil number, in capitals."""

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
SmallCount = Annotated[int, Field(ge=0, le=999)]

IDENTIFYING = frozenset(
    {
        "address", "address_token", "date_of_birth", "date_of_death", "disability_codes", "email",
        "ethnicity_code", "expected_date_of_birth", "family_view", "former_upn", "local_id", "name",
        "narrative", "nhs_number", "postcode", "school", "telephone", "upn", "upn_unknown",
    }
)  # fmt: skip
"""Field names that stand for identity or description; no part that the hub reads declares one."""


class LinkageToken(Strict):
    """A keyed token by which two boroughs' records of one child may meet; never shown."""

    basis: Literal["upn", "nhs"] = Field(description="what the token was made from")
    key: Bytes32 = Field(description="id of the linkage key it was made with")
    token: Bytes32 = Field(description="HMAC under that key; never shown")


class FactsPart(Strict):
    """Facts of the stream."""


class CaseFacts(FactsPart):
    """Case facts of a stream that is about a person."""

    family_view_recorded: bool | None = Field(
        default=None,
        description="whether the family's view was recorded; what it was is restricted",
    )


class SharedPart(Strict):
    """What may be folded about one subject."""

    age_band: AgeBand | None = Field(default=None, description="age when it happened, in bands")
    disabled: bool | None = Field(default=None, description="whether a disability is recorded")
    ethnic_group: EthnicGroup | None = Field(default=None, description="one of five groups")
    looked_after: bool | None = Field(default=None, description="in care when it happened")
    sex: Sex | None = Field(default=None, description="sex as recorded")


class RestrictedPart(Strict):
    """What identifies or describes one subject; only its recipients ever read it."""

    date_of_birth: Day | None = Field(default=None, description="of a child who is born")
    disability_codes: Disabilities | None = Field(default=None, description="CIN Census codes")
    ethnicity_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}$")] | None = Field(
        default=None, description="census code; the shared part has the group alone"
    )
    expected_date_of_birth: Day | None = Field(default=None, description="of an unborn child")
    family_view: FamilyView | None = Field(
        default=None, description="about confidentiality; never the legal basis"
    )
    former_upn: Upn | None = Field(default=None, description="unique pupil number held before")
    local_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="the source system's own id of the person"
    )
    upn: Upn | None = Field(default=None, description="unique pupil number")
    upn_unknown: Literal["UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UN7"] | None = Field(
        default=None, description="why there is none, by CIN Census code"
    )


class Kind:
    """One type of event in one version: a name and its parts.

    Declare it as `class ReferralReceived(Kind, name="referral-received")` with nested `Facts`,
    `Shared`, `Restricted`. `about_a_person=False` means that it has no subjects, and that its facts
    may hold text.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    about_a_person: ClassVar[bool]
    cross_field_rules: ClassVar[tuple[str, ...]] = ()
    """Rules between fields, one sentence each: a JSON Schema of single fields cannot hold them."""
    fewest_subjects: ClassVar[int] = 1
    """None for what concerns an event or a meeting, two for a link between two records."""
    most_subjects: ClassVar[int] = 31
    """As many as a leaf has parts for."""
    off_by_default: ClassVar[bool] = False
    """Of the highest risk: an agreement must name this type before anybody may send it."""

    Facts: type[FactsPart] = CaseFacts
    Shared: type[SharedPart] = SharedPart
    Restricted: type[RestrictedPart] = RestrictedPart

    def __init_subclass__(cls, *, name: str, version: int = 1, about_a_person: bool = True) -> None:
        """Name the kind, and refuse a declaration that mixes the parts."""
        cls.name = name
        cls.version = version
        cls.about_a_person = about_a_person
        _refuse_what_is_restricted(cls.Shared, cls)
        if about_a_person:
            _refuse_what_is_restricted(cls.Facts, cls)
        else:
            cls.fewest_subjects = cls.most_subjects = 0
            if cls.Facts is CaseFacts:
                cls.Facts = FactsPart

    @classmethod
    def type_name(cls) -> str:
        """Give the CloudEvents type: `uk.bhr.safeguarding.<name>.v<N>`."""
        return f"{TYPE_PREFIX}{cls.name}.v{cls.version}"

    @classmethod
    def schema_id(cls) -> str:
        """Give the address of the published schema: `urn:bhr:schema:<name>:v<N>`."""
        return f"{SCHEMA_PREFIX}{cls.name}:v{cls.version}"

    @classmethod
    def takes_subjects(cls, count: int) -> bool:
        """Say whether an event of this kind may be about so many persons."""
        return cls.fewest_subjects <= count <= cls.most_subjects


def _refuse_what_is_restricted(part: type[Strict], kind: type[Kind]) -> None:
    restricted = IDENTIFYING | set(kind.Restricted.model_fields)
    for name, coded in _fields(part):
        place = f"{kind.name}: {part.__name__}.{name}"
        if name in restricted:
            raise TypeError(f"{place} belongs in restricted")
        if not coded:
            raise TypeError(f"{place} is free text: it belongs in restricted")


def _fields(part: type[Strict]) -> Iterator[tuple[str, bool]]:
    """Give each field, however deep, and whether it is coded."""
    for name, field in part.model_fields.items():
        yield name, _is_coded(field.annotation, field.metadata)
        for model in _models(field.annotation):
            yield from _fields(model)


def _models(annotation: object) -> Iterator[type[Strict]]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _is_coded(annotation: object, rules: Sequence[object] = ()) -> bool:
    """Say whether this is a number, a word of a list, a text by a pattern, or made of such."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *rules = get_args(annotation)
        return _is_coded(inner, rules)
    if annotation is str:
        return any(getattr(rule, "pattern", None) for rule in rules)
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return True  # its own fields are looked at one by one
    if origin is Literal or annotation in {bool, int, NoneType, Ellipsis}:
        return True
    inner_ones = get_args(annotation)
    return bool(inner_ones) and origin is not dict and all(_is_coded(one) for one in inner_ones)
