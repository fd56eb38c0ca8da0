"""Gives the packages of a virtual environment their bytecode.

Usage: python bytecode.py CACHE, run by the Python of the environment.

What was compiled before for this user is linked from the folder CACHE; only the rest is compiled,
and kept there. A file of bytecode names the size and the time of its source
(https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation), which uv shares
between environments: one that does not fit is compiled again.
"""

import csv
import importlib.util
import os
import py_compile
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

#: Magic number, flags, time and size of the source, four bytes each.
HEADER_LENGTH = 16


def main() -> None:
    """Links what is in the cache, compiles the rest, and keeps that."""
    packages = sysconfig.get_path("purelib")
    cache = f"{sys.argv[1]}/{sys.implementation.cache_tag}"
    missing = {
        source: kept
        for source, kept in modules(packages)
        if not place(f"{cache}/{kept}", importlib.util.cache_from_source(source), source)
    }
    if not missing:
        return
    with ProcessPoolExecutor() as pool:
        list(pool.map(compile_module, missing, chunksize=20))
    for source, kept in missing.items():
        place(importlib.util.cache_from_source(source), f"{cache}/{kept}", source)


def modules(packages: str) -> Iterator[tuple[str, str]]:
    """Each installed module with the name of its bytecode in the cache."""
    for package in distributions(path=[packages]):
        folder = f"{package.name}-{package.version}"
        for file, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
            if file.endswith(".py") and ".." not in file and os.path.isfile(f"{packages}/{file}"):
                yield f"{packages}/{file}", f"{folder}/{file}c"


def compile_module(source: str) -> None:
    """Writes the bytecode of a module to where Python looks for it."""
    # Packages carry templates, and files for other versions of Python, which nothing imports.
    with suppress(py_compile.PyCompileError):
        py_compile.compile(source, quiet=2)


def place(bytecode: str, target: str, source: str) -> bool:
    """Whether there is bytecode at `target` that fits the source, linked there if need be."""
    expected = header_of(source)
    if has_header(target, expected):
        return True
    if not has_header(bytecode, expected):
        return False
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    draft = f"{target}.{os.getpid()}"
    try:
        os.link(bytecode, draft)
    except OSError:
        # Another file system, or one that has no links.
        shutil.copyfile(bytecode, draft)
    Path(draft).replace(target)
    return True


def header_of(source: str) -> bytes:
    """What the bytecode of a module begins with when it is up to date."""
    status = os.stat(source)
    numbers = (0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    return importlib.util.MAGIC_NUMBER + b"".join(
        number.to_bytes(4, "little") for number in numbers
    )


def has_header(file: str, header: bytes) -> bool:
    """Whether the file is there and begins so."""
    try:
        with open(file, "rb") as content:
            return content.read(HEADER_LENGTH) == header
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main()
