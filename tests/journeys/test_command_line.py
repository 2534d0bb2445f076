"""`bhr` as it is typed: every command says in a sentence what is wrong, and never shows a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from adapters.command_line.main import app
from adapters.command_line.on_demand import on_demand
from tests.journeys.machines import Ended, Machine
from tests.journeys.stage import Stage, set_stage

HAVERING = ("--borough", "havering")
EVENT = "01890a5d-ac96-774b-bcce-b302099a8057"
REFUSED, UNEXPECTED = 2, 70
SIGNING = (*HAVERING, "--office", "director")
FOR_A_YEAR = (
    *("--since", "2020-01-01", "--until", "2020-12-31"),
    *("--expires", "2030-01-01T00:00:00Z"),
)
OF_THE_HUB: Sequence[tuple[str, ...]] = (
    ("register", "--shipped"),
    ("serve",),
    ("project",),
    ("ledger", "init"),
    ("token", "publisher", "/participants/havering/children-social-care"),
    ("token", "reader", "redbridge", "analyst"),
    ("views", "status"),
    ("views", "rebuild"),
    ("views", "show", "factors", "--reader", "analyst@redbridge"),
    ("audit", "replay"),
    ("audit", "diff", "2026-01-01", "2026-01-02"),
    ("audit", "history", EVENT),
    ("audit", "access"),
    ("audit", "openings", "--warrant", EVENT, "--ledger", "havering", "--out", "TARGET"),
    ("decision", "record", "RETURN"),
    ("erasure", "status"),
    ("erasure", "due"),
    ("erasure", "carry-out"),
    ("erasure", "carry-out", EVENT),
    ("erasure", "certificate", EVENT),
    (*("right", "grant", "havering", "analyst", "--purpose", "partnership-themes"),
     "--since", "2026-01-01"),
)  # fmt: skip
"""Commands that open the hub's keys."""
OF_A_BOROUGH: Sequence[tuple[str, ...]] = (
    ("canary", *HAVERING),
    ("returns", "publish", "RETURN", *HAVERING, "--year", "2023"),
    ("returns", "withdraw", EVENT, *HAVERING),
    ("returns", "withdraw", "--file", "RETURN", "--year", "2023", *HAVERING),
    ("withdraw", EVENT, "--reason", "wrong-key", *HAVERING),
    ("erasure", "request", "C1", "--ground", "objection", "--office", "data-protection", *HAVERING),
    ("erasure", "tidy", *HAVERING),
    ("part", "open", EVENT, "2", *HAVERING),
    ("part", "open", EVENT, "2", "--keep", "TARGET", *HAVERING),
    ("part", "notices", *HAVERING),
    ("part", "waiting", *HAVERING),
    ("part", "confirm", EVENT, "2", "--outcome", "deleted", *HAVERING),
    ("outbox", "send", *HAVERING),
    ("outbox", "status", *HAVERING),
    ("sign", "agreement", "--shipped", *SIGNING),
    ("sign", "legal-hold", "havering", "--ground", "court", "--stream", "A" * 43, *SIGNING),
    ("sign", "legal-hold-lift", "havering", EVENT, *SIGNING),
    ("sign", "erasure-approval", "havering", EVENT, "A" * 43, *SIGNING),
    ("sign", "warrant", "havering", "ofsted", "--power", "x", *SIGNING, *FOR_A_YEAR),
)
"""Commands that open a borough's keys."""
WITHOUT_A_HOME: Sequence[tuple[str, ...]] = (
    ("ledger", "status"),
    ("keys", "status"),
    ("keys", "status", *HAVERING),
    ("keys", "init", "--recovery", "PUBLIC", *HAVERING),
    ("keys", "rehearse", "--recovery", "RECOVERY"),
)
"""Commands that need a home, and no passphrase of it."""
ILL_FORMED: Sequence[tuple[str, ...]] = (
    ("register",),
    ("register", "NOTHING"),
    ("register", "FOLDER"),
    ("serve", "--host", "0.0.0.0"),
    ("serve", "--host", "192.0.2.1"),
    ("serve", "--host", "hub.example"),
    ("serve", "--tls", "NOTHING", "NOTHING"),
    ("demo", "--once", "--published", "NOTHING"),
    ("demo", "--once", "--published", "RETURN"),
    ("demo", "--once", "--year", "1999"),
    ("keys", "init", "--recovery", "NOTHING"),
    ("keys", "init", "--recovery", "RETURN"),
    ("keys", "rehearse", "--recovery", "NOTHING"),
    ("keys", "status", "--borough", "../hub"),
    ("keys", "linkage", "make", "--borough", "../hub", "--recovery", "PUBLIC"),
    ("keys", "linkage", "share", "NOTHING", "TARGET", *HAVERING),
    ("keys", "linkage", "share", "RETURN", "TARGET", *HAVERING),
    ("keys", "linkage", "take", "NOTHING", *HAVERING, "--recovery", "PUBLIC"),
    ("keys", "linkage", "take", "RETURN", *HAVERING, "--recovery", "PUBLIC"),
    ("trust", "add", "havering", "signing", "Secret"),
    ("trust", "add", "havering", "signing", "Secret" * 10),
    ("trust", "add", "Secret Name", "signing", "A" * 43),
    ("trust", "add", "havering", "hubs", "A" * 43),
    ("trust", "list", "--borough", "../../hub"),
    ("token", "publisher", "Secret"),
    ("token", "reader", "Secret Name", "analyst"),
    ("schema", "show", "Secret"),
    ("schema", "export", "RETURN"),
    ("audit", "replay", "--as-of", "Secret"),
    ("audit", "replay", "--as-of", "2026-02-30"),
    ("audit", "replay", "--positions", "Secret"),
    ("audit", "replay", "--positions", "bhr=Secret"),
    ("audit", "replay", "--positions", "secret=1"),
    ("audit", "replay", "--positions", "bhr=999999"),
    ("audit", "replay", "--theme", "Secret"),
    ("audit", "diff", "Secret", "2026-01-02"),
    ("audit", "diff", "2026-01-02", "2026-01-01"),
    ("audit", "history", "Secret"),
    ("audit", "access", "--borough", "Secret"),
    ("audit", "replay", "--openings", "RETURN"),
    ("audit", "replay", "--openings", "NOTHING"),
    ("audit", "openings", "--warrant", "Secret", "--ledger", "havering", "--out", "TARGET"),
    ("audit", "openings", "--warrant", EVENT, "--ledger", "Secret", "--out", "TARGET"),
    ("audit", "openings", "--warrant", EVENT, "--ledger", "havering", "--out", "RETURN"),
    ("decision", "record", "NOTHING"),
    ("decision", "record", "RETURN"),
    ("erasure", "status", "Secret"),
    ("erasure", "status", EVENT),
    ("erasure", "due", "--ledger", "Secret"),
    ("erasure", "carry-out", EVENT),
    ("erasure", "certificate", EVENT),
    ("sign", "agreement", *SIGNING),
    ("sign", "agreement", "RETURN", *SIGNING),
    ("sign", "agreement", "--shipped", *HAVERING, "--office", "Secret Name"),
    ("sign", "erasure-approval", "havering", EVENT, "Secret", *SIGNING),
    ("sign", "legal-hold", "havering", "--ground", "Secret", "--stream", "A" * 43, *SIGNING),
    ("sign", "legal-hold", "havering", "--ground", "court", "--subject", "Secret", *SIGNING),
    ("sign", "legal-hold", "havering", "--ground", "court", *SIGNING),
    ("sign", "legal-hold-lift", "havering", "Secret", *SIGNING),
    ("sign", "warrant", "havering", "Secret Name", "--power", "x", *SIGNING, *FOR_A_YEAR),
    ("sign", "warrant", "Secret", "ofsted", "--power", "x", *SIGNING, *FOR_A_YEAR),
    ("views", "show", "Secret", "--reader", "analyst@redbridge"),
    ("views", "show", "factors", "--reader", "Secret"),
    ("returns", "check", "NOTHING"),
    ("returns", "publish", "NOTHING", *HAVERING, "--year", "2023"),
    ("returns", "publish", "RETURN", "--borough", "../havering", "--year", "2023"),
    ("returns", "withdraw", EVENT, *HAVERING),
    ("returns", "withdraw", *HAVERING),
    ("returns", "withdraw", EVENT, "--file", "RETURN", "--year", "2023", *HAVERING),
    ("returns", "withdraw", "--file", "RETURN", "--year", "2023", *HAVERING),
    ("withdraw", EVENT, "--reason", "wrong-key", *HAVERING),
    ("withdraw", EVENT, "--reason", "Secret", *HAVERING),
    ("erasure", "request", "Secret", "--ground", "objection", "--office", "officer", *HAVERING),
    ("erasure", "request", "C1", "--ground", "Secret", "--office", "officer", *HAVERING),
    ("erasure", "request", "C1", "--ground", "objection", "--office", "Secret Name", *HAVERING),
    ("right", "grant", "havering", "analyst", "--purpose", "x", "--since", "Secret"),
    ("right", "grant", "havering", "Secret Name", "--purpose", "x", "--since", "2026-01-01"),
    ("borough", "init", "Secret Name", "--authority", "311", "--hub", "https://hub.example"),
    ("borough", "init", "barnet", "--authority", "Secret", "--hub", "https://hub.example"),
    ("borough", "init", "barnet", "--authority", "302", "--hub", "ftp://Secret"),
    ("borough", "init", "../barnet", "--authority", "302", "--hub", "https://hub.example"),
)
"""Commands with something in them that is not as it must be."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Give a stage on which nobody plays: no hub is running."""
    return set_stage(tmp_path_factory.mktemp("command-line") / "stage")


