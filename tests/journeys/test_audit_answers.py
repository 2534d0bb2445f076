"""Stored answers of every view are given again, whatever was corrected, withdrawn or came late."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from adapters.answer_file import stored_answers
from adapters.assembly.answering_again import Answer, given_again
from adapters.assembly.audit import Opener, open_audit
from adapters.settings import HubHome
from services.audit.differing import Differing
from tests.journeys.kept_answers import THEME, Kept, kept_on, named
from tests.journeys.machines import Ended, Machine
from tests.journeys.stage import AUTHORITIES
from tests.journeys.warrants import granted, make


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Give answers that were stored while a history went on."""
    kept = kept_on(tmp_path_factory.mktemp("answers") / "stage")
    yield kept
    kept.running.kill()


def replayed(files: Sequence[Path], opener: Opener) -> dict[str, list[Differing]]:
    """Give for each stored file in what it differs from what is given again."""
    stored = {path.name: stored_answers(path) for path in files}
    asked = [(name, one) for name, found in stored.items() for one in found.answers]
    again: dict[str, list[Answer]] = {name: [] for name in stored}
    with open_audit(opener) as room:
        given = given_again(room, [one for _, one in asked], lambda *_: None)
        for (name, _), one in zip(asked, given, strict=True):
            assert one.refused is None, name
            again[name].append(one.answer)
    return {name: found.differing(again[name]) for name, found in stored.items()}


def differing(found: Mapping[str, list[Differing]]) -> dict[str, list[Differing]]:
    """Leave out the files that are equal."""
    return {name: some for name, some in found.items() if some}


def by_keys(kept: Kept) -> Opener:
    """Open the hub's home as its operator does."""
    return Opener(kept.stage.hub_home, kept.stage.hub.passphrase)


def audit(kept: Kept, *words: object) -> Ended:
    """Run an audit's command where the hub is."""
    return kept.stage.hub.run("audit", *words)


@pytest.mark.parametrize("when", ["first", "corrected", "withdrawn"])
def test_every_stored_answer_is_given_again(kept: Kept, when: str) -> None:
    """As of what it was made from, every answer comes again, to the last value of the document."""
    files = [path for name, path in kept.files.items() if name.startswith(when)]
    assert len(files) > 25
    assert differing(replayed(files, by_keys(kept))) == {}


def test_it_is_no_matter_of_course(kept: Kept) -> None:
    """The history moved what the same questions are answered with."""
    for path, query in (("factors", {}), (f"themes/{THEME}", {"period": "month"}), ("loads", {})):
        first, last = (kept.rows(when, path, **query) for when in ("first", "withdrawn"))
        assert first
        assert first != last, path
    cut = kept.rows("first", "themes/exploitation", cut="age-band", year="2023")
    assert {"1-4", "5-9"} <= {str(row["value"]) for row in cut}
    held = kept.rows("first", "strategy-discussions", period="month")
    assert {"held", "late", "late-agency"} <= {str(row["measure"]) for row in held}


@pytest.mark.parametrize("name", [f"themes-{THEME} month.json", "tidy.csv"])
def test_the_command_says_that_it_is_equal(kept: Kept, name: str) -> None:
    """One command with the stored file says so with status 0, and that the live views agree."""
    ended = audit(kept, "replay", "--answer", kept.files[f"corrected {name}"])
    assert ended.status == 0, ended.said()
    assert "all of it is equal" in ended.out
    assert re.search(r"[1-9][0-9]+ figures compared, all agree", ended.out), ended.out


def test_what_differs_is_named(kept: Kept, tmp_path: Path) -> None:
    """A figure that was changed in the stored answer is found by its place, with both values."""
    name = named("corrected", f"themes/{THEME}", {"period": "year-to-march"}, "json")
    answer = json.loads(kept.files[name].read_bytes())
    row = next(row for row in answer["rows"] if row["numerator"])
    row["numerator"] += 1000
    ended = replay(kept, tmp_path, answer)
    assert ended.status == 1, ended.said()
    (found,) = json.loads(ended.out)["differing"]
    assert found["answered"] == found["again"] + 1000
    assert found["place"].endswith("/numerator")
    assert row["measure"] in found["place"]


