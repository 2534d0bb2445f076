"""A verification on one page, in plain English, for an inspector who is not technical."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill

from services.audit.verifying.ledgers import Verified
from services.audit.verifying.report import Report, StepReport

WIDTH = 78
_SAYS: Mapping[int, str] = {
    1: "every entry is exactly as it was when it was recorded",
    2: "the index over the entries belongs to these entries",
    3: "the newest seal of the hub is of these entries and no others",
    4: "the seals were made with the hub's own keys",
    5: "enough of the boroughs' witnesses saw the records and countersigned",
    6: "what each witness itself remembers is the same history",
    7: "every earlier seal is of the beginning of this same history",
    8: "no entry was dated back, as far as the witnesses' clocks show",
    9: "no event that a system numbered is missing without a word",
    10: "what the entries hold is what was sent, and what its sender signed",
    11: "nothing is missing but what was lawfully erased",
    12: "what was decided was signed by the bodies that decided it",
    13: "the figures that people read are those that these entries make",
    14: "what publishers were promised is what was recorded",
}


def certificate(
    report: Report, verified: Mapping[str, Verified], *, made: str, version: str
) -> str:
    """Give the page; `made` says when, `version` by which code."""
    lines = [
        "CERTIFICATE OF VERIFICATION",
        "BHR safeguarding hub",
        "",
        f"Made {made} by version {version}.",
        "",
        *_verdict(report),
        "",
        "What was looked at",
        *(f"  {_ledger(name, one)}" for name, one in sorted(verified.items())),
        "",
        "What was found",
        *(line for step in report.steps for line in _step(step)),
        "",
        *_limits(),
    ]
    return "\n".join(lines) + "\n"


def _verdict(report: Report) -> list[str]:
    if report.findings:
        said = (
            f"{len(report.findings)} thing(s) are NOT as they should be. Until they are explained, "
            "do not rely on the records named below."
        )
    elif report.whole:
        said = "Everything that can be checked was checked, and everything holds."
    else:
        said = (
            "Nothing was found to be wrong. Some steps could not be made, for want of keys, "
            "openings or witnesses; they are marked, and nothing is vouched for in them."
        )
    return fill(said, WIDTH).split("\n")


def _ledger(name: str, one: Verified) -> str:
    seen = f"witnesses saw the first {one.newest_quorum}" if one.newest_quorum else "unwitnessed"
    return f"{name}: {one.size} entries; {seen}"


def _step(step: StepReport) -> Iterator[str]:
    mark = {"ok": "holds", "found": "DOES NOT HOLD", "not-checked": "not checked"}[step.state]
    if step.state == "ok" and not step.looked_at:
        mark = "nothing there to check"
    yield from _wrapped(f"{step.number:>2}. {mark}: {_SAYS[step.number]}", "    ")
    for finding in step.findings[:10]:
        yield from _wrapped(f"    - {finding.place()}: {finding.code}", "      ")
    if len(step.findings) > 10:  # noqa: PLR2004 - as many as a page takes
        yield f"    - and {len(step.findings) - 10} more"
    for why in step.not_checked if step.state != "ok" else ():
        yield from _wrapped(f"    - not checked: {why}", "      ")


def _wrapped(text: str, indent: str) -> list[str]:
    return fill(text, WIDTH, subsequent_indent=indent).split("\n")


def _limits() -> list[str]:
    said = (
        "What this cannot show: that something was never sent to the hub; that what was sent was "
        "true; what recipients did with what they opened. A history is the same for everybody only "
        "as far as witnesses that are not the hub's have seen it."
    )
    return fill(said, WIDTH).split("\n")
