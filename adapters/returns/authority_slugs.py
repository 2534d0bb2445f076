"""Short names for authorities, fit for a folder, a ledger and a command line."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

_LONGEST = 56  # leaves room for a code within the 63 characters that a participant may have
_TAKEN = frozenset({"bhr"})  # the partnership's own ledger is called so


def authority_slugs(names: Mapping[str, str]) -> dict[str, str]:
    """Give each authority's slug by its code, from names by code.

    Where two names come to one slug, their codes part them; a name without a Latin letter to begin
    with is called by its code.
    """
    slugs = {code: _slug(name) or f"la-{code}" for code, name in names.items()}
    seen = Counter(slugs.values())
    return {
        code: f"{slug}-{code}" if seen[slug] > 1 or slug in _TAKEN else slug
        for code, slug in slugs.items()
    }


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", ""))[:_LONGEST].strip("-")
    return slug if slug[:1].isalpha() else ""
