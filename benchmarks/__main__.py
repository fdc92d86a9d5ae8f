"""`make bench`: every benchmark, or those named. Each is a file of this folder with a function `rows`."""

from __future__ import annotations

import os
import pkgutil
import platform
import sys
from importlib import import_module

import benchmarks
from benchmarks.report import Row, lines

PARTS = {"__main__", "report"}


def main(wanted: list[str]) -> int:
    """Run the benchmarks one after another and print one table; 2 for a name that there is not."""
    names = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - PARTS)
    if unknown := set(wanted) - set(names):
        print(f"no benchmark {sorted(unknown)[0]!r} · there is {', '.join(names)}", file=sys.stderr)
        return 2
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    found: list[Row] = []
    for name in wanted or names:
        print(f"{name} …", file=sys.stderr, flush=True)
        found += import_module(f"benchmarks.{name}").rows()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}\n")
    print(*lines(found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
