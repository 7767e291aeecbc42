"""The command line: what it prints, what it ends with, what it leaves behind."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
import yaml

from kgpeft import recipe
from kgpeft.cli import main

VERBS = ("run", "ingest", "inspect", "validate", "embed", "dataset", "train", "eval", "export-tasks", "ask", "chat")
PEOPLE = "anna\tknows\tbert\nbert\tknows\tcarl\ncarl\tlives in\tparis\nanna\tlives in\trome\n"
PREFIXES = "@prefix : <http://x.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
BROKEN = PREFIXES + ':a rdfs:label "Anna" ; :knows :b .\n:b :knows "no end .\n:b rdfs:label "Bert" ; :knows :c .\n'
TRUNCATED = (
    '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '<rdf:Description rdf:about="http://x.org/a"><rdf:type rdf:resource="http://x.o'
)
UNREADABLE = {
    "paper.pdf": "%PDF-1.4 not an ontology", "empty.ttl": "", "cut.rdf": TRUNCATED,
    "page.owl": "<!DOCTYPE html><html><body>404</body></html>",
}
ONE = PREFIXES + ":a rdfs:label \"the only one\" ; a <http://www.w3.org/2002/07/owl#Class> .\n"
SMALL = ["--set", "dataset.per_family=1", "--set", "train.seconds=0", "--set", "evaluate.systems=[kgpeft]"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.tsv").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def told(capsys):
    """Runs a command line in this process: exit code, stdout, stderr."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


