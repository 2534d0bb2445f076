"""A long ledger, made quickly: invented events go to the hub's own writer, as they come.

A borough's client and intake would take minutes over a million; what is recorded is sealed, keyed
and appended here as anywhere, with a stream and a child for every three events. Only a batch of it
is ever in memory.
"""

from __future__ import annotations

import datetime
import itertools
import secrets
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from adapters.assembly.borough import borough_source
from adapters.assembly.hub import open_hub
from adapters.demonstration.loads import Load
from adapters.demonstration.stage import AGREEMENT, PURPOSE, set_stage
from adapters.returns.published_figures import shipped_table
from adapters.settings import hub_home
from domain.canonical import JsonValue, canonical
from domain.record import Attestation
from domain.statement import FACTS_NUMBER, PartClass, commit, shared_number
from domain.values import to_text
from domain.vocabulary.assessment import AssessmentCompleted, AssessmentStarted
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import Kind
from services.batches import Batch
from services.identifiers import uuid7
from services.ports import Answered
from services.preparing import PreparedEvent, PreparedPart
from tests.benchmarks.stage import BOROUGH, NO_PORT, YEAR

A_COMMIT = 1_500
FIRST, DAYS = datetime.date(YEAR - 5, 4, 1), 5 * 365
FACTORS = ("1B", "3A", "3B", "4A", "13A", "16A", "24A")
BANDS = ("under-1", "1-4", "5-9", "10-15", "16-17")
Shaped = tuple[type[Kind], Mapping[str, JsonValue], Mapping[str, JsonValue]]
"""A kind of event, its facts, and what is shared of the child."""


def long_ledger(folder: Path, events: int) -> str:
    """Fill a borough's ledger in an empty folder with so many events; gives the passphrase."""
    stage = set_stage(folder, shipped_table(), (Load(YEAR),), NO_PORT)
    with open_hub(hub_home(), stage.passphrase, demo=True) as rooms:
        committer = rooms.committers[BOROUGH]
        told = itertools.islice(_events(), events)
        while batch := list(itertools.islice(told, A_COMMIT)):
            result = committer.commit(
                Batch(
                    submission=uuid7(_now_ms()),
                    source=borough_source(BOROUGH),
                    digests=tuple(event.digest for event in batch),
                    signature=b"",
                    events=tuple(enumerate(batch)),
                    answer=lambda _: b"",
                )
            )
            if not isinstance(result, Answered):
                raise SystemExit("the benchmark's long ledger was not recorded")
    return stage.passphrase


def _now_ms() -> int:
    return int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)


def _events() -> Iterator[PreparedEvent]:
    """Give referrals, assessments begun and assessments completed, three a child, for ever."""
    sequence = itertools.count(1)
    for number in itertools.count():
        child, stream = (to_text(secrets.token_bytes(32)) for _ in range(2))
        day = (FIRST + datetime.timedelta(days=number % DAYS)).isoformat()
        for shaped in _shapes(number, day):
            yield _prepared(shaped, (child, stream), day, next(sequence))


def _shapes(number: int, day: str) -> Iterator[Shaped]:
    child: dict[str, JsonValue] = {"age_band": BANDS[number % len(BANDS)], "sex": "female"}
    facts: dict[str, JsonValue] = {"referral_date": day}
    received = {**facts, "family_view_recorded": False, "source_code": "1A"}
    yield ReferralReceived, received, {**child, "primary_need": "N1"}
    yield AssessmentStarted, {**facts, "start_date": day}, child
    factors = sorted({FACTORS[number % len(FACTORS)], FACTORS[number // 7 % len(FACTORS)]})
    found: dict[str, JsonValue] = {"factors": factors, "in_need": "yes"}
    yield AssessmentCompleted, {**facts, "authorisation_date": day}, {**child, **found}


def _prepared(shaped: Shaped, names: tuple[str, str], day: str, sequence: int) -> PreparedEvent:
    kind, facts, shared = shaped
    child, stream = names
    event = uuid7(_now_ms())
    header = canonical(_header(kind, event, stream, f"{day}T09:00:00Z", sequence))
    person = canonical({"pseudonym": child, "role": "child", "shared": shared})
    salts = [secrets.token_bytes(32) for _ in range(3)]
    told = canonical(facts)
    parts = (
        PreparedPart(
            FACTS_NUMBER, PartClass.FACTS, "stream", stream, told, commit(salts[1], told), salts[1]
        ),
        PreparedPart(
            shared_number(0), PartClass.SHARED, "subject", child, person,
            commit(salts[2], person), salts[2],
        ),
    )  # fmt: skip
    return PreparedEvent(
        event_id=event,
        source=borough_source(BOROUGH),
        sequence=sequence,
        stream=stream,
        attestation=Attestation.PLAIN,
        header=header,
        header_salt=salts[0],
        header_commitment=commit(salts[0], header),
        parts=parts,
    )


def _header(
    kind: type[Kind], event: uuid.UUID, stream: str, time: str, sequence: int
) -> Mapping[str, JsonValue]:
    return {
        "agreement": AGREEMENT,
        "datacontenttype": "application/json",
        "dataschema": f"urn:bhr:schema:{kind.name}:v{kind.version}",
        "id": str(event),
        "precision": "day",
        "purpose": PURPOSE,
        "sequence": str(sequence),
        "source": borough_source(BOROUGH),
        "specversion": "1.0",
        "subject": stream,
        "time": time,
        "type": kind.type_name(),
    }
