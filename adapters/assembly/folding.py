"""How a ledger is folded: live, rebuilt and replayed alike."""

from __future__ import annotations

from collections.abc import Mapping

from domain.envelope import Header
from projections.catalogue import PROJECTIONS
from projections.projection import THEMES_PURPOSE
from services.folded import view_versions
from services.folding import FoldingRules
from services.opening import Opens
from services.registry import Registry

VERSIONS = view_versions([(one.name, one.version) for one in PROJECTIONS.all()])
"""What the views are versions of: others are rebuilt, never read."""


def folding_rules(openings: Mapping[str, Opens], registry: Registry) -> FoldingRules:
    """Give how every ledger is folded: live, rebuilt and replayed alike."""
    known: dict[tuple[str, str], bool] = {}

    def takes(header: Header) -> bool:
        asked = (header.agreement, header.type)
        if asked not in known:
            agreement = registry.agreement_text(header.agreement)
            if agreement is None:
                # It was registered before anything could be recorded under it: read on to it.
                registry.refresh()
                agreement = registry.agreement_text(header.agreement)
            if agreement is None:
                return False
            # What an agreement of this name and version says does not change.
            known[asked] = agreement.covers_purpose(header.kind_name(), THEMES_PURPOSE)
        return known[asked]

    return FoldingRules(
        open_entries=lambda ledger, entries: openings[ledger].events(entries),
        projections=PROJECTIONS,
        takes=takes,
    )
