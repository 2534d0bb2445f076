"""The certificate of an erasure: one page in plain English, for who is no technician."""

from __future__ import annotations

import textwrap

from domain.erasure import KEY_BACKUP_DAYS
from domain.errors import NotAuthorised
from domain.queued import KEPT_DAYS, LETTERS_KEPT_DAYS
from domain.values import london_day
from services.acknowledging import instant
from services.erasing.requests import Progress

WIDTH = 88
GROUNDS = {
    "court-order": "a court ordered it",
    "mis-sent": "it should never have been sent",
    "objection": "an objection was upheld",
    "retention-ended": "the time for which it was to be kept has ended",
}

DESTROYED = (
    "those of {persons}, and those of every case that tells of nobody else. What was encrypted "
    "with them cannot be read by anybody any more, the hub and its operator included. The keys are "
    "in no file of the hub's key store, nor of its mirror."
)
SIGNED = (
    "each with a signature of its own that the hub cannot make. No legal hold stood against it."
)
BACKUPS = (
    f"Until then a backup of the key store of before may still hold them; it is kept for "
    f"{KEY_BACKUP_DAYS} days, and is restored only together with the list of destroyed keys, which "
    "destroys them again. Where what was sent came by message topics, it lies there, sealed, for "
    f"{KEPT_DAYS + 1} days at most after it was sent, and for {LETTERS_KEPT_DAYS + 1} where it "
    "could not be taken in, which is less. Backups of the hub's ledgers hold no such keys."
)
OUTSIDE = (
    "OUTSIDE OF THIS ERASURE are the record of the system that the information came from, what "
    "recipients have opened and kept in records of their own, what an auditor was handed under a "
    "warrant before that day, and figures that were published before."
)
STAYS = (
    "WHAT STAYS for ever: that this source recorded an event of this kind on this day in this "
    "case, without a name and without what it said; the request, the approvals, and this "
    "destruction. Nothing is removed in secret: the ledger's proofs hold as before."
)


def certificate(progress: Progress) -> str:
    """Give the page; raises NotAuthorised unless the keys are gone."""
    if progress.destroyed is None or progress.lapses is None:
        raise NotAuthorised(f"erasure-{progress.state}")
    request = progress.request
    many = len(request.subjects)
    persons = "1 person" if many == 1 else f"{many} pseudonyms"
    asked = f"{request.facts.by_office} of {request.facts.by_participant}"
    approved = _listed([f"{one.office} of {one.body}" for one in progress.approvals])
    destroyed = (
        f"On {_day(progress.destroyed)} the hub destroyed {progress.keys} encryption key(s) in the "
        f"ledger of {request.ledger}: {DESTROYED.format(persons=persons)}"
    )
    decided = (
        f"Asked for by {asked}, because {GROUNDS[request.facts.ground]}; nothing was to be "
        f"destroyed before {_day(instant(request.not_before_ms))}. Approved by {approved}, {SIGNED}"
    )
    lapsing = f"THE LAST COPY OF THE KEYS LAPSES ON {_day(progress.lapses)}. {BACKUPS}"
    paragraphs = [destroyed, decided, lapsing, _recipients(progress), OUTSIDE, STAYS]
    head = [
        "CERTIFICATE OF ERASURE",
        "",
        f"Request    {request.event}",
        f"Statement  {request.statement}",
        *(f"Approval   {one.decision}  {one.body}" for one in progress.approvals),
    ]
    pages = ["\n".join(head), *(textwrap.fill(one, WIDTH) for one in paragraphs)]
    return "\n\n".join(pages) + "\n"


def _recipients(progress: Progress) -> str:
    if not progress.copies:
        return "No other body had fetched anything about them."
    told = [
        f"{one.participant} had fetched {one.fetched} part(s) and has said of {one.confirmed} what "
        "became of its copy"
        for one in progress.copies
    ]
    return f"Told of it were other bodies that hold copies: {'; '.join(told)}."


def _listed(texts: list[str]) -> str:
    """List texts in words, of which there are two at least."""
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _day(text: str) -> str:
    day = london_day(text) if "T" in text else london_day(f"{text}T12:00:00Z")
    return f"{day.day} {day:%B %Y}"
