"""What becomes of a granted right when one is removed."""

from __future__ import annotations

from domain.vocabulary.offices import RightGranted, RightRemoved


def ended(
    removed: RightRemoved.Facts, event_id: str, granted: RightGranted.Facts
) -> RightGranted.Facts:
    """Give the right as it stands after a removal: to the day named, not beyond.

    A removal that names a granting ends that one; otherwise every right of its kind ends.
    """
    same = removed.granted in {None, event_id} and (
        removed.participant,
        removed.office,
        removed.right,
    ) == (
        granted.participant,
        granted.office,
        granted.right,
    )
    until = granted.effective_until
    if not same or (until is not None and until <= removed.effective_until):
        return granted
    return granted.model_copy(update={"effective_until": removed.effective_until})
