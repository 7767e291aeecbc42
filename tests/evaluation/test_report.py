import json
from html.parser import HTMLParser

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import Output
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
    assert right.count("and claims nothing else") == 8 and "cited 0" in right


def test_one_system_alone_without_provenance_is_reported(tmp_path):
    found = report(tmp_path, QUESTIONS, [system("base", "")], Context("Metals"))
    assert found["comparisons"] == {} and (tmp_path / "report.html").exists()
