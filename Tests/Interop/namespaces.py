"""A second host on this machine: a network namespace behind a pair of virtual Ethernet devices (iproute2, as root)."""

import contextlib
import ctypes
import itertools
import os
import subprocess

CLONE_NEWNET = 0x40000000


class Neighbour:
    """A host that reaches this one at `here` and is seen as `there`."""

    _made = itertools.count()

    def __init__(self):
        number = os.getpid() % 16_384
        # A network of four addresses below 10.240.0.0/16.
        base = f"10.240.{number // 64}.{number % 64 * 4}"
        first, last = base.rsplit(".", 1)
        self.here, self.there = f"{first}.{int(last) + 1}", f"{first}.{int(last) + 2}"
        unique = f"{os.getpid()}-{next(self._made)}"
        self.name = f"heddle-{unique}"
        self.ends = ends = (f"hd{unique}a", f"hd{unique}b")
        self._ip("netns", "add", self.name)
        try:
            self._ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1], "netns", self.name)
            self._ip("addr", "add", f"{self.here}/30", "dev", ends[0])
            self._ip("link", "set", ends[0], "up")
            self._ip("-n", self.name, "addr", "add", f"{self.there}/30", "dev", ends[1])
            self._ip("-n", self.name, "link", "set", ends[1], "up")
            self._ip("-n", self.name, "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _ip(*words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"

    def cut(self):
        """Its power fails: it sends nothing any more, not even that connections have ended."""
        self._ip("-n", self.name, "link", "set", self.ends[1], "down")

    def close(self):
        # The kernel ends a namespace some time after its name, so that the next host here would meet the old devices.
        try:
            if os.path.exists(f"/sys/class/net/{self.ends[0]}"):
                self._ip("link", "del", self.ends[0])
        finally:
            self._ip("netns", "del", self.name)

    @contextlib.contextmanager
    def inside(self):
        """What this thread does, and every process that it starts, is on the other host."""
        library = ctypes.CDLL(None, use_errno=True)

        def enter(path):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if library.setns(descriptor, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns", path)
            finally:
                os.close(descriptor)

        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            enter(f"/var/run/netns/{self.name}")
            try:
                yield self
            finally:
                if library.setns(own, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns back")
        finally:
            os.close(own)
