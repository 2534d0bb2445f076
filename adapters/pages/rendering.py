"""Templates into pages: the one file that knows jinja2 and the GOV.UK macros.

Everything is escaped but what a template itself says. The macros' `html` parameters are not, so
templates hand them `text` alone; a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader

from adapters.pages import charts, wording

PREFIX = "/pages"
"""Where the pages are mounted: their cookies go nowhere else."""

_FILTERS: Mapping[str, Callable[..., object]] = {
    "day": wording.day,
    "decimal": wording.decimal,
    "listed": wording.listed,
    "number": wording.number,
    "per": wording.per,
    "percent": wording.percent,
    "proof": wording.proof,
    "sentence": wording.sentence,
    "signed": wording.signed,
    "spelt": wording.spelt,
}


class Templates:
    """The pages' templates, each compiled once."""

    def __init__(self) -> None:
        """Find our own templates, and the macros of the GOV.UK Design System."""
        # The macros ask for parameters that are not given, and for parameters of those.
        macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
        self._environment = Environment(
            loader=ChoiceLoader([macros, PackageLoader("adapters.pages")]),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=ChainableUndefined,
        )
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(
            at=PREFIX,
            verdicts=wording.VERDICTS,
            width=charts.WIDTH,
            height=charts.HEIGHT,
            left=charts.LEFT,
            right=charts.WIDTH - charts.RIGHT,
            bottom=charts.HEIGHT - charts.BOTTOM,
        )

    def page(self, name: str, shown: Mapping[str, object]) -> bytes:
        """Render a page."""
        return self._environment.get_template(f"{name}.html").render(shown).encode()
