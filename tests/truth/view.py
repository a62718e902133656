#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives `memperf view` in a pseudo-terminal of 80x24 and measures it from outside: see view.sh.

A screen is repainted when its output has been silent for SILENCE after its first byte; what is painted again later (a
filter that goes on) is not waited for. Memory is the peak resident set of the viewer and of the process that judges,
added up; what they share is counted twice."""
import atexit
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

SILENCE = 0.002
# What a person's settings are is not measured, and root could make any other folder.
home = tempfile.mkdtemp()
atexit.register(shutil.rmtree, home)
KEYS = {"Esc": "\033", "Enter": "\r", "Down": "\033OB", "PgDn": "\033[6~", "Space": " ", "Tab": "\t"}
# Everything that a person does with a hundred thousand rows.
SESSION = """1 2 a j j k PgDn PgDn ^D ^U G g s s s s s s s r r S j Enter S Esc / m a n y 7 Enter n n n N N . . ,
	f m a n y 3 Enter F f n > = 5 Enter j j F Enter p c s i L v o e w ] [ Esc 3 ] T T Esc 4 ] 5 j j 6 j j 1 j j Enter
	Esc ? / s o r t Enter Esc c j Space Space Esc % % x x 2 y Y T T Tab Tab : i n f o Enter""".split()


class Viewer:
    def __init__(self, program, *files):
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=home, TMPDIR="/tmp")
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(program, [program, "view", *files])
        self.peaks = {}

    def memory(self):
        """kB, at this moment's peaks."""
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children") as f:
                children = f.read().split()
        except OSError:
            children = []
        for pid in [str(self.pid), *children]:
            try:
                with open(f"/proc/{pid}/status") as f:
                    for line in f:
                        if line.startswith("VmHWM"):
                            self.peaks[pid] = int(line.split()[1])
            except OSError:
                pass

    def until(self, text, limit=60):
        """Milliseconds from the start until the output holds it."""
        seen = b""
        while time.monotonic() - self.start < limit:
            if select.select([self.fd], [], [], 0.001)[0]:
                seen += os.read(self.fd, 65536)
                if text in seen:
                    return (time.monotonic() - self.start) * 1e3
            self.memory()
        raise SystemExit(f"the screen does not come to hold {text!r}")

    def settle(self):
        while select.select([self.fd], [], [], 0.3)[0]:
            os.read(self.fd, 65536)
            self.memory()

    def press(self, key):
        """Milliseconds to the repainted screen; None: nothing was painted."""
        code = KEYS.get(key) or (chr(ord(key[1]) & 31) if len(key) == 2 and key[0] == "^" else key)
        start = last = time.monotonic()
        os.write(self.fd, code.encode())
        if not select.select([self.fd], [], [], 0.5)[0]:
            return None
        while select.select([self.fd], [], [], SILENCE)[0]:
            os.read(self.fd, 65536)
            last = time.monotonic()
            if last - start > 2:
                break
        return (last - start) * 1e3

    def end(self):
        os.write(self.fd, b"\033\033qq")
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)


def forget(*files):
    """Drops them from the page cache, where they are on a disk."""
    for name in files:
        with open(name, "rb") as f:
            os.fsync(f.fileno())
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def on_disk(folder):
    kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip()
    return kind not in ("tmpfs", "ramfs")


def spread(values):
    values = sorted(values)
    return f"median {values[len(values) // 2]:.1f} ms, {values[0]:.1f} to {values[-1]:.1f}"


def first_screen(program, what, files, rounds, cold=False):
    times, peaks = [], []
    for _ in range(rounds):
        if cold:
            forget(*files)
        viewer = Viewer(program, *files)
        times.append(viewer.until(b"unsure"))
        viewer.settle()
        peaks.append(sum(viewer.peaks.values()))
        viewer.end()
    print(f"first screen with verdicts, {what}: {spread(times)}; peak {max(peaks) / 1024:.0f} MiB")


def main():
    program, work = sys.argv[1:3]
    calls = [f"{work}/calls-{side}.db" for side in "ab"]
    many = [f"{work}/many-{side}.db" for side in "ab"]
    first_screen(program, "2 x 1,000 cases with single calls", calls, 11)
    first_screen(program, "2 x 100,000 cases", many, 5)
    if on_disk(work):
        first_screen(program, "2 x 100,000 cases, cold page cache", many, 3, cold=True)
    viewer = Viewer(program, *many)
    viewer.until(b"unsure")
    viewer.settle()
    times = {}
    for _ in range(3):
        for key in SESSION:
            times.setdefault(key, []).append(viewer.press(key))
            time.sleep(0.02)
            if key in ("x", "Enter", "4"):
                viewer.settle()
    viewer.memory()
    everything = sorted(t for each in times.values() for t in each if t is not None)
    p99 = everything[min(len(everything) - 1, int(len(everything) * 0.99))]
    print(f"key to repainted screen, 100,000 rows: {len(everything)} keys, p50 {everything[len(everything) // 2]:.1f} ms, "
          f"p99 {p99:.1f} ms, longest {everything[-1]:.1f} ms; viewer {viewer.peaks[str(viewer.pid)] / 1024:.0f} MiB")
    slow = sorted(((max(t for t in each if t is not None), key) for key, each in times.items()
                   if any(t is not None for t in each)), reverse=True)[:8]
    print("slowest: " + ", ".join(f"{key} {t:.1f}" for t, key in slow))
    viewer.end()


if __name__ == "__main__":
    main()
