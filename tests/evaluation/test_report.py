import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation import report as report_module
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.plots import reliability, risk_coverage
from kgpeft.evaluation.report import Context, SystemResult, report

EVIL = '<script>alert("x")</script> & <b>'
QUESTIONS = [
    Question(str(i), "fact", f"What is it {i}?", (("gold",), ("silver",)), f"urn:{i}", "urn:r") for i in range(30)
]
QUESTIONS += [Question("absent", "absent", "What else is it?")]
GRAPH = {
    "sources": [{"path": EVIL, "sha256": "ab12", "format": "turtle", "bytes": 7}],
    "counts": {"edges": 9},
    "quarantined": [],
}


def system(name, *texts):
    outputs = [
        Output(texts[i % len(texts)], False, 1.0, 0.5, (f"fact {i}",), (f"cited {i}",)) for i in range(len(QUESTIONS))
    ]
    names = NameIndex.from_answers(QUESTIONS)
    return SystemResult(name, outputs, [grade(q, o.text, names) for q, o in zip(QUESTIONS, outputs, strict=True)])


@pytest.fixture
def written(tmp_path):
    results = [system("base", EVIL), system("kgpeft", "gold", "gold", "I don't know", "zork")]
    report(tmp_path / "new" / "eval", QUESTIONS, results, Context("Metals & more", GRAPH, {"base": "tiny"}))
    return tmp_path / "new" / "eval"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(data)


def test_the_metrics_hold_the_keys_that_others_rely_on(written):
    metrics = json.loads((written / "metrics.json").read_text(encoding="utf-8"))
    assert list(metrics) == ["title", "n", "systems", "comparisons", "evaluation", "provenance"]
    for found in metrics["systems"].values():
        assert found["n"] == found["correct"] + found["incorrect"] + found["abstained"] == len(QUESTIONS)
        assert 0 <= found["hallucination_rate"] <= 1 and set(found["families"]) == {"fact", "absent"}


def test_the_metrics_are_of_the_shape_that_the_schema_tells(written):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: pip install 'kgpeft[dev]'")
    schema = json.loads((Path(report_module.__file__).parent / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    metrics = json.loads((written / "metrics.json").read_text(encoding="utf-8"))
    jsonschema.validate(metrics, schema)
    metrics["systems"]["kgpeft"]["accuracy"] = 1.5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(metrics, schema)


def test_the_table_for_a_paper_has_a_row_a_system_and_nothing_unescaped(written):
    text = (written / "table.tex").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.endswith("\\\\") and "System" not in line]
    assert [row.split(" & ")[0] for row in rows] == ["base", "kgpeft"]
    assert not re.search(r"(?<!\\)[%#_]", "".join(rows))


def test_the_page_begins_with_the_claim_and_where_text_does_as_well_with_that(tmp_path, written):
    texts = ["gold", "gold", "I don't know", "zork"]
    results = [system("base+facts", *texts), system("kgpeft", *texts)]
    report(tmp_path, QUESTIONS, results, Context("Metals"))
    for folder, first in ((written, "No reduction of hallucination is shown"), (tmp_path, "Facts given as plain text")):
        text = (folder / "report.html").read_text(encoding="utf-8")
        shown = " ".join("".join(Page(text[text.index("<body>"):]).words).split())
        assert shown.index(first) < shown.index("conditions of the claim") < shown.index("On 31 questions")


def test_drawings_name_every_system_and_stay_in_their_frame():
    curves = {"a": [[0.1, 0.0], [1.0, 0.37]], 'b"<': [[1.0, 0.9]], "none": []}
    for drawn in (risk_coverage(curves), reliability([[0.2, 0.1, 5], [0.9, 1.0, 7]])):
        root = ElementTree.fromstring(drawn)
        numbers = [float(x) for x in re.findall(r"-?\d+\.\d+(?=[,\" ])", drawn)]
        assert root.get("aria-label") and all(0 <= x <= 360 for x in numbers)
    assert "37 % at full coverage" in risk_coverage(curves)


def test_the_same_results_write_the_same_bytes(written, tmp_path):
    results = [system("base", EVIL), system("kgpeft", "gold", "gold", "I don't know", "zork")]
    report(tmp_path / "again", QUESTIONS, results, Context("Metals & more", GRAPH, {"base": "tiny"}))
    for name in ("metrics.json", "report.html"):
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes()


def test_the_page_needs_no_script_and_no_network(written):
    text = (written / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "b"} & {tag for tag, _ in page.tags}
    assert not any(key in ("src", "href") or key.startswith("on") for _, given in page.tags for key in given)
    assert "http://" not in text and "https://" not in text and "url(" not in text and "@import" not in text


def test_outputs_and_names_are_shown_as_text(written):
    assert EVIL in "".join(Page((written / "report.html").read_text(encoding="utf-8")).words)


def test_the_headline_states_counts_rate_and_interval(written):
    words = "".join(Page((written / "report.html").read_text(encoding="utf-8")).words)
    assert "On 31 questions about Metals & more (30 answerable, 1 not), kgpeft answered 53.3\u00a0%" in words
    assert "95 % interval" in words and "base on 100.0\u00a0%" in words


def test_wrong_answers_show_the_facts_given_and_right_ones_their_citations(written):
    words = "".join(Page((written / "report.html").read_text(encoding="utf-8")).words)
    wrong, right = words.split("Where kgpeft was wrong")[1].split("Where kgpeft was right")
    assert wrong.count("it claims 'zork'") == 7 and "fact 3" in wrong
    assert right.count("and claims nothing else") == 6 and "cited 0" in right


def test_one_system_alone_without_provenance_is_reported(tmp_path):
    found = report(tmp_path, QUESTIONS, [system("base", "")], Context("Metals"))
    assert found["comparisons"] == {} and (tmp_path / "report.html").exists()
