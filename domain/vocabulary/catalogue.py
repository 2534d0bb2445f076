"""The closed catalogue: every kind of event there is, named one by one.

A type that is not here does not exist for the hub. Nothing is discovered: a name and a version are
a promise to everybody who publishes or replays, and are never taken from a class path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from domain.errors import NotFound
from domain.vocabulary import (
    across_borders,
    assessment,
    child_in_need,
    child_protection,
    data_quality,
    exploitation,
    figures,
    front_door,
    hub,
    missing_and_care,
    police_health_school,
    pre_birth,
)
from domain.vocabulary.parts import FactsPart, Kind, SharedPart
from domain.vocabulary.upcasting import Upcast

EVENT_TYPE: Final = "event type"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds in all their versions, and the steps that lift older versions to the current ones.

    Raises ValueError when two kinds have one name and version, when a version is left out, or when
    there is not exactly one step from every older version.
    """

    kinds: tuple[type[Kind], ...]
    upcasts: tuple[Upcast, ...] = ()
    _by_type: Mapping[str, type[Kind]] = field(init=False, repr=False, compare=False)
    _current: Mapping[str, type[Kind]] = field(init=False, repr=False, compare=False)
    _steps: Mapping[tuple[str, int], Upcast] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index kinds and steps, and refuse a catalogue with gaps."""
        by_type = {kind.type_name(): kind for kind in self.kinds}
        current: dict[str, type[Kind]] = {}
        for kind in sorted(self.kinds, key=lambda one: (one.name, one.version)):
            current[kind.name] = kind
        steps = {(step.name, step.from_version): step for step in self.upcasts}
        if len(by_type) != len(self.kinds) or len(steps) != len(self.upcasts):
            raise ValueError("a kind or a step stands in the catalogue twice")
        known = {(kind.name, kind.version) for kind in self.kinds}
        if known != {(n, v) for n, kind in current.items() for v in range(1, kind.version + 1)}:
            raise ValueError("the versions of a kind count from 1 and leave none out")
        if set(steps) != known - {(kind.name, kind.version) for kind in current.values()}:
            raise ValueError("one step leads from every version but the current one")
        object.__setattr__(self, "_by_type", MappingProxyType(by_type))
        object.__setattr__(self, "_current", MappingProxyType(current))
        object.__setattr__(self, "_steps", MappingProxyType(steps))

    def kind(self, type_name: str) -> type[Kind]:
        """Give the kind of a CloudEvents type, version included; raises NotFound."""
        try:
            return self._by_type[type_name]
        except KeyError:
            raise NotFound(EVENT_TYPE) from None

    def current(self, name: str) -> type[Kind]:
        """Give the current version of a kind by its name; raises NotFound."""
        try:
            return self._current[name]
        except KeyError:
            raise NotFound(EVENT_TYPE) from None

    def names(self) -> tuple[str, ...]:
        """Give the names of all kinds, sorted."""
        return tuple(self._current)

    def upcast_facts(self, kind: type[Kind], facts: FactsPart) -> FactsPart:
        """Lift a facts part of `kind` to the current version."""
        for version in range(kind.version, self.current(kind.name).version):
            facts = self._steps[kind.name, version].facts(facts)
        return facts

    def upcast_shared(self, kind: type[Kind], shared: SharedPart) -> SharedPart:
        """Lift a shared part of `kind` to the current version."""
        for version in range(kind.version, self.current(kind.name).version):
            shared = self._steps[kind.name, version].shared(shared)
        return shared


STANDARD: Final = Catalogue(
    kinds=(
        # front door
        front_door.ContactReceived,
        front_door.MashCheckRequested,
        front_door.MashCheckReturned,
        front_door.ReferralReceived,
        front_door.ReferralClosed,
        front_door.ThresholdRatingSet,
        front_door.CaseStepped,
        front_door.ThresholdDocumentAgreed,
        # assessment
        assessment.EarlyHelpAssessmentStarted,
        assessment.EarlyHelpAssessmentCompleted,
        assessment.AssessmentStarted,
        assessment.AssessmentCompleted,
        # child protection
        child_protection.StrategyDiscussionHeld,
        child_protection.Section47Started,
        child_protection.IcpcHeld,
        child_protection.IcpcNotRequired,
        child_protection.ProtectionPlanStarted,
        child_protection.ProtectionPlanCategoryChanged,
        child_protection.ProtectionPlanReviewed,
        child_protection.ProtectionPlanEnded,
        # child in need, closure
        child_in_need.CinPlanStarted,
        child_in_need.CinPlanEnded,
        child_in_need.CaseClosed,
        child_in_need.ChildDied,
        # pre-birth
        pre_birth.UnbornReferralReceived,
        pre_birth.PreBirthAssessmentCompleted,
        pre_birth.ChildBorn,
        # missing, care
        missing_and_care.MissingEpisodeStarted,
        missing_and_care.MissingEpisodeEnded,
        missing_and_care.ReturnInterviewOffered,
        missing_and_care.ReturnInterviewHeld,
        missing_and_care.ReturnInterviewDeclined,
        missing_and_care.CarePeriodStarted,
        missing_and_care.CarePeriodEnded,
        missing_and_care.LegalStatusChanged,
        missing_and_care.PlacementStarted,
        missing_and_care.PlacementMoved,
        # police, health, school
        police_health_school.WeaponIncidentRecorded,
        police_health_school.DomesticAbuseNotified,
        police_health_school.EncompassNotified,
        police_health_school.MaracCaseHeard,
        police_health_school.SchoolExclusionRecorded,
        police_health_school.YouthJusticeOutcomeRecorded,
        police_health_school.EmergencyAttendanceRecorded,
        police_health_school.GangRiskIdentified,
        # exploitation
        exploitation.MaceReferralMade,
        exploitation.MaceMeetingHeld,
        exploitation.MaceRiskRated,
        exploitation.MaceCaseClosed,
        exploitation.NrmReferralMade,
        exploitation.LocationConcernRaised,
        exploitation.LocationConcernReviewed,
        exploitation.LocationConcernClosed,
        # across borders
        across_borders.CrossBorderMoveNotified,
        across_borders.InformationRequestMade,
        across_borders.InformationRequestAnswered,
        across_borders.InformationRequestDeclined,
        across_borders.ShareAcknowledged,
        # counts, not people
        figures.FigureReported,
        figures.FigureExplained,
        # data quality
        data_quality.IdentityLinked,
        data_quality.IdentityUnlinked,
        data_quality.RecordWithdrawn,
        data_quality.SharingWithheld,
        data_quality.RestrictionPlaced,
        data_quality.RestrictionLifted,
        data_quality.ObjectionRecorded,
        data_quality.PartDisputed,
        # the hub's own
        hub.AgreementSigned,
        hub.AgreementSuspended,
        hub.ViewRead,
        hub.PartFetched,
        hub.EntriesFetched,
        hub.WarrantGranted,
        hub.SubmissionRefused,
        hub.StreamParked,
        hub.StreamRedriven,
        hub.ReleasePublished,
        hub.ErasureRequested,
        hub.ErasureApproved,
        hub.ErasureNotified,
        hub.ErasureConfirmed,
        hub.LegalHoldSet,
        hub.LegalHoldLifted,
        hub.SealingSessionOpened,
        hub.KeyCreated,
        hub.KeyRotated,
        hub.KeyDestroyed,
        hub.AuditOpened,
        hub.Canary,
        hub.IncidentRecorded,
        hub.RetentionReviewed,
        hub.ReferenceDataRegistered,
        hub.RightGranted,
        hub.RightRemoved,
        hub.OfficeAppointed,
        hub.OfficeEnded,
    )
)
"""What this hub takes. A fold reads by these names; adding a kind is adding one line here."""
