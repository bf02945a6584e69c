"""Programs whose standard error is a terminal."""

import os
import pty
import subprocess


def with_terminal(words, timeout=60):
    """The exit code, the output, and what the terminal saw."""
    parent, child = pty.openpty()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=child, text=True)
    os.close(child)
    seen = b""
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(parent)
    output, _ = process.communicate(timeout=timeout)
    return process.returncode, output, seen.decode()
