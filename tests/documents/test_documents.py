"""Checks the documents like code: the make targets, subcommands and options that they name exist, and their links
lead to files. The program is TOPOFORGE_BINARY."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TOPOFORGE_BINARY", str(ROOT / "build" / "release" / "topoforge"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = [(path, path.read_text(encoding="utf-8")) for path in DOCUMENTS]


def code_of(text):
    """Fenced blocks and inline code: where commands stand."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    return [code for kind, code in blocks if kind in ("", "sh", "bash", "console")] + re.findall(r"`([^`\n]+)`", text)


def commands_in(text):
    """Each `topoforge ...` of the text, to the end of its command."""
    for code in code_of(text):
        for line in code.replace("\\\n", " ").splitlines():
            line = line.partition("#")[0].strip().removeprefix("$ ")
            for part in re.split(r"\||&&|;", line):
                match = re.match(r"\s*(?:[A-Z_]+=\S+ )*(?:build/release/)?topoforge((?: \S+)*)", part)
                if match and match.group(1):
                    yield match.group(1).split()


def help_of(*words):
    done = subprocess.run([BINARY, *words, "--help"], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout if done.returncode == 0 else None


class Documents(unittest.TestCase):
    def test_sessions_show_what_the_program_prints(self):
        seen = 0
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for session in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
                    for command, shown in re.findall(r"^\$ topoforge (.*)\n((?:(?!\$ ).*\n)*)", session, re.M):
                        done = subprocess.run([BINARY, *command.split()], cwd=ROOT, capture_output=True, text=True,
                                              timeout=60, check=True)
                        self.assertEqual(shown, done.stdout)
                        seen += 1
        self.assertGreater(seen, 0)

    def test_links_lead_to_files(self):
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for target in re.findall(r"\]\(([^)\s]+)\)", text):
                    if not re.match(r"[a-z]+:|#", target):
                        file = path.parent / target.partition("#")[0]
                        self.assertTrue(file.exists(), f"the link to {target} leads nowhere")

    def test_files_that_are_named_exist(self):
        folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for name in re.findall(rf"`((?:{folders})/[\w./-]+)`", text):
                    if not name.startswith("build/"):
                        self.assertTrue((ROOT / name).exists(), f"there is no {name}")

    def test_every_promise_has_its_proof(self):
        text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
        rows = [line for line in text.splitlines() if re.match(r"\| (?!Promise |Input |Target )", line)]
        self.assertGreater(len(rows), 80)
        for row in rows:
            proof = row.rstrip("| ").rpartition(" | ")[2]
            names = re.findall(r"`([\w./-]+)`", proof)
            self.assertTrue(names, f"no proof of: {row}")
            for name in names:
                self.assertTrue((ROOT / name).exists(), f"there is no {name}")

    def test_make_targets_exist(self):
        targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for code in code_of(text):
                    for target in re.findall(r"(?:^|&& )make ([a-z][a-z-]*)", code, re.M):
                        self.assertIn(target, targets, f"the Makefile has no target {target}")

    def test_subcommands_and_their_options_exist(self):
        self.assertIsNotNone(help_of(), f"{BINARY} --help fails")
        seen = 0
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for words in commands_in(text):
                    if words[0].startswith("-"):
                        shown = help_of()
                    else:
                        shown = help_of(words[0])
                        self.assertIsNotNone(shown, f"topoforge has no subcommand {words[0]}")
                    for word in words:
                        if option := re.match(r"--[a-z][a-z-]*", word):
                            self.assertRegex(shown, rf"{option.group(0)}(?![a-z-])", f"in: topoforge {' '.join(words)}")
                    seen += 1
        self.assertGreater(seen, 0, "no document shows the program at work")

    def test_the_readme_names_every_subcommand(self):
        shown = help_of().partition("Subcommands:")[2]
        named = re.findall(r"^  ([a-z]+)\b", shown, re.M)
        self.assertTrue(named, "--help names no subcommand")
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        for name in named:
            self.assertIn(f"topoforge {name}", readme)

    def test_code_in_documents_stands_in_the_sources(self):
        seen = 0
        for path, text in TEXTS:
            with self.subTest(path.relative_to(ROOT).as_posix()):
                for name, code in re.findall(r"^<!-- from: (\S+) -->\n```\w+\n(.*?)^```", text, re.M | re.S):
                    self.assertIn(code, (ROOT / name).read_text(encoding="utf-8"), f"{name} has other code")
                    seen += 1
        self.assertGreater(seen, 0)

    def test_settings_are_documented_as_the_program_has_them(self):
        done = subprocess.run([sys.executable, ROOT / "scripts" / "document-settings", "--check"],
                              env={**os.environ, "TOPOFORGE_BINARY": BINARY}, capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
