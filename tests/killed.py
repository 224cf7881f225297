"""Run a function in a process of its own, and kill it where it hurts."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

FATAL = ("fsync", "rename", "replace", "unlink", "rmdir")
"""What a killed command may have been about to ask of the disk."""


def apart(run: Callable[[], int | None], prepare: Callable[[], None] = lambda: None) -> int:
    """Start a function in a child of this process and return its number."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            prepare()
            code = run() or 0
        finally:
            os._exit(code)
    return child


def outcome(child: int) -> int:
    """Wait for a child; return its exit status, negative when a signal killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step: int) -> Callable[[], None]:
    """Return what makes a process kill itself before its n-th request to the disk."""

    def prepare() -> None:
        left = [step]

        def dying(original):
            def call(*arguments, **options):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*arguments, **options)

            return call

        for name in FATAL:
            setattr(os, name, dying(getattr(os, name)))

    return prepare


def killed_after(child: int, seconds: float) -> int:
    """Kill a child after a while, if it still runs; return how it ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return outcome(child)


def content(*folders: Path) -> dict[str, bytes]:
    """Return every file of some folders, hidden ones too."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