def run(machine: Machine, words: Sequence[str], folder: Path) -> Ended:
    """Run a command, its names of files replaced by files."""
    (folder / "return.xml").write_text("<Message>Secret</Message>", encoding="utf-8")
    files = {
        "RETURN": folder / "return.xml",
        "NOTHING": folder / "nothing.json",
        "FOLDER": folder,
        "TARGET": folder / "target.json",
        "PUBLIC": folder.parent / "recovery-havering.json.pub",
        "RECOVERY": folder.parent / "recovery-hub.json",
    }
    return machine.run(*(files.get(word, word) for word in words))


def commands(
    command: object, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    """Give every command below one, with its words."""
    if isinstance(command, TyperCommand):
        yield words, command
    elif isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            yield from commands(one, (*words, name))


def helps(command: TyperCommand) -> dict[str, str | None]:
    """Give what each parameter of a command says it is."""
    return {str(one.name): getattr(one, "help", None) for one in command.params}


def said_well(ended: Ended) -> bool:
    """Say whether a refusal is told as such: no traceback, no unexpected fault, no value."""
    texts = ("Traceback", "unexpected fault", "Secret", "pydantic")
    return ended.status == REFUSED and not any(text in ended.said() for text in texts)


def one_sentence(ended: Ended) -> bool:
    """Say whether all that was said is one line of ours."""
    return ended.out == "" and re.fullmatch(r"bhr: [^\n]+\n", ended.err) is not None


def test_every_command_has_its_help() -> None:
    """Every command says what it does, and each of its parameters says what it is."""
    unsaid = [
        (*words, parameter)
        for words, command in commands(on_demand(app))
        for parameter, said in {"": command.help, **helps(command)}.items()
        if not said
    ]
    assert unsaid == []


def test_help_lists_every_command(stage: Stage) -> None:
    """`--help` of each group names all that is in it."""
    for words, _ in commands(on_demand(app)):
        ended = stage.hub.run(*words[:-1], "--help")
        assert re.search(rf"^\W+{words[-1]} ", ended.out, re.MULTILINE), words


@pytest.mark.parametrize("words", [*OF_THE_HUB, *OF_A_BOROUGH, *WITHOUT_A_HOME], ids=" ".join)
def test_a_home_that_is_missing(stage: Stage, words: tuple[str, ...], tmp_path: Path) -> None:
    """Without a home a command says where it looked, and what to do; nothing is made on the way."""
    empty = Machine(tmp_path / "machine", "a passphrase of nobody")
    ended = run(empty, words, tmp_path)
    assert said_well(ended), ended.said()
    assert one_sentence(ended), ended.said()
    assert not empty.folder.exists()


@pytest.mark.parametrize("words", [*OF_THE_HUB, *OF_A_BOROUGH], ids=" ".join)
@pytest.mark.parametrize("passphrase", ["", "Secret and wrong"], ids=["none", "wrong"])
def test_a_passphrase_that_does_not_open(
    stage: Stage, words: tuple[str, ...], passphrase: str, tmp_path: Path
) -> None:
    """Without the right passphrase a command says so, and does nothing."""
    machine = stage.machine("havering") if words in OF_A_BOROUGH else stage.hub
    ended = run(Machine(machine.folder, passphrase), words, tmp_path)
    assert said_well(ended), ended.said()
    assert one_sentence(ended), ended.said()


@pytest.mark.parametrize("words", ILL_FORMED, ids=" ".join)
def test_what_is_ill_formed(stage: Stage, words: tuple[str, ...], tmp_path: Path) -> None:
    """What is not as it must be is refused by name; no value that was typed or read is shown."""
    machine = stage.machine("havering") if "havering" in words else stage.hub
    ended = run(machine, words, tmp_path)
    assert said_well(ended), ended.said()
    assert [*(stage.folder / "havering" / "boroughs").iterdir()] == [stage.home("havering").folder]
