"""Reads the folder table of ARCHITECTURE.md and every include of the sources, and says where they disagree.

The table's rows are `| folder | what it makes | may include | outside |`. A folder's own files are always allowed;
a folder without a row belongs to the row of the nearest folder above it. `outside` names libraries (a star: in .cpp
files only) and what of the system is used: files, threads, POSIX. A floor that uses none of these is pure, and is
searched for clocks, random devices, the environment and printing too.
"""

import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANYTHING = "anything"
SYSTEM = {"files", "threads", "POSIX"}

LIBRARY_OF_PREFIX = [
    ("tl/", "tl-expected"),
    ("fmt/", "fmt"),
    ("Eigen/", "Eigen"),
    ("hwy/", "Highway"),
    ("boost/json", "Boost.JSON"),
    ("boost/url", "Boost.URL"),
    ("boost/describe", "Boost.Describe"),
    ("boost/mp11", "Boost.Describe"),
    ("boost/", "Boost.Beast"),
    ("zlib.h", "zlib"),
    ("sqlite3.h", "SQLite"),
    ("mongoc/", "libmongoc"),
    ("crypt.h", "libcrypt"),
    ("openssl/", "OpenSSL"),
    ("jwt.h", "libjwt"),
    ("curl/", "libcurl"),
    ("spdlog/", "spdlog"),
    ("prometheus/", "prometheus-cpp"),
    ("CLI/", "CLI11"),
    ("toml++/", "toml++"),
    ("gtest/", "GoogleTest"),
    ("gmock/", "GoogleTest"),
    ("benchmark/", "Google Benchmark"),
]
THREADS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "atomic", "stop_token", "semaphore",
           "latch", "barrier"}
