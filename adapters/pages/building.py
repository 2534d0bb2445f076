"""Making the pages' assets: `make assets`. npm fetches govuk-frontend as its lock has it.

Its style sheet is taken over without what is not ours to use outside GOV.UK: the GDS Transport font
and the royal crest. Icons and other images are left behind altogether.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from domain.errors import HomeNotReady, HubError

PAGES = Path(__file__).parent
ASSETS = PAGES / "assets"
STATIC = PAGES / "static"
_DIST = PAGES / "node_modules" / "govuk-frontend" / "dist" / "govuk"
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_IMAGE = re.compile(r"url\([^)]*\)")
_MAP = re.compile(r"/[/*]# sourceMappingURL=\S+(?: \*/)?")
TYPEFACE = "arial,helvetica"


def unbranded(style: str) -> str:
    """Give govuk-frontend's style sheet without its font, and without a reference to any file."""
    plain = _FONT_FACE.sub("", style).replace("GDS Transport,arial", TYPEFACE)
    return _MAP.sub("", _IMAGE.sub("none", plain))


def fetched(npm: str) -> None:
    """Let npm fetch what the lock names, and run nothing of it; raises HomeNotReady."""
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=PAGES, check=False)  # noqa: S603 - npm as found, and constant words
    if done.returncode:
        raise HomeNotReady("npm could not fetch the pages' assets: is its registry within reach?")


def build() -> None:
    """Write the assets anew, whole or not at all; raises HomeNotReady."""
    npm = shutil.which("npm")
    if npm is None:
        raise HomeNotReady("there is no npm here: `make assets` installs one from PyPI")
    fetched(npm)
    new = ASSETS.with_name("assets.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    style = (_DIST / "govuk-frontend.min.css").read_text(encoding="utf-8")
    (new / "govuk-frontend.css").write_text(unbranded(style), encoding="utf-8")
    script = (_DIST / "govuk-frontend.min.js").read_text(encoding="utf-8")
    (new / "govuk-frontend.js").write_text(_MAP.sub("", script), encoding="utf-8")
    for own in sorted(STATIC.iterdir()):
        shutil.copyfile(own, new / own.name)
    shutil.rmtree(ASSETS, ignore_errors=True)
    new.rename(ASSETS)


if __name__ == "__main__":
    try:
        build()
    except HubError as error:
        sys.exit(f"assets: {error}")
