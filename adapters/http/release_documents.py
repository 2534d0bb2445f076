"""What is answered from releases, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Literal

from adapters.http.documents import Count
from domain.reference.releases import Loss, Month
from domain.values import Bytes32, Strict
from domain.vocabulary.codes import Slug


class ReleaseSummary(Strict):
    """One release, and what it does not show."""

    digest: Bytes32
    hidden: Count
    hidden_of_100: str
    loss: Loss
    name: Month
    shown: Count
    tables: tuple[Slug, ...]


class ReleasesAnswer(Strict):
    """Every release, the newest first."""

    releases: tuple[ReleaseSummary, ...]
    right: Literal["live", "released"]
