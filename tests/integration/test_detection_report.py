"""`topoforge detect --report` from outside: one page that stands alone."""

import html.parser
import math
import random
import re
import subprocess

import pytest

from program import BINARY

HOSTILE = "<script>alert(1)</script>"


class Page(html.parser.HTMLParser):
    """Elements, attributes and text; asserts that every element is closed in its order."""

    VOID = {"meta"}

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:], self.getpos())
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """Two channels in noise; between rows 700 and 730 they run round a circle far out."""
    generator = random.Random(3)
    path = tmp_path_factory.mktemp("report") / "stream <&>.csv"
    with open(path, "w") as out:
        out.write(f'timestamp,"{HOSTILE}",y\n')
        for i in range(1000):
            x, y = generator.gauss(0, 1), math.sin(i / 8) + generator.gauss(0, 0.1)
            if 700 < i < 730:
                x, y = 8 * math.cos(i / 2), 8 * math.sin(i / 2)
            out.write(f"2024-01-01T00:{i // 60:02d}:{i % 60:02d}Z,{x:.4f},{y:.4f}\n")
    return path


def detect(path, *arguments):
    command = [BINARY, "detect", str(path), "--train-rows", "500", "--quiet", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_page_shows_the_anomaly_and_stands_alone(stream, tmp_path):
    report = tmp_path / "report.html"
    done = detect(stream, "--report", report)
    assert (done.returncode, done.stderr) == (0, "")
    text = report.read_text()
    page = Page(text)
    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "img", "link", "iframe", "object", "embed"}
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "srcset") for name in attributes)
        if "href" in attributes:
            assert tag == "a" and attributes["href"].startswith("https://attack.mitre.org/techniques/T")
    assert "url(" not in text and "@import" not in text
    assert HOSTILE in page.text and stream.name in page.text
    assert re.search(r"\d anomalous episodes? in 1,000 rows", page.text)
    peak = int(re.search(r"The worst peaks at row (\d+) \(2024-01-01T00:", page.text).group(1))
    assert 700 < peak < 785
    for heading in ["Barcode", "Persistence diagram", "Landscape of H", "Which detector says so", "Episodes"]:
        assert heading in page.text


def test_the_result_is_the_same_with_and_without_a_report(stream, tmp_path):
    plain = detect(stream, "--format", "csv")
    reported = detect(stream, "--format", "csv", "--report", tmp_path / "report.html")
    assert plain.returncode == 0
    assert plain.stdout == reported.stdout


def test_the_same_run_writes_the_same_page(stream, tmp_path):
    pages = []
    for name in ["one.html", "two.html"]:
        assert detect(stream, "--report", tmp_path / name).returncode == 0
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_a_long_file_gives_a_page_of_bounded_size(tmp_path):
    generator = random.Random(4)
    path = tmp_path / "long.csv"
    with open(path, "w") as out:
        out.write("a,b,c\n")
        for _ in range(60000):
            out.write(f"{generator.random():.3f},{generator.random():.3f},{generator.random():.3f}\n")
    report = tmp_path / "report.html"
    done = detect(path, "--stride", 50, "--report", report)
    assert done.returncode == 0, done.stderr
    assert report.stat().st_size < 400_000


def test_a_failed_run_leaves_no_page(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("a\n" + "1\n" * 600 + "oops\n")
    report = tmp_path / "report.html"
    assert detect(path, "--report", report).returncode == 1
    assert list(tmp_path.iterdir()) == [path]


def test_report_and_output_cannot_share_standard_output(stream):
    done = detect(stream, "--report", "-")
    assert done.returncode == 2
    assert "--report -" in done.stderr


def test_a_report_that_cannot_be_written_exits_with_1(stream, tmp_path):
    done = detect(stream, "--report", tmp_path / "no-folder" / "report.html")
    assert done.returncode == 1
    assert "no-folder" in done.stderr
