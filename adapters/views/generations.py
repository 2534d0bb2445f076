"""Generations of views in one folder: folders side by side, and a pointer to the one in use.

    views/gen-000001/key                the view key, wrapped by the hub's key-encryption key
    views/gen-000001/versions           the projections that it was made by
    views/gen-000001/havering.made      the views of that ledger were made
    views/gen-000001/havering.sqlite    their rows, where they are in files
    views/gen-000001/schemas            else how their schemas on a server are named
    views/current                       "gen-000001": replaced in one step

A key names the children and episodes of one generation and goes with it. A reader looks at the
pointer each time, and keeps what it has open until it is done with it. Who makes a generation
beside the live one holds a lock on its `versions` meanwhile: without one it is what a killed
rebuild left, which no erasure reaches, and is swept away.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from adapters.views.each_ledger import EachLedger
from adapters.views.keeping import InFiles, Keeping
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.key_ports import KeyEncryption
from services.rewrapping import Change

_NAME = re.compile(r"gen-([0-9]{6})\Z")
_TRIES = 8


class Generations:
    """The live views and those beside them (`services.rebuilding.ViewGenerations`)."""

    def __init__(
        self,
        folder: Path,
        versions: str,
        encryption: KeyEncryption,
        keeping: Keeping | None = None,
    ) -> None:
        """Keep generations in this folder; nothing is opened or made yet."""
        self._keeping = keeping or InFiles()
        self._folder = folder
        self._versions = versions
        self._encryption = encryption
        self.steady: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
        """Within it, a key is wrapped and written before the one that wraps is replaced."""
        self._lock = threading.Lock()
        self._open: tuple[str, EachLedger] | None = None
        self._held: dict[str, int] = {}

    def live(self) -> EachLedger:
        """Give the store in use, made empty where there was none.

        Raises HomeNotReady when other projections made it, or when its key is lost.
        """
        with self._lock:
            for _ in range(_TRIES):
                name = self.current() or self._first()
                if self._open is not None and self._open[0] == name:
                    return self._open[1]
                # A rebuild may take it away between the pointer's reading and the opening.
                with contextlib.suppress(FileNotFoundError):
                    self._open = (name, self._store(name))
            raise HomeNotReady(f"{self._folder} has no views to open; run `bhr views rebuild`")

    def folded(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; makes nothing where there are no views."""
        name = self.current()
        if name is None or not (self._folder / name / f"{ledger}.made").exists():
            return 0
        return self.live().position(ledger)

    def current(self) -> str | None:
        """Give the name of the generation in use; None before there is one."""
        try:
            name = (self._folder / "current").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise Unavailable("the view store") from None
        return name if _NAME.match(name) else None

    def begin(self) -> tuple[str, EachLedger]:
        """Make an empty generation beside the live one; gives its name and store."""
        for _ in range(_TRIES):
            name = f"gen-{max(self._numbers(), default=0) + 1:06}"
            with contextlib.suppress(FileExistsError), _writing(), self.steady():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (self._folder / name).mkdir(mode=0o700)
                self._keeping.begin(self._folder / name)
                wrapped = self._encryption.wrap(secrets.token_bytes(32), _context(name))
                _write_new(self._folder / name / "versions", self._versions.encode())
                self._hold(name)
                # The key last: without it nobody takes the folder for a generation.
                _write_new(self._key_file(name), wrapped)
                return name, self._store(name)
        raise Unavailable("the view store")

    def beside(self, name: str) -> EachLedger:
        """Give a generation that was begun, perhaps by another process; raises HomeNotReady."""
        try:
            return self._store(name)
        except FileNotFoundError:
            raise HomeNotReady(f"{name} is gone: another rebuild took its place") from None

    def switch(self, name: str) -> None:
        """Put a generation in use and remove all others."""
        if not self._key_file(name).exists():
            raise HomeNotReady(f"{name} is gone: another rebuild took its place; rebuild again")
        with _writing():
            self._pointer(name).replace(self._folder / "current")
            _sync(self._folder)
            self._let_go(name)
            for number in self._numbers():
                if (other := f"gen-{number:06}") != name:
                    self._remove(other)

    def discard(self, name: str) -> None:
        """Remove a generation that is not in use."""
        if name != self.current():
            with _writing():
                self._remove(name)
        self._let_go(name)

    def sweep(self) -> None:
        """Remove, keys and all, what rebuilds left that were killed; what is being made stays."""
        with _writing():
            for number in sorted(self._numbers()):
                self._sweep(f"gen-{number:06}")

    def rewrap(self, change: Change) -> None:
        """Wrap the key of each generation anew; one that opens by neither key is left as it is.

        It may be stopped anywhere and begun again. What is begun meanwhile is under the new key.
        """
        for number in sorted(self._numbers()):
            name = f"gen-{number:06}"
            with _writing(), contextlib.suppress(FileNotFoundError, NotOpened):
                fresh = change.of(self._key_file(name).read_bytes(), _context(name))
                if fresh is not None:
                    beside = self._folder / name / "key-next"
                    beside.unlink(missing_ok=True)
                    _write_new(beside, fresh)
                    beside.replace(self._key_file(name))
                    _sync(self._folder / name)

    def close(self) -> None:
        """Let go of the store in use, and of what was begun and not put in use."""
        with self._lock:
            self._open = None
        for name in list(self._held):
            self._let_go(name)

    def _first(self) -> str:
        """Make the first generation, unless another process is quicker; gives the one in use."""
        name, _ = self.begin()
        with _writing():
            pointer = self._pointer(name)
            try:
                os.link(pointer, self._folder / "current")
            except FileExistsError:
                self._remove(name)
            pointer.unlink()
            _sync(self._folder)
        self._let_go(name)
        return self.current() or name

    def _hold(self, name: str) -> None:
        self._held[name] = os.open(self._folder / name / "versions", os.O_RDONLY)
        fcntl.flock(self._held[name], fcntl.LOCK_EX)

    def _let_go(self, name: str) -> None:
        handle = self._held.pop(name, None)
        if handle is not None:
            os.close(handle)

    def _sweep(self, name: str) -> None:
        try:
            handle = os.open(self._folder / name / "versions", os.O_RDONLY)
        except FileNotFoundError:
            return  # its maker has not come as far as a key, or it has just gone
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Looked at under the lock: it is let go after the pointer is replaced.
            if name != self.current():
                self._remove(name)
        except BlockingIOError:
            return
        finally:
            os.close(handle)

    def _pointer(self, name: str) -> Path:
        """Write what `current` shall hold, beside it."""
        pointer = self._folder / f"current-{name}"
        pointer.unlink(missing_ok=True)
        _write_new(pointer, f"{name}\n".encode())
        return pointer

    def _store(self, name: str) -> EachLedger:
        wrapped = self._key_file(name).read_bytes()
        try:
            key = self._encryption.unwrap(wrapped, _context(name))
        except NotOpened:
            raise HomeNotReady(
                f"the key of {name} does not open with this hub's key file; run `bhr views rebuild`"
            ) from None
        if (self._folder / name / "versions").read_text(encoding="utf-8") != self._versions:
            raise HomeNotReady(
                f"{self._folder} was made by other projections than these; run `bhr views rebuild`"
            )
        return self._keeping.open(self._folder / name, versions=self._versions, key=key)

    def _numbers(self) -> set[int]:
        found = (_NAME.match(path.name) for path in self._folder.glob("gen-*"))
        return {int(match.group(1)) for match in found if match}

    def _key_file(self, name: str) -> Path:
        return self._folder / name / "key"

    def _remove(self, name: str) -> None:
        """Remove a generation, its key first: what a crash leaves behind then says nothing."""
        self._key_file(name).unlink(missing_ok=True)
        try:
            self._keeping.remove(self._folder / name)
        except Unavailable:
            return  # what is left on a server that is away is swept when a hub opens again
        # A reader or projector that still has it open may be making files in it.
        shutil.rmtree(self._folder / name, ignore_errors=True)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Translate what the disk says; that a file exists already is for the caller to know."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError:
        raise Unavailable("the view store") from None


def _context(name: str) -> bytes:
    return b"bhr-views/" + name.encode()


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner alone, durably."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
