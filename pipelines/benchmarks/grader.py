"""Are labels in other dress accepted, and siblings refused? python grader.py [DATA] [N] [SHOWN] [SEED].

Variants (case, punctuation, articles, plural, Greek, spelling, joints, possessives) and siblings (other children of the
same parent, and names that hold or nearly are the gold's) come from every edge between entities of each ontology, with
questions as the dataset asks them; N of each an ontology. The variants are written here, not with the grader's tables,
by rules for English and Latin in general. What names another entity too is no variant and is counted as ambiguous. One
JSON line; failures go to stderr. Exit 1 where fewer than 99.5 % of variants or more than 0.1 % of siblings pass.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kgpeft.dataset.phrasing import phrasing
from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.graph import Kind, KnowledgeGraph, read

FILES = (
    "po/po.obo", "doid/doid_2016-03.obo", "hpo/hpo.obo.gz", "uberon/musculoskeletal.obo", "uat/UAT.rdf", "fibo/BE",
    "mondo/ncit-disease-2018-06-08.json.gz", "schemaorg/schemaorg-current-https.nt", "go/go-nucleus.obo", "ro/ro.owl",
)  # fmt: skip
FRAMES = ("{}", "{}", "{}.", "It is {}.", "Answer: {}", "The answer is **{}**.", '"{}"', "- {}", "{} [1]", "({})")
NEUTRAL = ("Which one is it?", "What is meant?", "Name it.")
GREEK = dict(zip("alpha beta gamma delta epsilon kappa lambda mu sigma omega".split(), "αβγδεκλμσω", strict=True))
BRITISH = dict(
    pair.split("/")
    for pair in (  # American/British, as parts of words
        "tumor/tumour color/colour odor/odour vapor/vapour behavior/behaviour neighbor/neighbour hemo/haemo hema/haema "
        "anemi/anaemi emia/aemia edema/oedema esophag/oesophag fetal/foetal fetus/foetus diarrhea/diarrhoea "
        "celiac/coeliac pediatric/paediatric orthopedic/orthopaedic gynecolog/gynaecolog etiolog/aetiolog cecum/caecum "
        "cecal/caecal estrogen/oestrogen fiber/fibre center/centre meter/metre liter/litre sulfur/sulphur "
        "sulfate/sulphate ization/isation izing/ising lyze/lyse catalog/catalogue analog/analogue labeled/labelled "
        "modeling/modelling gray/grey mold/mould aluminum/aluminium cesium/caesium organize/organise "
        "program/programme leukemi/leukaemi archeo/archaeo paleo/palaeo anesthe/anaesthe ischemi/ischaemi "
        "artifact/artefact defense/defence license/licence feces/faeces fecal/faecal "
        "hemorrh/haemorrh goiter/goitre titer/titre ameba/amoeba leuko/leuco hypercalcemi/hypercalcaemi"
    ).split()
)
PLURAL = (  # ending, plural ending; the first that fits
    ("vertebra", "vertebrae"), ("bursa", "bursae"), ("fascia", "fasciae"), ("fossa", "fossae"), ("larva", "larvae"),
    ("papilla", "papillae"), ("nucleus", "nuclei"), ("bronchus", "bronchi"), ("fungus", "fungi"),
    ("bacillus", "bacilli"), ("thrombus", "thrombi"), ("bacterium", "bacteria"), ("septum", "septa"),
    ("ovum", "ova"), ("atrium", "atria"), ("phylum", "phyla"), ("stratum", "strata"), ("ganglion", "ganglia"),
    ("mitochondrion", "mitochondria"), ("spermatozoon", "spermatozoa"), ("criterion", "criteria"),
    ("phenomenon", "phenomena"), ("cortex", "cortices"), ("vertex", "vertices"), ("apex", "apices"),
    ("appendix", "appendices"), ("matrix", "matrices"), ("phalanx", "phalanges"), ("stoma", "stomata"),
    ("foot", "feet"), ("tooth", "teeth"), ("mouse", "mice"), ("child", "children"), ("woman", "women"), ("man", "men"),
    ("person", "people"), ("leaf", "leaves"), ("half", "halves"), ("knife", "knives"), ("wolf", "wolves"),
    ("osis", "oses"), ("asis", "ases"), ("ysis", "yses"), ("axis", "axes"), ("testis", "testes"), ("esis", "eses"),
)  # fmt: skip


@dataclass
class Tally:
    """How many variants of each sort were graded, and the ones graded wrongly."""

    graded: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str, str, str]] = field(default_factory=list)  # sort, question, gold, text


class Source:
    """An ontology whose edges are asked for."""

    def __init__(self, name: str, graph: KnowledgeGraph, rng: random.Random) -> None:
        self.name, self.graph, self.rng = name, graph, rng
        self.names = NameIndex.from_graph(graph)
        self.owners: dict[str, set[int]] = defaultdict(set)
        self.children: dict[int, list[int]] = defaultdict(list)
        self.parents: dict[int, list[int]] = defaultdict(list)
        self.objects: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.words: dict[str, list[int]] = defaultdict(list)
        self.edges = [tuple(edge) for edge in graph.edges.tolist() if graph.kinds[edge[2]] != Kind.LITERAL]
        for subject, relation, node in self.edges:
            self.objects[subject, relation].add(node)
            if graph.relation_names[relation] in ("is a", "instance of", "has broader"):
                self.children[node].append(subject)
                self.parents[subject].append(node)
        for node in range(len(graph.terms)):
            if graph.kinds[node] != Kind.LITERAL:
                for text in graph.aliases(node):
                    self.owners[bare(text)].add(node)
                for word in set(re.findall(r"\w+", graph.names[node].lower())):
                    self.words[word].append(node)
        for label in graph.labels:
            if label.role in ("label", "exact"):
                self.owners[bare(label.text)].add(label.entity)

    def question(self, edge: tuple[int, ...]) -> Question:
        """A question for the object of an edge, as the dataset asks or a neutral one."""
        subject, relation, node = edge
        template = self.rng.choice(phrasing(self.graph.relation_names[relation]).object)
        text = template.replace("{x}", self.graph.names[subject])
        text = self.rng.choice(NEUTRAL) if self.rng.random() < 0.25 else text
        terms = self.graph.terms[subject], self.graph.relations[relation]
        return Question("1", "grader", text, (tuple(self.graph.aliases(node)),), *terms)

    def near(self, edge: tuple[int, ...]) -> list[int]:
        """Other entities that are easily taken for the object: its siblings, and those whose names are nearest."""
        subject, relation, node = edge
        family = [child for parent in self.parents[node] for child in self.children[parent]]
        rare = min(re.findall(r"\w+", self.graph.names[node].lower()) or [""], key=lambda word: len(self.words[word]))
        alike = self.words.get(rare, [])
        found = self.rng.sample(family, min(3, len(family))) + self.rng.sample(alike, min(3, len(alike)))
        own = {bare(text) for text in self.graph.aliases(node)}
        return [other for other in dict.fromkeys(found) if other not in self.objects[subject, relation]
                and own.isdisjoint(map(bare, self.graph.aliases(other)))]  # fmt: skip

    def means(self, text: str, node: int) -> bool:
        """Whether no other entity has this text for a name."""
        return not (self.owners.get(bare(text), set()) - {node})


def bare(text: str) -> str:
    """Letters and digits alone: names that agree in them are the same to a reader."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in text if character.isalnum())


