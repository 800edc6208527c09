"""``python -m benchmarks NAME [NAME ...] [--check] [--json FILE]``: figures beside their peers and bounds.

A benchmark is a module of this package with a function ``run() -> Iterable[Figure]``; its first
docstring line is its description. A new one needs no entry anywhere.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import benchmarks
from benchmarks.report import Figure


def found() -> dict[str, ModuleType]:
    """Return the benchmarks of this package by name."""
    names = [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]
    # An app that a benchmark serves is no benchmark: it runs where it is imported.
    names = [name for name in names if not name.startswith("_") and not name.endswith("_app")]
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def main(argv: Sequence[str] | None = None) -> int:
    """Run benchmarks and return 1 where ``--check`` finds a figure that falls short."""
    modules = found()
    listing = "\n".join(f"  {n:<12} {(m.__doc__ or '').splitlines()[0]}" for n, m in modules.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=f"Benchmarks:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="+", choices=list(modules), metavar="NAME", help=", ".join(modules))
    parser.add_argument("--check", action="store_true", help="exit 1 where a figure falls short, naming it")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE")
    options = parser.parse_args(argv)
    figures: list[Figure] = []
    for name in options.names:
        for figure in modules[name].run():
            print(figure.line(), flush=True)
            figures.append(figure)
    if options.json:
        text = json.dumps([f.to_dict() for f in figures], ensure_ascii=False, indent=2)
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    short = [f for f in figures if f.met is False]
    if options.check and short:
        sys.stderr.write("".join(f"falls short: {f.line()}\n" for f in short))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
