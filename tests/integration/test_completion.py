"""The command `topoforge completion` from outside: the bash script is sourced and asked as bash would ask it."""
import re
import shutil
import subprocess

import pytest

from program import BINARY


def script(shell):
    done = subprocess.run([BINARY, "completion", shell], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def complete(*words, folder="/"):
    """What bash offers for the last of the words; the line is cut at '=' as bash does it."""
    asked = script("bash") + """
COMP_WORDS=("topoforge" "$@"); COMP_CWORD=$#
_topoforge
printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "-u", "-c", asked, "bash", *words], capture_output=True, text=True, timeout=60,
                          cwd=folder)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return sorted(done.stdout.split("\n")[:-1]) if done.stdout != "\n" else []


def subcommands_of_help():
    text = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=60).stdout
    below = text.split("Subcommands:\n")[1]
    return [line.split()[0] for line in below.splitlines() if line.startswith("  ") and line[2] != " "]


def test_every_subcommand_is_offered():
    offered = complete("")
    commands = subcommands_of_help()
    assert "rules" in commands and "completion" in commands
    for command in commands:
        assert command in offered
    assert "--help" in offered and "--version" in offered


def test_started_word_narrows_the_offer():
    assert complete("ru") == ["rules"]
    assert complete("nothing-like-it") == []


def test_every_option_of_every_help_is_offered():
    for command in subcommands_of_help():
        text = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, timeout=60).stdout
        options = set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE))
        assert options, text
        assert options <= set(complete(command, "--")), command


def test_choices_of_a_positional_are_offered():
    assert complete("completion", "") == ["bash", "fish", "zsh"]
    assert complete("completion", "z") == ["zsh"]


def test_choices_of_an_option_are_offered():
    assert complete("watch", "--format", "") == ["ndjson", "text"]
    assert complete("watch", "--format", "=", "nd") == ["ndjson"]
    assert complete("watch", "--rate", "") == [], "a number has no completion"


def test_files_are_offered_for_a_file_option(tmp_path):
    (tmp_path / "my rules.toml").write_text("")
    (tmp_path / "other.toml").write_text("")
    assert complete("rules", "--check", "", folder=tmp_path) == ["my rules.toml", "other.toml"]
    assert complete("rules", "--check", "=", "my", folder=tmp_path) == ["my rules.toml"]
    assert complete("rules", "--check", "=", folder=tmp_path) == ["my rules.toml", "other.toml"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_sound_in_its_own_shell(shell):
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([path, "-n"], input=script(shell), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_unknown_shell_is_wrong_use():
    done = subprocess.run([BINARY, "completion", "tcsh"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "tcsh" in done.stderr
