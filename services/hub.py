"""Everything a door of the hub is handed, in one frozen bundle."""

from __future__ import annotations

from dataclasses import dataclass

from services.accesses import Accesses
from services.answering import Answering
from services.confirming import Confirming
from services.cross_borough import CrossBorough
from services.erasing.answers import ErasureAnswers
from services.explaining import Explaining
from services.fetching import Fetching
from services.history import History
from services.indicators import Indicators
from services.loads import Loads
from services.log_reading import LogReading
from services.notices import Notices
from services.plain import PlainPublishing
from services.ports import Identity
from services.publishing import Publishing
from services.querying import Querying
from services.queued_answers import QueuedAnswers
from services.receipts import Receipts
from services.recording_decisions import RecordingDecisions
from services.registry import Registry
from services.releases.reading import ReleaseReading
from services.source_numbers import SourceNumbers
from services.strategy_discussions import StrategyDiscussions
from services.taking import Taking
from services.tidy import Tidy


@dataclass(frozen=True, slots=True)
class OtherViews:
    """The views beside the themes."""

    accesses: Accesses
    cross_borough: CrossBorough
    history: History
    indicators: Indicators
    loads: Loads
    strategy_discussions: StrategyDiscussions

    @classmethod
    def of(cls, answering: Answering) -> OtherViews:
        """Make them all over one desk."""
        return cls(
            accesses=Accesses(answering),
            cross_borough=CrossBorough(answering),
            history=History(answering),
            indicators=Indicators(answering),
            loads=Loads(answering),
            strategy_discussions=StrategyDiscussions(answering),
        )


@dataclass(frozen=True, slots=True)
class Hub:
    """The services of one running hub."""

    identity: Identity
    decisions: RecordingDecisions
    erasures: ErasureAnswers
    publishing: Publishing
    queued: QueuedAnswers
    plain: PlainPublishing
    querying: Querying
    explaining: Explaining
    fetching: Fetching
    notices: Notices
    numbers: SourceNumbers
    confirming: Confirming
    registry: Registry
    releases: ReleaseReading
    taking: Taking
    logs: LogReading
    receipts: Receipts
    others: OtherViews

    @property
    def tidy(self) -> Tidy:
        """Everything that a reader may read, for one long table."""
        return Tidy(
            self.querying,
            self.others.indicators,
            self.others.strategy_discussions,
            self.others.cross_borough,
            self.registry,
        )
