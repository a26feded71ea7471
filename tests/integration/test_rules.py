"""The command `topoforge rules` from outside."""
import subprocess

from program import BINARY


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)


def test_printed_default_table_passes_its_own_check(tmp_path):
    printed = run("rules")
    assert printed.returncode == 0
    assert printed.stdout.count("[[rule]]") == 3
    for technique in ("T1071", "T1048", "T1499"):
        assert f'technique_id = "{technique}"' in printed.stdout
    copy = tmp_path / "rules.toml"
    copy.write_text(printed.stdout)
    checked = run("rules", "--check", str(copy))
    assert (checked.returncode, checked.stdout) == (0, f"{copy}: ok, 3 rules\n")


def test_every_problem_of_a_table_is_named_with_its_place(tmp_path):
    table = tmp_path / "rules.toml"
    text = run("rules").stdout.replace("TA0010", "TA10").replace("min_score = 0.8", "min_score = 8")
    table.write_text(text)
    checked = run("rules", "--check", str(table))
    lines = text.splitlines()
    tactic = lines.index('tactic_id = "TA10"') + 1
    score = lines.index("min_score = 8") + 1
    assert checked.returncode == 1
    assert checked.stdout == ""
    assert checked.stderr.splitlines() == [
        f'{table}:{tactic}:13: rule 2, tactic_id: "TA10" is not a tactic id like TA0011',
        f"{table}:{score}:13: rule 2, min_score: 8 is outside [0, 1]",
        f"topoforge: error: 2 problems in {table}",
    ]


def test_missing_file_and_folder_fail_with_a_message(tmp_path):
    missing = run("rules", "--check", str(tmp_path / "none.toml"))
    assert missing.returncode == 1
    assert "none.toml': No such file or directory" in missing.stderr
    folder = run("rules", "--check", str(tmp_path))
    assert folder.returncode == 1
    assert "Is a directory" in folder.stderr


def test_endless_file_is_refused_by_its_size():
    endless = run("rules", "--check", "/dev/zero")
    assert endless.returncode == 1
    assert "longer than the 262144 bytes" in endless.stderr


def test_wrong_use_is_exit_code_2():
    assert run("rules", "--chek", "x").returncode == 2
    assert run("rules", "--check").returncode == 2
