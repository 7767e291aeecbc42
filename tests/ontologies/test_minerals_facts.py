"""The facts of the minerals agree with each other."""

import importlib.util
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from kgpeft.graph import KnowledgeGraph, read

FOLDER = Path(__file__).parents[2] / "ontologies"
TABLE: dict[str, Any] = yaml.safe_load((FOLDER / "minerals.yaml").read_text(encoding="utf-8"))
MINERALS = TABLE["minerals"]
NAMES = [mineral["name"] for mineral in MINERALS]
SYMBOLS = {name: symbol for symbol, _, name, *_ in TABLE["elements"]}
AMORPHOUS = {"opal"}
SYSTEMS = {"cubic", "tetragonal", "orthorhombic", "monoclinic", "triclinic", "trigonal", "hexagonal"}

_SPEC = importlib.util.spec_from_file_location("write_minerals", FOLDER / "write_minerals.py")
assert _SPEC and _SPEC.loader
WRITER = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(WRITER)
elements_of = WRITER.elements_of


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return read(FOLDER / "minerals.ttl")


def edges(graph: KnowledgeGraph, relation: str) -> list[tuple[str, str]]:
    number = graph.relation_names.index(relation)
    return [(graph.names[s], graph.names[o]) for s, r, o in graph.edges.tolist() if r == number]


def ancestors(graph: KnowledgeGraph) -> dict[str, set[str]]:
    """Every class above a class; fails on a circle."""
    parents: dict[str, set[str]] = {name: set() for name in graph.names}
    for child, parent in edges(graph, "is a"):
        parents[child].add(parent)

    def above(name: str, below: tuple[str, ...] = ()) -> set[str]:
        assert name not in below, f"a circle of classes: {below}"
        return parents[name].union(*(above(parent, (*below, name)) for parent in parents[name]))

    return {name: above(name) for name in parents}


def test_there_are_minerals_enough_and_most_have_six_relations(graph):
    assert len(MINERALS) >= 140
    relations = {mineral: set() for mineral in NAMES}
    for subject, relation, _ in graph.edges.tolist():
        if graph.names[subject] in relations and graph.relation_names[relation] != "is a":
            relations[graph.names[subject]].add(relation)
    assert sum(len(found) >= 6 for found in relations.values()) >= 110


def test_the_graph_leaves_gaps():
    for key in ("ore", "locality", "named after", "year"):
        assert sum(key not in mineral for mineral in MINERALS) >= 20, key


def test_hardness_is_on_the_scale_of_mohs():
    assert [m["name"] for m in MINERALS if not 1 <= m.get("hardness", 1) <= 10] == []


def test_scale_of_mohs_is_held_by_its_standards():
    scale = "talc gypsum calcite fluorite fluorapatite orthoclase quartz topaz corundum diamond".split()
    hardness = {mineral["name"]: mineral.get("hardness") for mineral in MINERALS}
    assert [hardness[name] for name in scale] == list(range(1, 11))


def test_one_crystal_system_each_save_the_amorphous(graph):
    found = edges(graph, "has crystal system")
    assert {system for _, system in found} <= SYSTEMS
    assert Counter(name for name, _ in found) == dict.fromkeys(set(NAMES) - AMORPHOUS, 1)


def test_every_formula_parses_to_declared_elements():
    for mineral in MINERALS:
        assert set(elements_of(mineral["formula"])) <= set(SYMBOLS.values()), mineral["name"]


@pytest.mark.parametrize("formula", ["", "FeS2)", "(FeS2", "fe", "Fe,Mg", "2Fe", "(,Fe)O", "()O", "Fe-S", "SiO2.H2"])
def test_a_broken_formula_does_not_parse(formula):
    with pytest.raises(ValueError, match=r"unexpected|incomplete"):
        elements_of(formula)


def test_a_formula_names_its_elements_with_those_of_its_water():
    assert elements_of("CaSO4.2H2O") == ["Ca", "S", "O", "H"]
    assert elements_of("(Na,Ca)0.33(Al,Mg)2Si4O10(OH)2.nH2O") == ["Na", "Ca", "Al", "Mg", "Si", "O", "H"]


def test_contains_element_is_what_the_formula_says(graph):
    found = {name: {SYMBOLS[e] for m, e in edges(graph, "contains element") if m == name} for name in NAMES}
    assert found == {m["name"]: set(re.findall("[A-Z][a-z]?", m["formula"])) for m in MINERALS}


def test_an_ore_contains_what_it_is_an_ore_of():
    wrong = [(m["name"], e) for m in MINERALS for e in m.get("ore", []) if SYMBOLS[e] not in elements_of(m["formula"])]
    assert wrong == []


