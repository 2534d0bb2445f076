"""Parts that several kinds share: who a person is in words, and which episode a fact belongs to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.values import Bytes32, Day, Pseudonym
from domain.vocabulary.codes import Agency, LateReason, Moment, Slug
from domain.vocabulary.parts import CaseFacts, RestrictedPart, Text

NhsNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""One line of text: a name, an address, a school."""


class DescribedPerson(RestrictedPart):
    """Who a person is and what was said of them, in words; only recipients ever read it."""

    address: Line | None = Field(default=None, description="where the person lives or is placed")
    name: Line | None = Field(default=None, description="the person's name as recorded")
    narrative: Text | None = Field(default=None, description="what happened or is asked, in words")
    nhs_number: NhsNumber | None = Field(default=None, description="ten digits, no spaces")
    postcode: Line | None = Field(default=None, description="of the address")


class PersonAtAnAddress(DescribedPerson):
    """A person in an incident at an address that may come up again."""

    address_token: Bytes32 | None = Field(
        default=None, description="keyed token of the address: repeats at one address"
    )


class EpisodeFacts(CaseFacts):
    """Facts of something inside an episode, that is a referral and what followed from it."""

    episode: Pseudonym | None = Field(
        default=None, description="the episode: episodes are counted apart from assessments"
    )
    referral_date: Day | None = Field(default=None, description="when the episode's referral came")


class TimedFacts(EpisodeFacts):
    """Facts of something that has to be held by a day: when, by which rule, and why late."""

    due: Moment | None = Field(default=None, description="when it had to be held at the latest")
    due_rule: Slug | None = Field(default=None, description="the rule that `due` came from")
    held: Moment = Field(description="when it was held")
    late_agency: Agency | None = Field(default=None, description="the agency it waited for")
    late_reason: LateReason | None = Field(default=None, description="why it was late")
    requested: Moment | None = Field(default=None, description="when the clock started")
