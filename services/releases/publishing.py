"""Publishing a release: count, hide, attack what was written, and only then append it.

What is attacked is the document itself, read back from its bytes, together with every release
before it. A release is appended whole, with the event that says so, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.errors import AlreadyDifferent, HomeNotReady, NotFound, NotProtected
from domain.reference.documents import document_digest, read_as
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participant
from domain.reference.reference_figures import ReferenceFigures
from domain.reference.release_tables import ReleaseTables
from domain.reference.releases import Release
from domain.values import to_text
from domain.vocabulary import hub
from projections.feed_health import FEED_HEALTH
from services.erasures import in_views
from services.feeds import feed_rows
from services.registering import Registering
from services.registry import Registry
from services.releases.counts import Counts, Published
from services.releases.drafting import Circumstances, Drafting, read_back
from services.releases.figures import Issued
from services.releases.hiding import exposed, hide
from services.releases.plan import Plan
from services.releases.solver import Solver
from services.theming.explanations import explanations
from services.views import ViewReader


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release as it stands: the document, and its exact bytes."""

    release: Release
    raw: bytes


class Releasing:
    """Makes releases of the views as they stand."""

    def __init__(
        self,
        views: Callable[[], ViewReader],
        registering: Registering,
        solver: Solver,
        versions: str,
    ) -> None:
        """Count in the store that `views` gives; `versions` names the projections in it."""
        self._views = views
        self._registering = registering
        self._registry = registering.registry
        self._solver = solver
        self._versions = versions

    def publish(self, month: str | None = None) -> PublishedRelease:
        """Publish the release of a month, this one unless another is named.

        Raises AlreadyDifferent where that month has one, NotFound for a month to come, and
        NotProtected where the attack on it succeeds: then nothing is appended.
        """
        this = self._registry.today()[:7]
        month = month or this
        if month > this:
            raise NotFound("month that has begun")
        before = releases(self._registry)
        if any(one.month >= month for one in before):
            raise AlreadyDifferent("release")
        release = self._made(self._plan(month), before)
        raw = release.canonical()
        self._registering.publish(release, raw, _event(release, raw))
        return PublishedRelease(release, raw)

    def _plan(self, month: str) -> Plan:
        found = self._registry.in_force(ReleaseTables)
        if not found:
            raise HomeNotReady("no tables for releases are registered: run `bhr register` first")
        return Plan(found[0][0], self._registry.mapping()[0], month)

    def _made(self, plan: Plan, before: list[Release]) -> Release:
        store, boroughs = self._views(), self._boroughs()
        counts = Counts(store, boroughs, self._published())
        folded = [store.folded(one.ledger, FEED_HEALTH.name) for one in boroughs if one.ledger]
        positions = {one.ledger: one.position for one in folded}
        issued = [self._issued(one, counts) for one in before]
        figures = counts.figures(plan, positions, before=_of_others(plan, issued))
        earlier = [one for _, one in issued]
        hidden = hide(figures, earlier, self._solver)
        drafting = Drafting(plan, boroughs, figures, hidden)
        release = drafting.release(
            Circumstances(
                explained=explanations(store, boroughs, positions),
                feeds=feed_rows(folded),
                positions=positions,
                rule_packs=tuple(one.reference() for one in self._registry.rule_packs()),
                views_version=self._versions,
            )
        )
        self._attack(release, plan, drafting, earlier)
        return release

    def _attack(
        self, release: Release, plan: Plan, drafting: Drafting, earlier: list[Issued]
    ) -> None:
        """Attack what the bytes say, not what was meant."""
        shown, hidden = read_back(read_as(Release, release.canonical()), plan)
        figures = drafting.figures
        true = all(figures.values[place] == value for place, value in shown.items())
        whole = shown.keys() | hidden == figures.released
        if not (true and whole and hidden == drafting.hidden.every()):
            raise NotProtected
        if exposed(figures, drafting.hidden, earlier, self._solver):
            raise NotProtected

    def _issued(self, release: Release, counts: Counts) -> tuple[Plan, Issued]:
        """Give an earlier release with its figures: counted again where it does not show them."""
        plan = Plan(
            self._registry.version_of(ReleaseTables, release.registered_tables),
            self._registry.version_of(FactorMapping, release.mapping),
            release.month,
        )
        shown, hidden = read_back(release, plan)
        positions = {one.ledger: one.position for one in release.positions}
        figures = counts.figures(plan, positions, shown.keys() | hidden)
        erased = bool(in_views(self._views(), positions))
        known = replace(figures, values={**figures.values, **shown})
        return plan, Issued(known, hidden, erased=erased)

    def _boroughs(self) -> tuple[Participant, ...]:
        boroughs = self._registry.participants().boroughs(self._registry.today())
        return tuple(one for one in boroughs if one.ledger)

    def _published(self) -> Published:
        tables = self._registry.in_force(ReferenceFigures)
        return Published({table.name: table for table, _ in tables})


def _of_others(plan: Plan, issued: list[tuple[Plan, Issued]]) -> list[tuple[Plan, Issued]]:
    """Give those of other tables or another mapping: what they count may be in this plan no more.

    Of the same ones everything is counted here anyway.
    """
    return [
        (one, each)
        for one, each in issued
        if (one.tables, one.mapping) != (plan.tables, plan.mapping)
    ]


def releases(registry: Registry) -> list[Release]:
    """Give every release, the oldest first."""
    found = [
        one.document
        for versions in registry.documents().values()
        for one in versions
        if isinstance(one.document, Release)
    ]
    return sorted(found, key=lambda one: one.month)


def _event(release: Release, raw: bytes) -> hub.ReleasePublished.Facts:
    return hub.ReleasePublished.Facts(
        cells_hidden=release.loss.hidden(),
        cells_shown=release.loss.shown,
        digest=to_text(document_digest(raw)),
        policy=release.policy,
        positions=tuple(
            hub.LedgerPosition(ledger=one.ledger, position=one.position)
            for one in release.positions
        ),
        release=release.name,
        tables=tuple(sorted(table.code for table in release.tables)),
    )
