"""A view as a page of it, or as the file of its figures: one way for every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import Request
from fastapi.responses import Response

from adapters.http.tables import csv_of
from adapters.pages.answers import told
from adapters.pages.files import Manner, attached
from adapters.pages.front import Front
from domain.canonical import JsonValue
from domain.values import Strict
from services.reading import Reading

A = TypeVar("A", bound=Strict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed(Generic[A]):
    """What one page shows of one view.

    `named` is what its file is called by, word by word; `page` names the template, by default that
    of the view.
    """

    view: str
    ask: Callable[[Reading], dict[str, JsonValue]]
    told_as: type[A]
    shown: Callable[[A], Mapping[str, object]]
    named: tuple[str, ...] = ()
    page: str = ""
    table: Callable[[dict[str, JsonValue]], bytes] = csv_of

    def answer(self, front: Front, request: Request, asked: Manner) -> Response:
        """Read in the name of who is signed in, and answer as the page or as its file.

        The read is recorded by whom is asked, before this has anything to show.
        """
        session = front.session(request)
        document = front.asked(session, self.view, self.ask, asked.format)
        if asked.format:
            return attached(self.table(document), "-".join(self.named or (self.view,)))
        shown = self.shown(told(self.told_as, document))
        return front.page(self.page or self.view, session, shown=shown)
