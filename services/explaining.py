"""A borough explains a figure of its own: nobody else can say whether a change is real.

What its office gave to the hub is the hub's own event, and so the hub takes it back when an office
of that borough asks. What a system of the borough sent is taken back by that system alone.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import NotAuthorised, NotFound
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureExplained
from projections.explanations import EXPLANATIONS, Explanation
from services.hub_events import HubEvents
from services.reading import Reading, ReadingDesk
from services.registry import Registry
from services.theming.counting import CountedViews


class Explaining:
    """Takes explanations and records them in the ledger of the borough whose figure it is."""

    def __init__(
        self,
        registry: Registry,
        desk: ReadingDesk,
        hub_events: HubEvents,
        views: Callable[[], CountedViews],
    ) -> None:
        """Let those explain a figure who may read it; what stands is found in the views."""
        self._registry = registry
        self._desk = desk
        self._hub_events = hub_events
        self._views = views

    def ledger_of(self, participant: str) -> str:
        """Give a borough's own ledger; raises NotAuthorised for who is no borough."""
        boroughs = self._registry.participants().boroughs(self._registry.today())
        for one in boroughs:
            if one.code == participant and one.ledger:
                return one.ledger
        raise NotAuthorised("not-a-borough")

    def explain(self, reading: Reading, said: FigureExplained.Facts) -> None:
        """Record what a borough's office says of its figure; durable when this returns.

        Raises NotAuthorised for another's figure, and as for reading it; NotFound for a measure
        that the theme does not have; Unavailable.
        """
        if said.theme is None:
            raise NotFound("theme")
        self._desk.allow(reading, said.theme)
        caller = reading.caller
        if (said.borough, said.office) != (caller.participant, caller.office):
            raise NotAuthorised("not-your-figure")
        ledger = self.ledger_of(caller.participant)
        theme = self._registry.mapping()[0].theme(said.theme)
        if theme is None or said.measure not in {one.code for one in theme.measures}:
            raise NotFound("measure")
        self._hub_events.append(ledger, self._hub_events.made(FigureExplained, said))

    def given(self, reading: Reading, theme: str, event: str) -> Explanation:
        """Give what an office of the reader's borough gave to the hub, and that stands.

        Raises NotAuthorised as for reading the theme, and for who is no borough; NotFound for what
        does not stand in the views, is printed elsewhere, is another's, or was sent by a system.
        """
        self._desk.allow(reading, theme)
        borough = reading.caller.participant
        wanted = (event, borough, theme, "hub")
        for row in self._views().told(EXPLANATIONS.name, (self.ledger_of(borough),)):
            one = Explanation.model_validate_json(row.body)
            if (one.event, one.borough, one.theme, one.through) == wanted:
                return one
        raise NotFound("explanation")

    def take_back(self, reading: Reading, theme: str, event: str) -> None:
        """Have an explanation stand no longer; durable when this returns. Raises as `given` does.

        What was said stays in the ledger, and in every answer as of a day before.
        """
        standing = self.given(reading, theme, event)
        facts = {"office": reading.caller.office, "reason": "should-never-have-been-sent"}
        said = RecordWithdrawn.Facts.model_validate(facts)
        taking = self._hub_events.made(RecordWithdrawn, said, supersedes=standing.event)
        self._hub_events.append(self.ledger_of(reading.caller.participant), taking)
