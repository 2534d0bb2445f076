"""Reads a large XML file record by record, in bounded memory, from senders nobody vouches for.

The outermost elements (the shells, such as Message and Children) are never held; what stands inside
them is handed over one whole element at a time, and forgotten. There is no DTD and so no entity but
the five that XML has, and nothing outside the file is ever opened. What is merely strange is handed
over for the reader of records to judge; what would make reading unsafe or a guess ends it with
`ReturnNotReadable`, after every record that was complete. Its codes:

    source-failed  empty-file  file-too-large  ended-early  not-well-formed  encoding-refused
    doctype-not-allowed  unexpected-root  too-deep  name-too-long  too-many-names
    too-many-attributes  markup-too-long  record-without-end
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, NoReturn
from xml.parsers import expat

from adapters.returns.xml_pieces import Element, Limits, Opened, Piece, Record, Stray
from domain.errors import ReturnNotReadable

_CHUNK: Final = 32 * 1024
_TEXT_BUFFER: Final = 32 * 1024  # bytes; a permitted text is never cut by it
_PATIENCE: Final = 50  # so many times the largest record are followed to its end, held by nothing
_EIGHT_BIT: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "cp1252"})
_UTF_16: Final = frozenset({"utf-16", "utf-16le", "utf-16be"})

# What the file's first bytes say must agree with what its declaration says.
_DECLARABLE: Final[tuple[tuple[bytes, frozenset[str]], ...]] = (
    (codecs.BOM_UTF8, frozenset({"utf-8"})),
    (codecs.BOM_UTF16_LE, _UTF_16 - {"utf-16be"}),
    (codecs.BOM_UTF16_BE, _UTF_16 - {"utf-16le"}),
    (b"", _EIGHT_BIT),
)

_ENDED_EARLY: Final = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
_ENCODING_WRONG: Final = {
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
}


class XmlStream:
    """Iterates over the pieces of one file; reading stops for good at the first error.

    `namespace_line` is the line of the first prefixed element or default namespace, 0 if none:
    names are taken without their prefix.
    """

    def __init__(self, source: BinaryIO, *, shells: Sequence[str], limits: Limits) -> None:
        self.namespace_line = 0
        self._source = source
        self._shells = tuple(shells)
        self._limits = limits
        self._most_elements = limits.record_elements
        self._pieces: deque[Piece] = deque()
        self._names: dict[str, str] = {}
        self._interned: dict[str, str] = {}
        self._stack: list[Element] = []
        self._record: Element | None = None
        self._size = self._text = self._taken = self._fed = 0
        self._declarable = _EIGHT_BIT
        self._decoder: codecs.IncrementalDecoder | None = None
        self._parser = self._new_parser(None)

    def _new_parser(self, encoding: str | None) -> expat.XMLParserType:
        """Make a parser; with an encoding given, it does not go by the one that is declared."""
        parser = expat.ParserCreate(encoding, intern=self._interned)
        parser.buffer_text = True
        parser.buffer_size = _TEXT_BUFFER
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    @property
    def line(self) -> int:
        """The line that the parser has reached."""
        return self._parser.CurrentLineNumber

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces in the order of the file.

        Raises:
            ReturnNotReadable: the file cannot be read on; what was complete has been yielded.
        """
        chunk = self._beginning()
        while True:
            failure = self._feed(chunk)
            while self._pieces:
                yield self._pieces.popleft()
            if failure is not None:
                raise failure
            if not chunk:
                return
            chunk = self._next_chunk()

    def _beginning(self) -> bytes:
        """Read enough to see which encoding the first bytes speak for."""
        chunk = b""
        while len(chunk) < len(codecs.BOM_UTF32) and (more := self._next_chunk()):
            chunk += more
        self._declarable = next(names for mark, names in _DECLARABLE if chunk.startswith(mark))
        if not chunk:
            self._stop("empty-file")
        if chunk.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            self._stop("encoding-refused")
        if self._declarable <= _UTF_16:
            # expat takes half a surrogate pair for a character; Python's decoder refuses it.
            self._decoder = codecs.getincrementaldecoder("utf-16")()
            self._parser = self._new_parser("utf-8")
        elif b"\0" in chunk[:2]:  # UTF-16 without the mark that XML demands of it
            self._stop("encoding-refused")
        return chunk

    def _next_chunk(self) -> bytes:
        try:
            return self._source.read(_CHUNK)
        except (OSError, EOFError):
            pass  # raised below, so that the foreign error is not behind ours
        raise ReturnNotReadable("source-failed", self.line)

    def _feed(self, chunk: bytes) -> ReturnNotReadable | None:
        """Parse one chunk, and give what ends the reading, if anything does."""
        self._taken += len(chunk)
        if self._taken > self._limits.file_size:
            return ReturnNotReadable("file-too-large", self.line)
        try:
            self._parse(chunk)
        except ReturnNotReadable as refusal:
            return refusal
        except expat.ExpatError as error:  # its text is foreign and stays behind
            return ReturnNotReadable(_named(error.code), error.lineno)
        except UnicodeDecodeError:
            code = "encoding-refused" if chunk else "ended-early"
            return ReturnNotReadable(code, self.line)
        return self._overgrown() if chunk else None

    def _parse(self, chunk: bytes) -> None:
        final = not chunk
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk, final).encode()
        self._fed += len(chunk)
        self._parser.Parse(chunk, final)

    def _overgrown(self) -> ReturnNotReadable | None:
        """See that what the parser itself keeps stays small."""
        # expat holds a tag, comment or instruction until it ends: one that does not end must stop.
        if self._fed - self._parser.CurrentByteIndex > self._limits.markup + _CHUNK:
            return ReturnNotReadable("markup-too-long", self.line)
        # It also keeps every name it has met.
        if len(self._interned) > self._limits.names:
            return ReturnNotReadable("too-many-names", self.line)
        return None

    def _stop(self, code: str) -> NoReturn:
        raise ReturnNotReadable(code, self.line)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in self._declarable:
            self._stop("encoding-refused")

    def _doctype(self, *_of: object) -> None:
        self._stop("doctype-not-allowed")

    def _start(self, name: str, attributes: list[str]) -> None:
        if attributes:
            self._check_attributes(attributes)
        local = self._names.get(name) or self._new_name(name)
        element = Element(local, self._parser.CurrentLineNumber)
        stack = self._stack
        if self._record is None:
            self._outside(element, len(stack))
        else:
            self._size += 1
            if self._size <= self._most_elements:
                holder = stack[-1]
                if holder.parts is None:
                    holder.parts = [element]
                else:
                    holder.parts.append(element)
            elif self._size > _PATIENCE * self._most_elements:
                self._stop("record-without-end")
        stack.append(element)
        if len(stack) > self._limits.depth:
            self._stop("too-deep")

    def _outside(self, element: Element, depth: int) -> None:
        """Open a shell, or begin a record."""
        if depth < len(self._shells) and element.name == self._shells[depth]:
            self._pieces.append(Opened(element.name, element.line))
        elif depth == 0:
            self._stop("unexpected-root")
        else:
            self._record = element
            self._size = 1

    def _end(self, _name: str) -> None:
        element = self._stack.pop()
        if element is not self._record:
            return
        limits = self._limits
        whole = self._size <= limits.record_elements and self._text <= limits.record_text
        self._pieces.append(Record(self._stack[-1].name, element, self._size, whole))
        self._record = None
        self._text = 0

    def _characters(self, data: str) -> None:
        holder = self._stack[-1]
        if not holder.text:
            if data.isspace():
                return
            self._begin_text(holder, data)
        room = self._limits.text + 1 - len(holder.text)
        if room > 0 and self._text <= self._limits.record_text:
            self._text += len(data)
            holder.text += data[:room]

    def _begin_text(self, holder: Element, data: str) -> None:
        """Remember where a text begins: data is all up to the next tag, where the parser stands."""
        if holder.parts is None and not data[0].isspace():
            holder.text_line = holder.line
        else:
            holder.text_line = self._parser.CurrentLineNumber - data.lstrip().count("\n")
        if self._record is None:
            self._pieces.append(Stray(holder.name, holder.text_line))

    def _check_attributes(self, attributes: list[str]) -> None:
        if len(attributes) > 2 * self._limits.attributes:
            self._stop("too-many-attributes")
        for name in attributes[::2]:
            if len(name) > self._limits.name:
                self._stop("name-too-long")
            if name == "xmlns" and not self.namespace_line:
                self.namespace_line = self._parser.CurrentLineNumber

    def _new_name(self, name: str) -> str:
        """Check a name that was not met before, and keep it without its prefix."""
        if len(name) > self._limits.name:
            self._stop("name-too-long")
        prefix, _, local = name.rpartition(":")
        if prefix and not self.namespace_line:
            self.namespace_line = self._parser.CurrentLineNumber
        self._names[name] = local
        return local


def _named(code: int) -> str:
    """Our own word for an expat error: its text is foreign, and could come to hold content."""
    if code in _ENDED_EARLY:
        return "ended-early"
    return "encoding-refused" if code in _ENCODING_WRONG else "not-well-formed"
