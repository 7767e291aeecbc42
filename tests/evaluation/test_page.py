"""The report in a real browser: at phone and desk width, without a script, without the network."""

import json
import re
import shutil
import subprocess

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.report import Context, SystemResult, report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LONG = "https://example.org/" + "averylongname" * 12
QUESTIONS = [
    Question(str(i), ("held-out fact", "fact absent")[i % 2], f"What is {LONG} number {i}?",
             (("gold",),) if i % 2 == 0 else (), f"urn:{i}", "urn:r")
    for i in range(60)
]
GRAPH = {"sources": [{"path": LONG, "sha256": "ab" * 32, "format": "turtle", "bytes": 7}], "counts": {"edges": 9}}
PROBE = """<script>addEventListener("load", () => { const page = document.documentElement
parent.postMessage(JSON.stringify({wide: page.scrollWidth, view: page.clientWidth,
  asked: performance.getEntriesByType("resource").length}), "*") })</script>"""
FRAME = """<!DOCTYPE html><title>-</title><script>addEventListener("message", m => { document.title = m.data })</script>
<iframe src="probed.html" style="border:0" width="%d" height="900"></iframe>"""
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="needs chromium")]


def result(name, *texts):
    outputs = [Output(texts[i % len(texts)], False, 0.1 + 0.01 * i, 0.5, (LONG,), (LONG,), 90, 5) for i in range(60)]
    names = NameIndex.from_answers(QUESTIONS)
    return SystemResult(name, outputs, [grade(q, o.text, names) for q, o in zip(QUESTIONS, outputs, strict=True)])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    texts = {"base": ("zork",), "base+facts": ("gold", "zork"), "kgpeft": ("gold", "I don't know.", LONG)}
    results = [result(name, *said) for name, said in texts.items()]
    report(folder, QUESTIONS, results, Context("Metals", GRAPH, {"base": "tiny"}, relations={"urn:r": "has colour"}))
    return folder / "report.html"


def browse(place, width, *flags):
    frame = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
    command = [CHROMIUM, *frame, f"--window-size={width},2400", *flags, place.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_asks_for_nothing_and_has_no_error(page, tmp_path, width):
    shot = tmp_path / f"report-{width}.png"
    done = browse(page, width, f"--screenshot={shot}")
    assert shot.stat().st_size > 20_000 and "CONSOLE" not in done.stderr
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    probed = text.replace("</body>", f"{PROBE}</body>")  # the probe is the test's, the page has no script
    (tmp_path / "probed.html").write_text(probed, encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME % width, encoding="utf-8")
    dumped = browse(tmp_path / "frame.html", 1400, "--dump-dom", "--virtual-time-budget=3000").stdout
    found = json.loads(re.search(r"<title>(.*?)</title>", dumped)[1].replace("&quot;", '"'))
    assert found["view"] == width and found["wide"] <= width and found["asked"] == 0


def test_the_policy_of_the_page_forbids_scripts_and_the_network(page):
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text and "<script" not in text