CHARGES = {  # what each element may carry where oxygen, fluorine or chlorine is the only anion
    **dict.fromkeys("H Li Na K Ag".split(), (1,)),
    **dict.fromkeys("Be Mg Ca Ni Zn Sr Cd Ba Pb".split(), (2,)),
    **dict.fromkeys("B Al Y La".split(), (3,)),
    **dict.fromkeys("Si Ti Zr Sn Th".split(), (4,)),
    **dict.fromkeys("P V As N".split(), (5,)),
    **dict.fromkeys("S W Mo".split(), (6,)),
    **{"O": (-2,), "F": (-1,), "Cl": (-1,), "C": (4, 3), "Fe": (2, 3), "Mn": (2, 3, 4), "Cu": (1, 2), "Co": (2,)},
    **{"Cr": (3, 6), "Ce": (3,), "U": (4, 6)},
}
MIXED = {  # formulas whose average charges lie between those above
    "magnetite",  # one ferrous and two ferric iron
    "riebeckite",  # three ferrous and two ferric iron
    "mellite",  # carbon of a benzene ring and of carboxyl
}


def atoms(formula: str) -> Counter[str]:
    """How many atoms of each element a formula without choices has."""
    body, dot, water = formula.partition(".") if re.search(r"\.\d*H2O$", formula) else (formula, "", "")
    counts = Counter[str]()
    if dot:
        number = float(water.removesuffix("H2O") or 1)
        counts.update({"H": 2 * number, "O": number})
    while group := re.search(r"\(([^()]*)\)(\d+(?:\.\d+)?)?", body):
        inner = re.sub(
            r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?", lambda m: f"{m[1]}{float(m[2] or 1) * float(group[2] or 1)}", group[1]
        )
        body = body[: group.start()] + " " + inner + " " + body[group.end() :]
    for symbol, number in re.findall(r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?", body):
        counts[symbol] += float(number or 1)
    return counts


def test_a_formula_counts_its_atoms():
    assert atoms("Ca(UO2)2(PO4)2.11H2O") == {"Ca": 1, "U": 2, "O": 23, "P": 2, "H": 22}
    assert atoms("Na(Al1.5Li1.5)Al6") == {"Na": 1, "Al": 7.5, "Li": 1.5}


@pytest.mark.parametrize("mineral", MINERALS, ids=NAMES)
def test_salts_and_oxides_are_electrically_neutral(mineral):
    formula = mineral["formula"]
    if "," in formula or formula.endswith(".nH2O") or mineral["name"] in MIXED:
        return
    counts = atoms(formula)
    if counts.keys() & {"O", "F", "Cl"}:
        sums = [
            sum(n * q for n, q in zip(counts.values(), qs, strict=True))
            for qs in product(*(CHARGES[e] for e in counts))
        ]
        assert any(abs(total) < 1e-6 for total in sums), (formula, sums)


def test_a_name_means_one_thing(graph):
    texts = [label.text.casefold() for label in graph.labels if label.role in ("label", "exact")]
    assert [text for text, n in Counter(texts).items() if n > 1] == []


def test_a_mineral_is_found_with_other_minerals(graph):
    assert {name for edge in edges(graph, "commonly found with") for name in edge} <= set(NAMES)
    assert [mineral["name"] for mineral in MINERALS if mineral["name"] in mineral.get("with", [])] == []


def test_every_mineral_has_a_definition_of_ten_to_thirty_words():
    assert [m["name"] for m in MINERALS if not 10 <= len(m["definition"].split()) <= 30] == []


def test_a_definition_does_not_name_its_mineral():
    assert [m["name"] for m in MINERALS if re.search(rf"\b{re.escape(m['name'])}\b", m["definition"], re.I)] == []


def test_every_mineral_is_in_exactly_one_mineral_class(graph):
    above = ancestors(graph)
    top = {group["name"] for group in TABLE["groups"] if "is" not in group}
    assert [name for name in NAMES if len(above[name] & top) != 1 or "mineral" not in above[name]] == []


def test_disjoint_classes_share_nothing(graph):
    names, above = dict(zip(graph.terms, graph.names, strict=True)), ancestors(graph)
    groups = [{names[iri] for iri in axiom["terms"]} for axiom in graph.axioms if axiom["axiom"] == "disjoint"]
    assert len(groups) >= 4
    for group in groups:
        assert [name for name, classes in above.items() if len(({name} | classes) & group) > 1] == []


def test_links_stay_within_domain_and_range(graph):
    above = ancestors(graph)
    for relation, (_, domain, scope) in WRITER.LINKS.items():
        for subject, target in edges(graph, relation.replace("_", " ")):
            assert domain in above[subject], (relation, subject)
            assert not scope or scope in above[target], (relation, target)


def test_specific_gravity_and_year_are_possible():
    assert [m["name"] for m in MINERALS if not 1 <= m.get("gravity", 1) <= 20] == []
    assert [m["name"] for m in MINERALS if not 1500 <= m.get("year", 1500) <= 2025] == []


def test_metals_and_colours_agree():
    metallic = [m for m in MINERALS if m["lustre"] == ["metallic"]]
    assert [m["name"] for m in metallic if m.get("streak") in ("white", "colourless")] == []


def test_every_declared_thing_is_used():
    used = {value for m in MINERALS for key in ("locality", "named after", "system", "streak") if (value := m.get(key))}
    used |= {place["in"] for place in TABLE["places"] if "in" in place} | {
        value for m in MINERALS for value in m["colour"]
    }
    declared = [
        row["name"] if isinstance(row, dict) else row if isinstance(row, str) else row[0]
        for section in ("places", "countries", "words", "figures", "people", "colours")
        for row in TABLE[section]
    ]
    assert [name for name in declared if name not in used] == []
