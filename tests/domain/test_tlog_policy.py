"""Policy files: whose word is enough."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkpoint import Checkpoint
from domain.errors import NotProven
from domain.signed_note import KeyKind
from domain.tlog_policy import read_policy
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, NOW, ORIGIN, WITNESSES, a_note, a_signer

CHECKPOINT = Checkpoint(ORIGIN, 5, bytes(32))
LOGS = f"log {LOG.key.vkey()}\nlog {LOG_PQ.key.vkey()}\n"
THREE = "".join(
    f"witness b{number} {one.key.vkey()} https://b{number}.example/\n"
    for number, one in enumerate(WITNESSES)
)
TWO_OF_THREE = f"# who is enough\n\n{LOGS}{THREE}group boroughs 2 b0 b1 b2\nquorum boroughs\n"
NAMES = ("b0", "b1", "b2")


def test_two_of_three_boroughs_are_enough() -> None:
    """Any two of three satisfy the rule; one does not, nor does who is not named."""
    policy = read_policy(TWO_OF_THREE.encode())
    for number in range(4):
        for some in combinations(NAMES, number):
            assert policy.satisfied({*some, "stranger"}) is (number >= 2)
    assert policy.witnesses["b1"].url == "https://b1.example/"
    assert [one.key for one in policy.logs] == [LOG.key, LOG_PQ.key]


@pytest.mark.parametrize(
    ("rule", "enough"),
    [
        ("quorum none", [(), ("b0",)]),
        ("quorum b1", [("b1",), ("b0", "b1")]),
        ("group g any b0 b1\nquorum g", [("b0",), ("b1",)]),
        ("group g all b0 b1\nquorum g", [("b0", "b1")]),
        ("group g any b0 b1\ngroup h all g b2\nquorum h", [("b0", "b2"), ("b1", "b2")]),
        (" \tgroup\tg  2 b0 b1\t\n  # so\nquorum g ", [("b0", "b1")]),
    ],
)
def test_rules_of_every_form(rule: str, enough: list[tuple[str, ...]]) -> None:
    """Nobody, one, any, all, and groups of groups: as the file says, and not otherwise."""
    policy = read_policy(f"{THREE}{rule}\n".encode())
    for number in range(4):
        for some in combinations(NAMES, number):
            wanted = any(set(one) <= set(some) for one in enough)
            assert policy.satisfied(some) is wanted


def test_a_checkpoint_is_held_against_the_policy() -> None:
    """The log's own lines, the witnesses by name with their times, and whether they are enough."""
    policy = read_policy(TWO_OF_THREE.encode())
    one = policy.witnessed(a_note(CHECKPOINT, LOG, LOG_PQ, WITNESSES[0]), ALGORITHMS)
    assert (one.quorum, list(one.witnesses), len(one.log)) == (False, ["b0"], 2)
    two = policy.witnessed(a_note(CHECKPOINT, LOG, WITNESSES[2], WITNESSES[0]), ALGORITHMS)
    assert (two.quorum, list(two.witnesses)) == (True, ["b0", "b2"])
    assert two.checkpoint == CHECKPOINT


def test_witnesses_alone_do_not_make_a_checkpoint() -> None:
    """However many cosigned: a log of the policy must have signed under its own origin."""
    policy = read_policy(TWO_OF_THREE.encode())
    with pytest.raises(NotProven, match="unsigned-by-its-log"):
        policy.witnessed(a_note(CHECKPOINT, *WITNESSES), ALGORITHMS)
    foreign = Checkpoint("other.example/log", 5, bytes(32))
    with pytest.raises(NotProven, match="unsigned-by-its-log"):
        policy.witnessed(a_note(foreign, LOG, *WITNESSES), ALGORITHMS)


def test_a_failing_witness_line_rejects_the_whole() -> None:
    """A named witness whose line does not hold is a fault to be looked at, not a missing one."""
    policy = read_policy(TWO_OF_THREE.encode())
    spoilt = WITNESSES[1].line(Checkpoint(ORIGIN, 6, bytes(32)), seconds=NOW)
    note = a_note(CHECKPOINT, LOG, WITNESSES[0], WITNESSES[2]).with_lines([spoilt])
    with pytest.raises(NotProven, match="signature-differs"):
        policy.witnessed(note, ALGORITHMS)


