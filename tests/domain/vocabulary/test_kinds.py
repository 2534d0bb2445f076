"""What single kinds promise beyond their fields."""

import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.canonical import JsonValue
from domain.schemas import schema_of
from domain.values import to_text
from domain.vocabulary import codes, hub
from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureExplained, FigureReported
from domain.vocabulary.parts import Kind
from domain.vocabulary.police_health_school import GangRiskIdentified, SchoolExclusionRecorded

DIGEST = to_text(bytes(32))
SAID_OF_A_CHILD = ("Jane Doe", "12 High Street", "told his teacher", "RM1 3BB", "jane@doe.uk")

about_persons = pytest.mark.parametrize(
    "kind",
    [kind for kind in STANDARD.kinds if kind.about_a_person],
    ids=lambda kind: kind.name,
)


def texts_of(schema: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    """Give every place of a schema where a text may stand."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "string":
            yield schema
        for inner in schema.values():
            yield from texts_of(inner)
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for inner in schema:
            yield from texts_of(inner)


@about_persons
def test_nothing_that_is_said_of_a_child_fits_where_the_hub_reads(kind: type[Kind]) -> None:
    """A name, an address or a sentence matches no text of facts or shared part."""
    schema = schema_of(kind.name)
    assert isinstance(schema, Mapping)
    parts = schema["$defs"]
    assert isinstance(parts, Mapping)
    texts = [*texts_of(parts["facts"]), *texts_of(parts["shared"])]
    assert texts
    for text in texts:
        allowed = text.get("enum", [text.get("const")])
        assert isinstance(allowed, Sequence)
        for said in SAID_OF_A_CHILD:
            pattern = text.get("pattern")
            assert not (re.search(str(pattern), said) if pattern else said in allowed)


def refusals(part: type[object], document: Mapping[str, object]) -> list[str]:
    """Give the kinds of errors that a part finds in a document."""
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(part).validate_python(document)
    return [one["type"] for one in refusal.value.errors()]


@pytest.mark.parametrize("factors", [("3A", "16A"), ("16A", "16A")], ids=["out of order", "twice"])
def test_an_assessment_has_one_spelling_of_its_factors(factors: tuple[str, ...]) -> None:
    """Factors ascend and stand once, so that equal assessments have equal bytes."""
    assert refusals(AssessmentCompleted.Shared, {"factors": factors}) == ["value_error"]
    assert AssessmentCompleted.Shared(factors=("16A", "3A")).factors == ("16A", "3A")


@pytest.mark.parametrize("code", ["18A", "19A", "24A"])
def test_old_and_new_factor_codes_are_both_taken(code: str) -> None:
    """Boroughs still file retired codes, and a replay of 2018 meets them."""
    taken = AssessmentCompleted.Shared.model_validate({"factors": (code,)})
    assert taken.factors == (code,)


def test_a_code_that_nobody_lists_is_refused() -> None:
    """Nothing is guessed: 8A is in no schema of the census."""
    assert refusals(AssessmentCompleted.Shared, {"factors": ("8A",)}) == ["literal_error"]


def test_every_code_list_is_without_doubles() -> None:
    """A closed list names each code once."""
    for name in ("Factor", "ReferralSource", "PrimaryNeed", "ClosureReason", "PlacementType"):
        listed = getattr(codes, name).__args__
        assert len(set(listed)) == len(listed)


def recipient(participant: str) -> dict[str, object]:
    """Give a recipient of a session."""
    return {"encapsulation": "A" * 1558, "key": DIGEST, "participant": participant}


def session(*participants: str) -> dict[str, object]:
    """Give the facts of a session for these recipients."""
    return {
        "recipients": tuple(recipient(one) for one in participants),
        "session": DIGEST,
        "suite": "mlkem768-x25519+hkdf-sha256+aes-256-gcm",
    }


def test_a_session_names_its_recipients_in_order() -> None:
    """One entry a body, in the names' order, so that a recipient set has one meaning."""
    taken = hub.SealingSessionOpened.Facts.model_validate(session("barking", "havering"))
    assert [one.participant for one in taken.recipients] == ["barking", "havering"]


@pytest.mark.parametrize(
    ("participants", "refused"),
    [
        (("havering", "barking"), "value_error"),
        (("havering", "havering"), "value_error"),
        ((), "too_short"),
        (tuple(f"body-{number:02}" for number in range(17)), "too_long"),
    ],
    ids=["out of order", "twice", "none", "seventeen"],
)
def test_a_session_of_no_clear_recipients_is_refused(
    participants: tuple[str, ...], refused: str
) -> None:
    """Recipients out of order, doubled, missing or too many are not a session."""
    assert refusals(hub.SealingSessionOpened.Facts, session(*participants)) == [refused]


def test_the_largest_session_fits_into_an_event() -> None:
    """Sixteen recipients of the one suite stay below 32 KiB."""
    names = tuple(f"body-{number:02}" for number in range(16))
    facts = hub.SealingSessionOpened.Facts.model_validate(session(*names))
    assert len(facts.canonical()) < 30 * 1024


def piece(**changes: object) -> dict[str, object]:
    """Give the facts of one piece of a reference document."""
    return {
        "content": "AAAA",
        "digest": DIGEST,
        "document": "participants",
        "effective_from": "2024-04-01",
        "name": "participants",
        "piece": 0,
        "pieces": 1,
        "version": 1,
    } | changes


def test_a_piece_is_one_of_the_pieces() -> None:
    """Pieces count from 0, and the last is one less than their number."""
    hub.ReferenceDataRegistered.Facts.model_validate(piece(piece=1, pieces=2))
    assert refusals(hub.ReferenceDataRegistered.Facts, piece(piece=1)) == ["value_error"]
    assert refusals(hub.ReferenceDataRegistered.Facts, piece(pieces=0)) == ["greater_than_equal"]


def test_a_refusal_gives_codes_and_nothing_that_was_sent() -> None:
    """A refusal has one code at least, in order, and each is a word of ours."""
    source = "/participants/havering/case-system"
    taken = hub.SubmissionRefused.Facts(codes=("extra-forbidden", "missing"), source=source)
    assert taken.canonical() == (
        b'{"codes":["extra-forbidden","missing"],"source":"/participants/havering/case-system"}'
    )
    for codes_sent, refused in [((), "too_short"), (("Jane Doe",), "string_pattern_mismatch")]:
        document = {"codes": codes_sent, "source": source}
        assert refused in refusals(hub.SubmissionRefused.Facts, document)


def test_a_withdrawal_needs_no_subject() -> None:
    """It concerns an event, whose subjects may be erased by then; it may still name them."""
    assert RecordWithdrawn.about_a_person
    assert RecordWithdrawn.takes_subjects(0)
    RecordWithdrawn.Facts(reason="wrong-key")


def test_a_link_is_between_two_records_at_least() -> None:
    """One pseudonym cannot be linked to nothing."""
    for name in ("identity-linked", "identity-unlinked"):
        assert not STANDARD.current(name).takes_subjects(1)
        assert STANDARD.current(name).takes_subjects(2)


def figure(**changes: object) -> dict[str, object]:
    """Give the facts of a reported figure."""
    return {
        "area": "311",
        "measure": "weapon-offences",
        "numerator": 146,
        "period_end": "2024-12-31",
        "period_start": "2024-01-01",
        "published_source": "police recorded crime, calendar year 2024",
    } | changes


def test_a_figure_is_a_count_or_says_that_it_is_hidden() -> None:
    """A hidden count is not a zero, and a shown one is not hidden."""
    assert FigureReported.Facts.model_validate(figure()).numerator == 146
    hidden = figure(numerator=None, suppressed=True)
    assert FigureReported.Facts.model_validate(hidden).numerator is None
    for contradiction in (figure(numerator=None), figure(suppressed=True)):
        assert refusals(FigureReported.Facts, contradiction) == ["value_error"]


def test_a_period_does_not_end_before_it_starts() -> None:
    """Figures, their explanations and warrants are for periods that exist."""
    backwards = {"period_end": "2023-12-31", "period_start": "2024-01-01"}
    explained = {
        "borough": "havering",
        "judgement": "recording",
        "measure": "factor-24a",
        "office": "director",
        "text": "Recording changed.",
    }
    warrant: dict[str, object] = {
        "auditor": "auditor",
        "by_office": "director",
        "by_participant": "havering",
        "expires": "2025-01-01T00:00:00Z",
        "ledger": "havering",
        "power": "internal-audit",
        "signed": {"decision": "A" * 16, "key": "A" * 43, "signature": "A" * 86},
    }
    assert refusals(FigureReported.Facts, figure(**backwards)) == ["value_error"]
    assert refusals(FigureExplained.Facts, explained | backwards) == ["value_error"]
    assert refusals(hub.WarrantGranted.Facts, warrant | backwards) == ["value_error"]


def test_a_gang_risk_is_reviewed_before_it_expires() -> None:
    """A risk that was named is for a time, and looked at again within it."""
    named = {"basis": "police-intelligence", "expires": "2024-06-30", "review_due": "2024-07-01"}
    assert refusals(GangRiskIdentified.Facts, named) == ["value_error"]
    GangRiskIdentified.Facts.model_validate(named | {"review_due": "2024-06-30"})


def test_a_school_gives_one_to_three_reasons() -> None:
    """An exclusion without a reason, or with four, is not one."""
    excluded = {"kind": "permanent", "start_date": "2024-03-04"}
    facts = SchoolExclusionRecorded.Facts
    assert refusals(facts, excluded | {"reasons": ()}) == ["too_short"]
    assert refusals(facts, excluded | {"reasons": ("BU", "OW", "PA", "PP")}) == ["too_long"]
    assert facts.model_validate(excluded | {"reasons": ("OW", "PP")}).reasons == ("OW", "PP")