def test_a_table_with_another_figure_is_found(kept: Kept, tmp_path: Path) -> None:
    """The same of a table, in whichever cell."""
    name = named("first", f"themes/{THEME}", {"period": "month"}, "csv")
    table = kept.files[name].read_bytes()
    changed = tmp_path / "changed.csv"
    changed.write_bytes(table.replace(b",havering,", b",redbridge,", 1))
    ended = audit(kept, "replay", "--answer", changed)
    assert ended.status == 1, ended.said()
    assert "places differ" in ended.out


CHANGES: Mapping[str, tuple[Mapping[str, object], int, str]] = {
    "another office": (
        {"read_by": {"office": "clerk", "participant": "redbridge"}}, 1, "agreement-does-not-cover"
    ),
    "an agreement of nobody": ({"agreement": "none-such@1"}, 1, "agreement-not-in-force"),
    "more than was recorded": ({"positions": {"havering": 9_999_999}}, 2, "by its day"),
    "a day before all": ({"registered": {"day": "2001-01-01", "entries": 7}}, 2, "by its day"),
    "another ledger": ({"folded": {"barnet": 1}}, 2, "not here"),
    "a view of nobody": ({"view": "no-such-view"}, 2, "no such theme"),
    "a period of nobody": ({"filters": {"period": "week"}}, 2, "that is none"),
    "by no right of ours": ({"right": "released"}, 2, "right"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_that_never_was(kept: Kept, tmp_path: Path, change: str) -> None:
    """What nobody may have been answered, or no ledger of these could give, is said to be so."""
    changes, status, said = CHANGES[change]
    name = named("first", f"themes/{THEME}", {"period": "month"}, "json")
    answer = json.loads(kept.files[name].read_bytes())
    ended = replay(kept, tmp_path, {**answer, **changes})
    assert ended.status == status, ended.said()
    assert said in ended.said()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xef\xbb\xbfa,b\r\n1,2\r\n", b"\xff"])
def test_a_file_that_is_no_answer(kept: Kept, tmp_path: Path, content: bytes) -> None:
    """Whatever else a file holds is refused in one sentence."""
    file = tmp_path / "file"
    file.write_bytes(content)
    ended = audit(kept, "replay", "--answer", file)
    assert ended.status == 2
    assert re.fullmatch(r"bhr: not answered: [^\n]+\n", ended.err), ended.err


def replay(kept: Kept, folder: Path, answer: Mapping[str, object]) -> Ended:
    """Replay a document that was stored so."""
    file = folder / "answer.json"
    file.write_text(json.dumps(answer))
    return audit(kept, "replay", "--json", "--answer", file)


@pytest.fixture(scope="module")
def packed(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    """Give an auditor's copy of the ledgers with a pack of each, and no key."""
    folder = tmp_path_factory.mktemp("packs")
    packs = []
    for ledger in (*AUTHORITIES, "bhr"):
        packs.append(pack := folder / f"{ledger}.jsonl.gz")
        made = make(kept.stage, ledger, granted(kept.stage, ledger), pack)
        assert made.status == 0, made.said()
    shutil.copytree(kept.stage.hub_home.ledgers, folder / "copy" / "ledgers")
    return Opener(HubHome(folder / "copy"), None, tuple(packs))


def test_they_are_given_again_from_packs_alone(kept: Kept, packed: Opener) -> None:
    """Without a key, from ledgers and openings, stored answers come again as well."""
    names = [name for name in kept.files if name.endswith(".csv") or "feeds" in name]
    assert len(names) > 20
    assert differing(replayed([kept.files[name] for name in names], packed)) == {}


def test_an_auditor_needs_one_command(kept: Kept, packed: Opener) -> None:
    """At the auditor's the command is the same, with a pack of each ledger."""
    auditor = Machine(packed.home.folder.parent / "auditor", "")
    given = [word for pack in packed.packs for word in ("--openings", pack)]
    words = ("--answer", kept.files["withdrawn tidy.csv"], "--home", packed.home.folder, *given)
    ended = auditor.run("audit", "replay", *words)
    assert ended.status == 0, ended.said()
    assert "all of it is equal" in ended.out
    assert "no live views that open here" in ended.out
