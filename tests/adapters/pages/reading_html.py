"""Reading a page as a browser would: what is in it, and whether any of it could act by itself."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page's headings, links, ids, text, and whatever a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.headings: list[int] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.texts: list[str] = []
        self.forms: list[str] = []
        self._in_script = False
        self.feed(text)

    @property
    def text(self) -> str:
        """Give what is said, in one line."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag is and does."""
        said = dict(attrs)
        self._in_script = tag in {"script", "style"}
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if "id" in said:
            self.ids.append(said["id"] or "")
        if tag == "a" and said.get("href"):
            self.links.append(said["href"] or "")
        if tag == "form":
            self.forms.append(said.get("method") or "get")
        self.inline += [name for name in said if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action"):
            if ":" in (said.get(name) or "").partition("/")[0]:
                self.inline.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        """Keep what is said; a script's or a style's own text is none of ours."""
        if self._in_script and data.strip():
            self.inline.append("text of a script or style")
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        self._in_script = False