def variants(label: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Other dresses of a label, each with its sort."""
    yield "case", rng.choice((label.upper(), label.lower(), label.title(), label.capitalize(), label.swapcase()))
    yield "article", rng.choice(("the ", "a ", "an ", "The ")) + label
    for sort, found in (("punctuation", punctuated(label)), ("greek", greek(label)), ("spelling", spelled(label))):
        if changed := [text for text in found if text != label]:
            yield sort, rng.choice(changed)
    if plural := inflected(label):
        yield "plural", plural
    if (accents := unicodedata.normalize("NFKD", label)) != label:
        yield "accent", re.sub("[\u0300-\u036f]", "", accents)


def punctuated(label: str) -> list[str]:
    """The label with other hyphens, commas, quotes and spaces."""
    return [
        label.replace("-", " "), label.replace(" ", "-", 1), label.replace(" ", "_"), label.replace("-", "\u2011"),
        label.replace("-", "\u2013"), label.replace(" ", "\u00a0"), label.replace(" ", "  "), label.replace(", ", " "),
        label.replace("'s", "\u2019s"), label.replace("'s ", " "), label.replace("/", " / "), label.replace("s' ", "s "),
        label.replace("(", "").replace(")", ""), re.sub(r"(?<=[a-z])-(?=[a-z])", "", label), f"{label} ,",
    ]  # fmt: skip


def greek(label: str) -> list[str]:
    """The label with a Greek letter spelled, or its name written as the letter."""
    found = [re.sub(rf"(?i)(?<![a-z]){name}(?![a-z])", letter, label) for name, letter in GREEK.items()]
    return found + [label.replace(letter, name) for name, letter in GREEK.items()]


def spelled(label: str) -> list[str]:
    """The label in British instead of American spelling, and the other way round."""
    found = []
    for american, british in BRITISH.items():
        for old, new in ((american, british), (british, american)):
            text = (
                "" if old in new and new in label.lower() else re.sub(rf"(?i)(?<![aeo]){old}(?!ectal|ado)", new, label)
            )
            found.append(text or label)
    return [*found, re.sub(r"(?i)\bdisc(?=s?\b)", "disk", label), re.sub(r"(?i)\bdisk(?=s?\b)", "disc", label)]


def inflected(label: str) -> str:
    """The label with its head (before "of", "in" ...) in the plural, or the singular if it is one; "" if unsure."""
    head, gap, rest = re.fullmatch(r"(.*?)((?: (?:of|in|with|to|for|from|by) .*)?)()", label).groups()  # type: ignore[union-attr]
    match = re.search(r"[a-zA-Z]{3,}$", head)
    if not match or match[0].isupper():
        return ""
    word = match[0]
    low = word.lower()
    for one, many in PLURAL:
        if low.endswith(one):
            return head[: len(head) - len(one)] + many + gap + rest
        if low.endswith(many) and len(many) > 3:
            return head[: len(head) - len(many)] + one + gap + rest
    if re.search(r"(?:[aeiou]e|u|i|a)s$|ss$|us$|is$|ous$|ics$|itis$|oma$|ae$|ii?$|(?:al|ic|ive|ed|ing|ary)$", low):
        return head + "s" + gap if low.endswith(("oma", "al", "ing")) else ""
    if low.endswith("s"):
        return head[:-1] + gap if not low.endswith("es") else ""
    if re.search(r"[^aeiou]y$", low):
        return head[:-1] + "ies" + gap
    return head + ("es" if re.search(r"(?:s|x|z|ch|sh)$", low) else "s") + gap


def measure(source: Source, n: int) -> tuple[Tally, Tally, int]:
    """Variants and siblings of one ontology, graded; and how many variants named another entity too."""
    accepted, refused, ambiguous = Tally(), Tally(), 0
    edges = source.edges * (1 + 4 * n // max(1, len(source.edges)))
    source.rng.shuffle(edges)
    for edge in edges:
        question, node = source.question(edge), edge[2]
        gold = source.rng.choice(question.answers[0])
        if not bare(gold) or not source.means(gold, node):
            continue
        for sort, text in variants(gold, source.rng):
            if not source.means(text, node) or not source.means(re.sub("(?i)^(the|an?) ", "", text), node):
                ambiguous += 1
            elif accepted.graded.total() < n:
                check(source, question, source.rng.choice(FRAMES).format(text), (sort, "correct"), accepted)
        for other in source.near(edge):
            name = source.rng.choice(source.graph.aliases(other))
            dressed = source.rng.choice([("plain", name), *variants(name, source.rng)])[1]
            if source.means(dressed, other) and source.means(name, other) and refused.graded.total() < n:
                sort = "holds the gold" if bare(gold) in bare(name) else "sibling"
                check(source, question, source.rng.choice(FRAMES).format(dressed), (sort, ""), refused)
        if min(accepted.graded.total(), refused.graded.total()) >= n:
            break
    measure_rare(source, n // 10, accepted)
    return accepted, refused, ambiguous


def measure_rare(source: Source, n: int, accepted: Tally) -> None:
    """Adds up to n of each sort of variant that few labels have: Greek, spelling, accents."""
    for edge in source.rng.sample(source.edges, len(source.edges)):
        question = source.question(edge)
        for gold in question.answers[0]:
            for sort, text in variants(gold, source.rng) if source.means(gold, edge[2]) else ():
                rare = sort in ("greek", "spelling", "accent") and accepted.graded[f"{sort}, all"] < n
                if rare and source.means(text, edge[2]):
                    check(source, question, text, (f"{sort}, all", "correct"), accepted)


def check(source: Source, question: Question, text: str, told: tuple[str, str], tally: Tally) -> None:
    """Grades one text and notes whether that is as told: (sort, "correct" or "" for anything else)."""
    tally.graded[told[0]] += 1
    outcome = grade(question, text, source.names)
    if (outcome.outcome == "correct") != bool(told[1]):
        tally.failed.append((told[0], question.question, question.answers[0][0], f"{text!r}: {outcome.why}"))


def main() -> int:
    """Prints the figures of every ontology and of all."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    n, shown, seed = (
        int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((2, 3000), (3, 0), (4, 0))
    )
    begin, files, sorts, lost = time.perf_counter(), {}, Counter[str](), Counter[str]()
    for name in FILES:
        accepted, refused, ambiguous = measure(Source(name, read(data / name), random.Random(seed)), n)
        files[name] = {
            "variants": accepted.graded.total(), "not accepted": len(accepted.failed), "ambiguous": ambiguous,
            "siblings": refused.graded.total(), "accepted": len(refused.failed),
        }  # fmt: skip
        sorts += accepted.graded + refused.graded
        lost += Counter(failure[0] for failure in accepted.failed + refused.failed)
        for failure in (accepted.failed + refused.failed)[:shown]:
            print(name, *failure, sep=" | ", file=sys.stderr)
    total = {key: sum(found[key] for found in files.values()) for key in files[FILES[0]]}
    holds = total["not accepted"] <= 0.005 * total["variants"] and total["accepted"] <= 0.001 * total["siblings"]
    holds = holds and min(total["variants"], total["siblings"]) >= 20_000
    print(json.dumps({
        "benchmark": "grader", "variants accepted": 1 - total["not accepted"] / total["variants"],
        "siblings accepted": total["accepted"] / total["siblings"], **total, "holds": holds,
        "wrong and graded": {sort: [lost[sort], sorts[sort]] for sort in sorted(sorts)}, "files": files,
        "seconds": round(time.perf_counter() - begin, 1),
    }))  # fmt: skip
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
