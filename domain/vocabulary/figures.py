"""Figures that come as counts, and what boroughs say about figures: about no person."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from domain.values import Day, ParticipantCode
from domain.vocabulary.codes import Slug
from domain.vocabulary.parts import Count, FactsPart, Kind, Text

AreaCode = Annotated[str, StringConstraints(pattern=r"^(?:[EWSNK][0-9]{8}|[0-9]{3})$")]
"""A GSS code, or a DfE authority code of three digits."""

Theme = Literal[
    "domestic-abuse",
    "exploitation",
    "knife-crime-and-gangs",
    "pre-birth-and-neglect",
    "thresholds",
]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class FigureReported(Kind, name="figure-reported", about_a_person=False):
    """A body reported a figure of its own: counts, not people."""

    cross_field_rules = (
        "data.facts.numerator is absent or null exactly when data.facts.suppressed is true",
        "data.facts.period_end is not before data.facts.period_start",
    )

    class Facts(FactsPart):
        agency: ParticipantCode | None = Field(default=None, description="the body whose it is")
        area: AreaCode = Field(description="the area that it counts")
        denominator: Count | None = Field(default=None, description="what it is a share of")
        denominator_source: Title | None = Field(
            default=None, description="where the denominator comes from, with its year"
        )
        measure: Slug = Field(description="which measure, by registered name")
        note: Text | None = Field(default=None, description="what a reader must know")
        numerator: Count | None = Field(default=None, description="the count")
        period_end: Day = Field(description="the last day counted")
        period_start: Day = Field(description="the first day counted")
        published_source: Title = Field(description="the sheet or publication it is from")
        status: Literal["final", "provisional", "revised"] | None = Field(
            default=None, description="how settled it is"
        )
        suppressed: bool = Field(default=False, description="the source hides the count")

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.suppressed == (self.numerator is not None):
                raise ValueError("a count, or suppressed")
            if self.period_end < self.period_start:
                raise ValueError("a period ends after it starts")
            return self


class FigureExplained(Kind, name="figure-explained", about_a_person=False):
    """A borough says whether a change in a figure is real: nobody else can."""

    cross_field_rules = ("data.facts.period_end is not before data.facts.period_start",)

    class Facts(FactsPart):
        borough: ParticipantCode = Field(description="the borough whose figure it is")
        judgement: Literal["real", "recording", "both"] = Field(
            description="the change is real, one of recording, or both"
        )
        measure: Slug = Field(description="which measure, by registered name")
        office: Slug = Field(description="the office that says so")
        period_end: Day = Field(description="the last day of the period explained")
        period_start: Day = Field(description="the first day of the period explained")
        text: Text = Field(description="the explanation; it names no child")
        theme: Theme | None = Field(default=None, description="the theme it is printed under")

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.period_end < self.period_start:
                raise ValueError("a period ends after it starts")
            return self
