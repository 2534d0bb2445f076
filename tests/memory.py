"""How much memory a process has held at most."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s+([0-9]+) kB$", re.MULTILINE)


def peak_kib(pid: int) -> int:
    """Give the most memory that a process held so far; where only that is told, what it holds.

    What `getrusage` tells of a process begins with what its parent held when it was started.
    """
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = _PEAK.search(status.read_text(encoding="ascii"))
        assert found is not None
        return int(found[1])
    held = subprocess.run(
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True
    )
    return int(held.stdout)
