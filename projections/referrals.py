"""Referrals to children's social care, unborn children's included.

- `referral`; `referral:decided` where it is said whether anything follows, `referral:nfa` where
  nothing does (a later `referral-closed` may say so: both speak of one episode)
- `referral:again-asked` where the source counts the 12 months before, and
  `referral:again-within-12-months` where it found one
- `unborn-referral`
- `referral:family-view-asked` and `referral:family-view-recorded`
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.front_door import ReferralClosed, ReferralReceived
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.pre_birth import UnbornReferralReceived
from projections.people import children, episode_of, family_view
from projections.projection import Contribution, Counting

NOTHING_FOLLOWS = "no-further-action"
_KINDS = (ReferralReceived, UnbornReferralReceived, ReferralClosed)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a referral, or of the decision on one, for each child."""
    facts = event.facts
    if isinstance(facts, ReferralClosed.Facts):
        cells = _decided(facts.outcome == NOTHING_FOLLOWS)
    elif isinstance(facts, ReferralReceived.Facts | UnbornReferralReceived.Facts):
        cells = ["referral", *_decided(facts.no_further_action), *family_view("referral", facts)]
        cells += ["unborn-referral"] if isinstance(facts, UnbornReferralReceived.Facts) else []
    else:
        return
    episode = episode_of(event, facts)
    for child, shared in children(event, SharedPart):
        for cell in (*cells, *_again(shared)):
            yield Contribution(cell, child, episode)


def _decided(nothing_follows: bool | None) -> list[str]:  # noqa: FBT001 - a fact, not a switch
    if nothing_follows is None:
        return []
    return ["referral:decided", "referral:nfa"] if nothing_follows else ["referral:decided"]


def _again(shared: SharedPart) -> list[str]:
    if not isinstance(shared, ReferralReceived.Shared) or shared.referrals_in_12_months is None:
        return []
    again = ["referral:again-within-12-months"] if shared.referrals_in_12_months else []
    return ["referral:again-asked", *again]


REFERRALS = Counting("referrals", 1, frozenset(kind.name for kind in _KINDS), contribute)