def started(*arguments, **more):
    command = [sys.executable, "-m", "kgpeft", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **more)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_help_lists_the_verbs(told):
    code, out, _ = told("--help")
    assert code == 0 and all(verb in out for verb in VERBS)
    assert told()[1] == out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_json_and_help(told, verb):
    code, out, _ = told(verb, "--help")
    assert code == 0 and "--json" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "Did you mean 'run'?"), (["run"], "SOURCE_OR_RECIPE"),
        (["run", "people.tsv", "--ot", "x"], "did you mean --out"),
        (["run", "people.tsv", "--out", "x", "--set", "trian.seconds=3"], "did you mean 'train'?"),
        (["run", "people.tsv", "--out", "x", "--set", "train.secnods=3"], "did you mean 'seconds'?"),
        (["run", "people.tsv", "--out", "x", "--set", "train.seconds=["], "not a value in YAML"),
        (["run", "people.tsv", "--out", "x", "--set", "train.seconds=-1"], "greater than or equal to 0"),
        (["run", "people.tsv", "r.yaml", "--out", "x"], "give the recipe alone"),
        (["eval", "x", "--questions", "q.jsonl", "--systems", "bse"], "did you mean 'base'?"),
        (["ask", "x", " "], "an empty question"),
        (["ask", "x", "a?", "b?", "--picture", "p.svg"], "one picture for several questions"),
    ],
)
def test_wrong_use_ends_with_2_and_a_suggestion_in_one_line(told, place, arguments, said):
    code, out, err = told(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err and err.startswith("kgpeft: ")
    assert names(place) == ["people.tsv"]


def test_an_unknown_key_of_a_recipe_file_is_suggested(told, place):
    (place / "r.yaml").write_text("sources: [people.tsv]\ntrian: {seconds: 3}\n")
    code, _, err = told("run", "r.yaml", "--out", "x")
    assert code == 2 and "r.yaml: trian: unknown key" in err and "did you mean 'train'?" in err


@pytest.mark.parametrize("verb", ["run", "ingest"])
@pytest.mark.parametrize("source", [*UNREADABLE, "people.tvs"])
def test_a_bad_source_ends_with_3_in_one_line_and_leaves_nothing(told, place, verb, source):
    if source in UNREADABLE:
        (place / source).write_text(UNREADABLE[source])
    before = names(place)
    code, out, err = told(verb, source, "--out", "runs/new")
    assert (code, out, err.count("\n")) == (3, "", 1) and err.startswith(f"kgpeft: {source}") and ";" in err
    assert names(place) == before


def test_an_error_is_one_json_object_too(told):
    code, out, _ = told("ingest", "people.tvs", "--out", "x", "--json")
    error = json.loads(out)["error"]
    assert code == 3 and error.keys() == {"message", "what", "where", "instead", "remedy"}
    assert error["instead"] == "did you mean people.tsv?"


def test_ingest_counts_what_was_read(told, place):
    code, out, err = told("ingest", "people.tsv", "--out", "g", "--json")
    made = json.loads(out)
    counts = {"triples": 4, "entities": 5, "relations": 2, "edges": 4, "labels": 0, "quarantined": 0, "dropped": 0}
    assert code == 0 and made.items() >= counts.items() and made["seconds"] >= 0 and made["peak_mb"] > 0
    assert "names come from identifiers" in err
    assert names(place) == ["g", "people.tsv"]


def test_ingest_says_where_every_triple_went(told):
    told_text = told("ingest", "people.tsv", "--out", "g")[1]
    assert "triples  edge  annotation  axiom  structure  dropped  quarantined" in told_text
    audit = json.loads(told("ingest", "people.tsv", "--out", "g", "--json")[1])["audit"]
    assert audit["triples"] == audit["edge"] == audit["sources"][0]["edge"] == 4


def test_inspect_shows_file_and_line_of_each_fact(told):
    assert "[people.tsv:" in told("inspect", "people.tsv", "Anna")[1]


def test_a_broken_statement_is_quarantined_and_reported(told, place):
    (place / "broken.ttl").write_text(BROKEN)
    code, out, err = told("ingest", "broken.ttl", "--out", "g", "--json")
    made = json.loads(out)
    assert code == 0 and made["edges"] >= 1 and made["quarantined"] == len(made["details"]["quarantined"]) > 0
    assert "quarantined broken.ttl:3: " in err


def test_inspect_knows_a_term_and_suggests_another(told):
    known = json.loads(told("inspect", "people.tsv", "Anna", "--json")[1])
    assert known["label"] == known["iri"] == "anna" and known["types"] == [] and len(known["facts"]) == 2
    code, _, err = told("inspect", "people.tsv", "ana")
    assert code == 3 and "did you mean 'anna'?" in err


def test_inspect_of_a_saved_graph_lists_its_relations(told):
    told("ingest", "people.tsv", "--out", "run/graph")
    held = json.loads(told("inspect", "run", "--json")[1])
    assert [(r["name"], r["edges"]) for r in held["relations"]] == [("knows", 2), ("lives in", 2)]
    assert "lives in" in told("inspect", "run")[1]


def test_dataset_counts_examples(told):
    made = json.loads(told("dataset", "people.tsv", "--out", "d", "--set", "dataset.per_family=2", "--json")[1])
    assert made["examples"] == sum(made["families"].values()) == sum(made["splits"].values()) > 0


def test_a_dataset_of_another_graph_is_refused(told, place):
    told("dataset", "people.tsv", "--out", "d")
    (place / "other.tsv").write_text(PEOPLE + "carl\tknows\tdora\n")
    code, _, err = told("train", "d", "--graph", "other.tsv", "--out", "a")
    assert code == 3 and "of another graph" in err and not (place / "a").exists()


def test_a_dry_run_prints_the_recipe_that_would_run(told, place):
    changes = ["--base", "some/model", "--set", "train.seconds=3"]
    code, out, _ = told("run", "people.tsv", "--out", "x", *changes, "--dry-run")
    (place / "sub").mkdir()
    (place / "sub" / "r.yaml").write_text(out)
    again = recipe.load(place / "sub" / "r.yaml")
    assert code == 0 and not (place / "x").exists()
    assert (again.base, again.train.seconds, again.sources) == ("some/model", 3.0, (str(place / "people.tsv"),))
    assert yaml.safe_load(told("run", place / "sub" / "r.yaml", "--out", "x", "--dry-run")[1]) == yaml.safe_load(out)


def test_no_locale_is_too_poor_for_the_output(place):
    (place / "k.tsv").write_text("müller\tkennt\t東京\n李\tkennt\tmüller\n", encoding="utf-8")
    poor = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    told = [started("inspect", "k.tsv", "müller", *more, env=poor).communicate() for more in ([], ["--json"])]
    assert "\\u6771" in told[0][0] and told[0][1] == ""
    assert json.loads(told[1][0])["facts"][0]["object"] == "東京"


def test_a_full_disk_ends_with_5_and_leaves_nothing(told, place, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = told("ingest", "people.tsv", "--out", "runs/g")
    assert code == 5 and "no space left" in err and "free some space" in err and err.count("\n") == 1
    assert names(place) == ["people.tsv"]


def test_a_place_that_cannot_be_written_ends_with_5(told):
    code, _, err = told("ingest", "people.tsv", "--out", "people.tsv/g")
    assert code == 5 and "you may write there" in err and err.count("\n") == 1


def test_a_reader_that_has_seen_enough_is_no_error(place):
    process = started("inspect", "people.tsv")
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait() == 1
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT between processes")
@pytest.mark.parametrize("verb", ["ingest", "run"])
def test_ctrl_c_ends_with_130_and_leaves_nothing(place, verb):
    lines = (f"<http://x.org/e{i}> <http://x.org/r> <http://x.org/e{i + 1}> .\n" for i in range(300_000))
    (place / "big.nt").write_text("".join(lines))
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # even where the tests run in the background
    process = started(verb, "big.nt", "--out", "runs/g", preexec_fn=hear)
    try:
        while not list(place.rglob(".draft-*")):
            time.sleep(0.02)
            assert process.poll() is None
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130 and err.count("\n") == 1 and "interrupted" in err
    assert names(place) == ["big.nt", "people.tsv"]


def test_a_graph_of_which_nothing_can_be_asked_ends_with_3(place):
    (place / "one.ttl").write_text(ONE)
    assert json.loads(started("ingest", "one.ttl", "--out", "g", "--json").communicate()[0])["entities"] == 1
    process = started("dataset", "g", "--out", "d")
    _, err = process.communicate()
    assert process.returncode == 3 and err.count("\n") == 1
    assert names(place) == ["g", "one.ttl", "people.tsv"]


@pytest.mark.models
def test_a_graph_with_one_entity_is_embedded(place):
    (place / "one.ttl").write_text(ONE)
    made = json.loads(started("embed", "one.ttl", "--out", "e", "--json").communicate()[0])
    assert (made["entities"], made["metrics"]["n"]) == (1, 0)


@pytest.mark.models
def test_run_ask_chat_and_eval_with_the_real_model(place):
    made = started("run", "people.tsv", "--out", "r", *SMALL, "--json").communicate()
    result = json.loads(made[0])
    assert result.keys() == {"adapter", "report", "seconds", "systems"} and list(result["systems"]) == ["kgpeft"]
    stages = "graph dataset embeddings weights answers/kgpeft evaluation adapter".split()
    assert [line.split()[0] for line in made[1].splitlines()] == stages
    assert json.loads(started("run", "people.tsv", "--out", "r", *SMALL, "--json").communicate()[0])["seconds"] < 5
    out, err = started("ask", "r", "Who does anna know?", "Who is zed?", "--json").communicate()
    keys = {"answer", "abstained", "confidence", "citations", "seconds"}
    assert err == "" and [answer.keys() >= keys for answer in json.loads(out)["answers"]] == [True, True]
    out, _ = started("chat", "r/adapter", stdin=subprocess.PIPE).communicate("Who does anna know?\n/facts\n")
    assert out.startswith("A: ") and "anna — knows: bert" in out
    questions = "r/dataset/questions.jsonl"
    out, _ = started("eval", "r", "--questions", questions, "--systems", "kgpeft", "--out", "e", "--json").communicate()
    keys = {"n", "correct", "incorrect", "abstained", "hallucination_rate", "families"}
    assert json.loads(out)["systems"]["kgpeft"].keys() >= keys and (place / "e" / "report.html").is_file()
    err = started("eval", "r", "--questions", questions, "--systems", "lora", "--out", "e").communicate()[1]
    assert "'lora' is trained anew on a dataset" in err and "kgpeft run trains and measures it" in err


def test_imports_come_from_the_catalogs_named_and_a_changed_import_is_read_again(told, place):
    owl = "@prefix : <http://e.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    (place / "lib").mkdir()
    (place / "a.ttl").write_text(owl + "<> a owl:Ontology ; owl:imports :b . :a1 :r :a2 .")
    (place / "lib" / "b.ttl").write_text(owl + ":b a owl:Ontology . :b1 :r :b2 .")
    assert "--catalog" in told("ingest", "a.ttl", "--out", "g")[2]
    assert json.loads(told("ingest", "a.ttl", "--catalog", "lib", "--out", "g", "--json")[1])["edges"] == 2
    (place / "lib" / "b.ttl").write_text(owl + ":b a owl:Ontology . :b1 :r :b2, :b3 .")
    assert json.loads(told("ingest", "a.ttl", "--catalog", "lib", "--out", "g", "--json")[1])["edges"] == 3


def test_validate_ends_with_4_if_a_shape_is_broken(told, place):
    pytest.importorskip("pyshacl", reason="pyshacl is not installed: pip install 'kgpeft[shacl]'")
    (place / "d.ttl").write_text("@prefix : <http://e.org/> . :a a :P . :b a :P ; :r :a .")
    shape = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e.org/> . :S sh:targetClass :P"
    (place / "s.ttl").write_text(f"{shape} ; sh:property [ sh:path :r ; sh:minCount 1 ] .")
    told("ingest", "d.ttl", "--out", "g")
    for data in ("d.ttl", "g"):
        code, out, _ = told("validate", data, "--shapes", "s.ttl")
        assert code == 4 and "violation  http://e.org/a  http://e.org/r: " in out
    (place / "s.ttl").write_text(f"{shape} .")
    assert told("validate", "d.ttl", "--shapes", "s.ttl", "--json")[0] == 0
