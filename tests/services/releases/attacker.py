"""An attacker who knows nothing of how figures are hidden, only what is published.

It reads rows as anybody could, writes down what must hold between them, asks a linear-programming
solver how far each hidden figure can go, and where that leaves few values tries each of them by
backtracking in whole numbers. It shares no line with the services, and knows no true figure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from scipy.optimize import linprog

MOST = 400
"""More than any figure of these tests."""
HIDDEN = "c"
ENOUGH = 3
TRIED = 8
"""Up to so many values, each is tried in whole numbers."""
PATIENCE = 300
"""How many guesses a try may take; an attacker who gives up has learnt nothing."""

SLACK = 1e-6

Key = tuple[str, ...]
Domains = dict[Key, tuple[int, int]]


@dataclass(frozen=True)
class Rule:
    """Low <= sum of coefficient times figure <= high."""

    terms: Mapping[Key, int]
    low: int
    high: int


@dataclass
class Attacker:
    """What is known so far; figures go by whatever key the caller gives them."""

    domains: Domains = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)

    def read(self, key: Key, text: str) -> None:
        """Take in one published cell: a number, or `c` for something that is not zero."""
        known = self.domains.get(key, (0, MOST))
        said = (1, MOST) if text == HIDDEN else (int(text), int(text))
        self.domains[key] = (max(known[0], said[0]), min(known[1], said[1]))
        assert self.domains[key][0] <= self.domains[key][1], "two releases contradict each other"

    def adds_up(self, parts: Collection[Key], whole: Key) -> None:
        """Know that parts make up a whole."""
        self._rule({**dict.fromkeys(parts, 1), whole: -1}, 0, 0)

    def at_most(self, small: Key, large: Key) -> None:
        """Know that one figure is no larger than another."""
        self._rule({small: 1, large: -1}, -MOST, 0)

    def no_more_than_all(self, whole: Key, parts: Collection[Key]) -> None:
        """Know that a whole is no larger than all its parts."""
        self._rule({whole: 1, **dict.fromkeys(parts, -1)}, -MOST * len(parts), 0)

    def _rule(self, terms: Mapping[Key, int], low: int, high: int) -> None:
        if terms.keys() <= self.domains.keys():
            self.rules.append(Rule(terms, low, high))

    def narrowed(self) -> dict[Key, set[int]]:
        """Give every hidden figure that has fewer than three possible values, with those."""
        found = {}
        for key, (low, high) in self.domains.items():
            if low != high:
                possible = self._values(key)
                if len(possible) < ENOUGH:
                    found[key] = set(possible)
        return found

    def _values(self, key: Key) -> Collection[int]:
        """Give what a hidden figure may be: at least all that it can be."""
        rules = self._around(key)
        keys = sorted({one for rule in rules for one in rule.terms} | {key})
        low, high = (self._farthest(key, keys, rules, by) for by in (1, -1))
        between = range(math.ceil(low - SLACK), math.floor(high + SLACK) + 1)
        if not ENOUGH <= len(between) <= TRIED:
            return between
        start = {one: self.domains[one] for one in keys}
        return [value for value in between if _possible(start, rules, key, value)]

    def _farthest(self, key: Key, keys: list[Key], rules: list[Rule], by: int) -> float:
        at = {one: index for index, one in enumerate(keys)}
        rows, most = [], []
        for rule in rules:
            row = [0] * len(keys)
            for one, coefficient in rule.terms.items():
                row[at[one]] = coefficient
            rows += [row, [-value for value in row]]
            most += [rule.high, -rule.low]
        goal = [0] * len(keys)
        goal[at[key]] = by
        bounds = [self.domains[one] for one in keys]
        solved = linprog(goal, A_ub=rows or None, b_ub=most or None, bounds=bounds)
        assert solved.fun is not None, "what is published contradicts itself"
        return float(solved.fun) * by

    def _around(self, key: Key) -> list[Rule]:
        """Give the rules that hang together with one hidden figure."""
        met, waiting = {key}, [key]
        numbers: set[int] = set()
        while waiting:
            one = waiting.pop()
            for number, rule in enumerate(self.rules):
                if number not in numbers and one in rule.terms:
                    numbers.add(number)
                    new = {k for k in rule.terms if len(set(self.domains[k])) > 1} - met
                    met |= new
                    waiting += sorted(new)
        return [self.rules[number] for number in sorted(numbers)]


def _possible(domains: Domains, rules: list[Rule], key: Key, value: int) -> bool:
    narrowed = _propagated({**domains, key: (value, value)}, rules)
    return narrowed is not None and _solvable(narrowed, rules, [PATIENCE])


def _solvable(domains: Domains, rules: list[Rule], patience: list[int]) -> bool:
    """Say whether the rules can be kept: fix the figure with the fewest values, and go on."""
    open_keys = {key for rule in rules for key in rule.terms if domains[key][0] != domains[key][1]}
    patience[0] -= 1
    if not open_keys or patience[0] < 0:
        return True
    key = min(open_keys, key=lambda one: (domains[one][1] - domains[one][0], one))
    low, high = domains[key]
    for value in range(low, high + 1):
        narrowed = _propagated({**domains, key: (value, value)}, rules)
        if narrowed is not None and _solvable(narrowed, rules, patience):
            return True
    return False


def _propagated(domains: Domains, rules: Iterable[Rule]) -> Domains | None:
    """Narrow every interval by every rule until nothing moves; None at a contradiction."""
    found, listed, moved = dict(domains), list(rules), True
    while moved:
        moved = False
        for rule in listed:
            ends = {key: _ends(found[key], by) for key, by in rule.terms.items()}
            least, most = (sum(end[side] for end in ends.values()) for side in (0, 1))
            if least > rule.high or most < rule.low:
                return None
            for key, by in rule.terms.items():
                low, high = ends[key]
                room = (rule.low - (most - high), rule.high - (least - low))
                new = _ends((max(low, room[0]), min(high, room[1])), by)
                if new[0] > new[1]:
                    return None
                if new != found[key]:
                    found[key], moved = new, True
    return found


def _ends(interval: tuple[int, int], by: int) -> tuple[int, int]:
    """Multiply an interval by 1 or -1; the same again takes it back."""
    low, high = interval
    return (low, high) if by == 1 else (-high, -low)