FILES = {"fstream", "iostream", "filesystem", "cstdio", "syncstream"}
IMPURE = re.compile(r"_clock::now|random_device|\bgetenv\b|std::c(out|err|in|log)\b|\bf?printf\s*\(|\bfopen\b"
                    r"|std::this_thread|\bthread_local\b|std::time\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


class Row:
    def __init__(self, folder, includes, outside):
        self.folder = folder
        self.includes = includes
        self.outside = {name.rstrip("*") for name in outside}
        self.sources_only = {name.rstrip("*") for name in outside if name.endswith("*")}
        self.pure = not self.outside & (SYSTEM | {ANYTHING})


def read_table(document):
    """Rows of the one table whose head begins with `| Folder |`."""
    rows, inside = {}, False
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| Folder |"):
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and not set(line) <= set("|- :"):
            folder = cells[0].strip("`/")
            split = [[word.strip(" `") for word in cell.split(",") if word.strip(" `-")] for cell in cells[2:4]]
            rows[folder] = Row(folder, *split)
    return rows


def library_of(header):
    for prefix, library in LIBRARY_OF_PREFIX:
        if header.startswith(prefix):
            return library
    if header in THREADS:
        return "threads"
    if header in FILES:
        return "files"
    if "/" not in header and "." not in header:
        return None  # the rest of the standard library is everybody's
    return "POSIX" if header.endswith(".h") else f"unknown library <{header}>"


def row_of(rows, folder):
    while folder and folder not in rows:
        folder = folder.rpartition("/")[0]
    return rows.get(folder)


def code_files(root):
    """(folder as the table names it, file) of the library and the program."""
    for base, prefix in ((root / "src" / "topoforge", ""), (root / "apps" / "topoforge", "apps/topoforge")):
        for path in sorted(base.rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                inner = path.parent.relative_to(base).as_posix()
                yield "/".join(part for part in (prefix, inner) if part and part != "."), path


def check_line(rows, row, root, path, line):
    """What is wrong with a line, or nothing."""
    match = INCLUDE.match(line)
    test = path.stem.endswith(("_test", "_bench"))
    if not match:
        if row.pure and not test and (found := IMPURE.search(line.partition("//")[0])):
            return f"{row.folder} is pure, but uses {found.group(0)}"
        return None
    project, outside = match.groups()
    if project:
        if not project.startswith("topoforge/"):
            return None if test else f'"{project}" is no include of the project: write "topoforge/..."'
        folder = pathlib.PurePosixPath(project).parent.as_posix().partition("/")[2]
        in_library = (root / "src" / project).exists()
        owner = row_of(rows, folder) if in_library else row_of(rows, f"apps/topoforge/{folder}".rstrip("/"))
        if owner is None:
            return f'"{project}" lies in a folder that the table does not name'
        if not in_library and not (root / "apps" / project).exists():
            return f'"{project}" does not exist'
        if owner is row or ANYTHING in row.includes:
            return None
        allowed = any(owner.folder == name or owner.folder.startswith(name + "/") for name in row.includes)
        return None if allowed else f"{row.folder} may not include {owner.folder}"
    library = library_of(outside)
    if library is None or test or library in row.outside | {ANYTHING} and library not in row.sources_only:
        return None
    if ANYTHING in row.outside:
        return None
    if library in row.sources_only:
        return None if path.suffix == ".cpp" else f"{row.folder} may use {library} in .cpp files only"
    return f"{row.folder} may not use {library} (<{outside}>)"


def violations(root):
    rows = read_table((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    if not rows:
        return ["ARCHITECTURE.md: no table with the head `| Folder |`"]
    found = []
    for folder in rows:
        if not (root / "src" / "topoforge" / folder).is_dir() and not (root / folder).is_dir():
            found.append(f"ARCHITECTURE.md: the table names {folder}, which does not exist")
        for name in rows[folder].includes:
            if name != ANYTHING and not any(row == name or row.startswith(name + "/") for row in rows):
                found.append(f"ARCHITECTURE.md: {folder} may include {name}, which the table does not name")
    for folder, path in code_files(root):
        place = path.relative_to(root).as_posix()
        row = row_of(rows, folder)
        if row is None:
            # Only the umbrella header stands above the folders.
            if place != "src/topoforge/topoforge.hpp":
                found.append(f"{place}:1: its folder is missing in the table of ARCHITECTURE.md")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if fault := check_line(rows, row, root, path, line):
                found.append(f"{place}:{number}: {fault}")
    return found


class Layers(unittest.TestCase):
    def test_the_sources_keep_to_the_table(self):
        found = violations(ROOT)
        self.assertFalse(found, "\n" + "\n".join(found))


class PlantedViolations(unittest.TestCase):
    """The test itself is tested: each fault, planted in a small tree, is seen at its place."""

    TABLE = """# Table
| Folder | Makes | May include | Outside |
|---|---|---|---|
| `base` | values | - | tl-expected |
| `core/event` | events | base | fmt* |
| `core/window` | windows | base, core/event | - |
| `adapters/file` | lines | base | zlib, files |
"""
    FILES = {
        "base/result.hpp": "#include <tl/expected.hpp>\n#include <string>\n",
        "core/event/event.hpp": '#include "topoforge/base/result.hpp"\n',
        "core/event/event.cpp": '#include <fmt/format.h>\n#include "topoforge/core/event/event.hpp"\n',
        "core/event/event_test.cpp": '#include <gtest/gtest.h>\n#include <fstream>\n#include "oracle/x.hpp"\n',
        "core/window/window.hpp": '#include "topoforge/core/event/event.hpp"\n',
        "adapters/file/lines.cpp": "#include <zlib.h>\n#include <fstream>\nauto t = std::chrono::system_clock::now();\n",
    }

    def found_with(self, name=None, text="", table=TABLE):
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            for file, content in {**self.FILES, **({name: text} if name else {})}.items():
                path = root / "src" / "topoforge" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            (root / "ARCHITECTURE.md").write_text(table, encoding="utf-8")
            return violations(root)

    def test_a_good_tree_is_clean(self):
        self.assertEqual(self.found_with(), [])

    def test_an_arrow_that_points_up_is_seen(self):
        self.assertEqual(self.found_with("core/event/up.hpp", '\n#include "topoforge/core/window/window.hpp"\n'),
                         ["src/topoforge/core/event/up.hpp:2: core/event may not include core/window"])

    def test_a_library_of_another_floor_is_seen(self):
        self.assertEqual(self.found_with("core/window/w.cpp", "#include <zlib.h>\n"),
                         ["src/topoforge/core/window/w.cpp:1: core/window may not use zlib (<zlib.h>)"])
        self.assertEqual(self.found_with("core/window/w.cpp", "#include <poll.h>\n"),
                         ["src/topoforge/core/window/w.cpp:1: core/window may not use POSIX (<poll.h>)"])

    def test_a_library_for_sources_is_refused_in_a_header(self):
        self.assertEqual(self.found_with("core/event/h.hpp", "#include <fmt/format.h>\n"),
                         ["src/topoforge/core/event/h.hpp:1: core/event may use fmt in .cpp files only"])

    def test_threads_and_clocks_are_refused_in_a_pure_floor(self):
        self.assertEqual(self.found_with("core/window/w.cpp", "#include <mutex>\nauto t = steady_clock::now();\n"),
                         ["src/topoforge/core/window/w.cpp:1: core/window may not use threads (<mutex>)",
                          "src/topoforge/core/window/w.cpp:2: core/window is pure, but uses _clock::now"])

    def test_a_folder_without_a_row_and_a_row_without_a_folder_are_seen(self):
        self.assertEqual(self.found_with("core/new/n.hpp", "\n"),
                         ["src/topoforge/core/new/n.hpp:1: its folder is missing in the table of ARCHITECTURE.md"])
        self.assertEqual(self.found_with(table=self.TABLE + "| `core/gone` | - | base | - |\n"),
                         ["ARCHITECTURE.md: the table names core/gone, which does not exist"])

    def test_a_document_without_a_table_is_refused(self):
        self.assertEqual(self.found_with(table="# Nothing\n"), ["ARCHITECTURE.md: no table with the head `| Folder |`"])


if __name__ == "__main__":
    sys.exit(unittest.main())