def test_a_cosignature_without_a_time_does_not_count() -> None:
    """Who states no time has not said that this is the largest tree that it saw."""
    pq = a_signer(KeyKind.ML_DSA_44, "pq.example/witness", 9)
    policy = read_policy(f"{LOGS}witness b {pq.key.vkey()}\nquorum b\n".encode())
    assert not policy.witnessed(a_note(CHECKPOINT, LOG, pq, seconds=0), ALGORITHMS).quorum
    assert policy.witnessed(a_note(CHECKPOINT, LOG, pq), ALGORITHMS).quorum


W0 = f"witness b0 {WITNESSES[0].key.vkey()}\n"
W1 = f"witness b1 {WITNESSES[1].key.vkey()}\n"


@pytest.mark.parametrize(
    ("code", "line", "text"),
    [
        ("policy-without-quorum", None, W0),
        ("policy-line", 2, "quorum none\nquorum none\n"),
        ("policy-line", 1, "logs x\n"),
        ("policy-line", 2, f"{W0}group g 1\n"),
        ("policy-line", 1, f"log {LOG.key.vkey()} https://a b\n"),
        ("policy-unknown-name", 1, "quorum b0\n"),
        ("policy-unknown-name", 1, "group g any b0\n"),
        ("policy-unknown-name", 2, f"{W0}group g any g\n"),
        ("policy-unknown-name", 2, f"{W0}group g any none\n"),
        ("policy-doubled-name", 2, f"{W0}{W1.replace('b1', 'b0', 1)}"),
        ("policy-doubled-name", 2, f"{W0}group b0 any b0\n"),
        ("policy-doubled-name", 1, W0.replace("b0", "none", 1)),
        ("policy-doubled-key", 2, f"{W0}{W0.replace('b0', 'b9', 1)}"),
        ("policy-doubled-key", 2, f"log {LOG.key.vkey()}\nlog {LOG.key.vkey()}\n"),
        ("policy-doubled-member", 2, f"{W0}group g any b0 b0\n"),
        ("policy-doubled-member", 3, f"{W0}group g any b0\ngroup h any b0\n"),
        ("policy-count", 2, f"{W0}group g 0 b0\n"),
        ("policy-count", 2, f"{W0}group g 2 b0\n"),
        ("policy-count", 2, f"{W0}group g 01 b0\n"),
        ("policy-count", 2, f"{W0}group g {'9' * 9000} b0\n"),
        ("policy-key", 1, "witness b0 nonsense\n"),
        ("policy-key-kind", 1, f"witness b0 {LOG.key.vkey()}\n"),
        ("policy-key-kind", 1, f"log {WITNESSES[0].key.vkey()}\n"),
        ("policy-control-character", None, "quorum none\r\n"),
        ("policy-too-long", None, "#" * 600_000),
    ],
)
def test_what_does_not_hold_together_is_refused(code: str, line: int | None, text: str) -> None:
    """A policy that is half understood would be another policy: the line is named."""
    with pytest.raises(NotProven, match=f": {code}$") as refused:
        read_policy(text.encode())
    assert refused.value.line == line


def test_as_many_as_the_format_asks_for() -> None:
    """32 logs, witnesses and groups fit; names are octets of any kind."""
    logs = [a_signer(KeyKind.ED25519, f"log{n}.example", n).key.vkey() for n in range(32)]
    lines = [f"log {vkey}" for vkey in logs]
    for n in range(32):
        key = a_signer(KeyKind.ED25519_COSIGNATURE, f"w{n}.example", n).key
        lines += [f"witness ŵ{n} {key.vkey()}", f"group g{n} any ŵ{n}"]
    text = "\n".join((*lines, "quorum g31")).encode().replace("ŵ".encode(), b"\xff")
    policy = read_policy(text)
    assert policy.satisfied({"\udcff31"})
    assert not policy.satisfied({"\udcff30"})


@settings(max_examples=80)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.sampled_from(
                ["log", "witness", "group", "quorum", "b0", "b1", "any", "2", "none", "\n", "#",
                 WITNESSES[0].key.vkey(), LOG.key.vkey(), "https://x"]
            )
        ).map(lambda words: " ".join(words).encode()),
    )
)  # fmt: skip
def test_garbage_leaves_as_not_proven_alone(raw: bytes) -> None:
    """Whatever stands in the file, a policy or one refusal comes of it."""
    try:
        policy = read_policy(raw)
    except NotProven:
        return
    assert policy.satisfied(policy.witnesses)
