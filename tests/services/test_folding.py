"""What is folded without any agreement is the hub's own alone."""

from __future__ import annotations

from domain.record import Attestation
from services.folded import LeftOut
from tests.projections.builders import ANOTHER_AGREEMENT, Borough, Told, folded


def test_what_says_that_it_is_the_hubs_own_and_is_not_needs_an_agreement() -> None:
    """An event in a borough's name that the operator calls the hub's is left out as any other."""
    borough = Borough("havering")
    told = Told(agreement=ANOTHER_AGREEMENT, attestation=Attestation.HUB)
    borough.assessed("noah", ["13A"], told)
    found = folded(borough).store.folded("havering")
    assert found.left_out == (LeftOut(ANOTHER_AGREEMENT, 1),)
