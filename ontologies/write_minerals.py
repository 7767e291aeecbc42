"""Writes minerals.ttl, minerals.obo and minerals.csv from minerals.yaml, side by side.

Identifiers: each list of the table has a block of numbers and each entry its place in the list; elements have their
atomic number instead. Run it after every change of the table: ``python ontologies/write_minerals.py``.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

OBO = "http://purl.obolibrary.org/obo/"
XSD = "http://www.w3.org/2001/XMLSchema#"
OWL = "http://www.w3.org/2002/07/owl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
EXACT = "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym"

BLOCKS = {
    "kinds": 1,
    "groups": 101,
    "systems": 201,
    "lustres": 221,
    "colours": 251,
    "elements": 300,
    "minerals": 1001,
    "places": 2001,
    "countries": 3001,
    "words": 4001,
    "figures": 4901,
    "people": 5001,
}
LINKS = {  # relation -> key in the table, domain, range
    "has_crystal_system": ("system", "mineral", "crystal system"),
    "has_lustre": ("lustre", "mineral", "lustre"),
    "has_streak_colour": ("streak", "mineral", "colour"),
    "has_colour": ("colour", "mineral", "colour"),
    "is_ore_of": ("ore", "mineral", "chemical element"),
    "commonly_found_with": ("with", "mineral", "mineral"),
    "contains_element": ("elements", "mineral", "chemical element"),
    "type_locality": ("locality", "mineral", "place"),
    "named_after": ("named after", "mineral", ""),
    "located_in": ("in", "place", "country"),
}
VALUES = {  # relation -> key in the table, datatype
    "mohs_hardness": ("hardness", "decimal"),
    "chemical_formula": ("formula", "string"),
    "specific_gravity": ("gravity", "decimal"),
    "first_described_in": ("year", "integer"),
}
FUNCTIONAL = {"has_crystal_system", "located_in", *VALUES}

_TOKEN = re.compile(r"(?P<element>[A-Z][a-z]?)|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<number>\d+(?:\.\d+)?)")
_WATER = re.compile(r"\.(?:\d+|n)?H2O$")


@dataclass
class Term:
    """One class of the ontology."""

    number: int
    name: str
    synonyms: list[str] = field(default_factory=list)
    definition: str = ""
    parent: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)  # relation, name of the other term
    values: list[tuple[str, str]] = field(default_factory=list)  # relation, value
    disjoint: list[str] = field(default_factory=list)


def elements_of(formula: str) -> list[str]:
    """Symbols in the order of the formula; ValueError unless it is symbols, numbers, (groups, or choices) and .nH2O."""
    water = _WATER.search(formula)
    text, depth, at, found = formula[: water.start()] if water else formula, 0, 0, list[str]()
    before = "open"
    while at < len(text):
        match = _TOKEN.match(text, at)
        kind = match.lastgroup if match else None
        depth += (kind == "open") - (kind == "close")
        empty = before in ("open", "comma") and kind in ("number", "close", "comma")
        if match is None or depth < 0 or empty or (kind == "comma" and not depth) or kind == before == "number":
            raise ValueError(f"{formula}: unexpected {text[at:]!r}")
        if kind == "element":
            found.append(match[0])
        before, at = str(kind), match.end()
    if depth or not found:
        raise ValueError(f"{formula}: incomplete")
    return list(dict.fromkeys(found + (["H", "O"] if water else [])))


def terms_of(table: dict[str, Any]) -> list[Term]:
    """All terms of the table in the order of their numbers; ValueError for a name used twice or not declared."""
    symbols = {symbol: name for symbol, _, name, *_ in table["elements"]}
    terms = [
        _term(BLOCKS[section] + (row[1] if section == "elements" else place), _entry(section, row, symbols))
        for section in BLOCKS
        for place, row in enumerate(table[section])
    ]
    numbers = {term.name: term.number for term in terms}
    if len(numbers) < len(terms):
        raise ValueError("a name is used twice")
    unknown = {name for term in terms for _, name in term.links if name not in numbers}
    if unknown:
        raise ValueError(f"not declared: {sorted(unknown)}")
    _separate(terms)
    return sorted(terms, key=lambda term: term.number)


def _entry(section: str, row: Any, symbols: dict[str, str]) -> dict[str, Any]:
    """A row of any list in the long form that minerals have."""
    match section:
        case "elements":
            return {
                "name": row[2],
                "synonyms": [row[0], *row[3:]],
                "is": "chemical element",
                "definition": f"The chemical element with atomic number {row[1]}.",
            }
        case "words":
            return {"name": row[0], "is": f"{row[1]} word", "definition": f"{row[1]} word meaning {row[2]}."}
        case "people":
            return {"name": row[0], "is": "person", "definition": f"{row[1][0].upper()}{row[1][1:]}."}
        case "countries":
            return {"name": row, "is": "country"}
        case "minerals":
            lustres = [f"{lustre} lustre" for lustre in row["lustre"]]
            elements = [symbols[symbol] for symbol in elements_of(row["formula"])]
            return {**row, "is": row["group"], "lustre": lustres, "elements": elements}
    parent = {
        "groups": "mineral",
        "systems": "crystal system",
        "lustres": "lustre",
        "colours": "colour",
        "places": "place",
        "figures": "legendary figure",
    }.get(section, "")
    return {"is": parent, **row}


def _term(number: int, entry: dict[str, Any]) -> Term:
    term = Term(number, entry["name"], entry.get("synonyms", []), entry.get("definition", ""), entry["is"])
    for relation, (key, *_) in LINKS.items():
        found = entry.get(key, [])
        term.links += [(relation, name) for name in ([found] if isinstance(found, str) else found)]
    term.values = [(relation, _lexical(entry[key], kind)) for relation, (key, kind) in VALUES.items() if key in entry]
    return term


def _lexical(value: Any, datatype: str) -> str:
    return str(float(value)) if datatype == "decimal" else str(value)


def _separate(terms: list[Term]) -> None:
    """Siblings among kinds, mineral classes, silicate classes and crystal systems share nothing."""
    for one, other in combinations(terms, 2):
        same = one.parent == other.parent and max(one.number, other.number) < BLOCKS["lustres"]
        if same and one.parent in ("", "mineral", "silicate mineral", "crystal system"):
            one.disjoint.append(other.name)


def turtle(table: dict[str, Any], terms: list[Term]) -> str:
    """The ontology as OWL in Turtle."""
    ids = {term.name: f"mineral:{term.number:07}" for term in terms}
    blocks = [_turtle_header(table), *map("\n".join, _turtle_relations(ids))]
    for term in terms:
        facts = [f'rdfs:label "{term.name}"']
        facts += [f'oboInOwl:hasExactSynonym "{synonym}"' for synonym in term.synonyms]
        facts += [f'obo:IAO_0000115 "{term.definition}"'] if term.definition else []
        facts += [f"rdfs:subClassOf {ids[term.parent]}"] if term.parent else []
        facts += [
            f"rdfs:subClassOf [ a owl:Restriction ; owl:onProperty rel:{relation} ; owl:someValuesFrom {ids[name]} ]"
            for relation, name in term.links
        ]
        facts += [f'rel:{relation} "{value}"^^xsd:{VALUES[relation][1]}' for relation, value in term.values]
        blocks.append(f"# {term.name}\n{ids[term.name]} a owl:Class ;\n    " + " ;\n    ".join(facts) + " .")
    blocks += [
        f"[] a owl:AllDisjointClasses ;\n    owl:members ( {' '.join(group)} ) ." for group in _groups(terms, ids)
    ]
    return "\n\n".join(blocks) + "\n"


def _turtle_header(table: dict[str, Any]) -> str:
    return f"""\
# Written by write_minerals.py from minerals.yaml: edit the table, not this file.

@prefix mineral: <{OBO}MINERAL_> .
@prefix rel: <{OBO}mineral#> .
@prefix obo: <{OBO}> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <{OWL}> .
@prefix rdfs: <{RDFS}> .
@prefix xsd: <{XSD}> .
@prefix dcterms: <http://purl.org/dc/terms/> .

<{OBO}mineral.owl> a owl:Ontology ;
    dcterms:title "{table["title"]}" ;
    dcterms:description "{table["description"]}" ;
    dcterms:license <{table["licence"]}> ;
    owl:versionInfo "{table["version"]}" .

obo:IAO_0000115 a owl:AnnotationProperty .
oboInOwl:hasExactSynonym a owl:AnnotationProperty ."""


def _turtle_relations(ids: dict[str, str]) -> Iterator[list[str]]:
    for relation in (*LINKS, *VALUES):
        _, domain, scope = LINKS.get(relation, ("", "mineral", ""))
        kinds = "owl:ObjectProperty" if relation in LINKS else "owl:DatatypeProperty"
        kinds += " , owl:FunctionalProperty" if relation in FUNCTIONAL else ""
        facts = [f'rdfs:label "{_label(relation)}"', f"rdfs:domain {ids[domain]}"]
        facts += [f"rdfs:range {ids[scope]}"] if scope else []
        facts += [f"rdfs:range xsd:{VALUES[relation][1]}"] if relation in VALUES else []
        yield [f"rel:{relation} a {kinds} ;\n    " + " ;\n    ".join(facts) + " ."]


def _groups(terms: list[Term], ids: dict[str, str]) -> Iterator[list[str]]:
    """Sets of terms disjoint from each other: the first of a set has all the others in its list."""
    seen = set[str]()
    for term in terms:
        if term.disjoint and term.name not in seen:
            seen.update([term.name, *term.disjoint])
            yield [ids[name] for name in (term.name, *term.disjoint)]


def _label(relation: str) -> str:
    return relation.replace("_", " ")


def obo(table: dict[str, Any], terms: list[Term]) -> str:
    """The same in OBO format 1.4."""
    ids = {term.name: f"MINERAL:{term.number:07}" for term in terms}
    header = f"format-version: 1.4\ndata-version: {table['version']}\nontology: mineral\n"
    header += f'property_value: http://purl.org/dc/terms/title "{table["title"]}" xsd:string\n'
    header += f'property_value: http://purl.org/dc/terms/description "{table["description"]}" xsd:string\n'
    header += f"property_value: http://purl.org/dc/terms/license {table['licence']}\n"
    header += "remark: Written by write_minerals.py from minerals.yaml; edit the table, not this file."
    stanzas = ["\n".join(_obo_term(term, ids)) for term in terms]
    return "\n\n".join([header, *stanzas, *("\n".join(_obo_relation(name, ids)) for name in (*LINKS, *VALUES))]) + "\n"


def _obo_term(term: Term, ids: dict[str, str]) -> Iterator[str]:
    yield f"[Term]\nid: {ids[term.name]}\nname: {term.name}"
    if term.definition:
        yield f'def: "{term.definition}" []'
    yield from (f'synonym: "{synonym}" EXACT []' for synonym in term.synonyms)
    if term.parent:
        yield f"is_a: {ids[term.parent]} ! {term.parent}"
    yield from (f"disjoint_from: {ids[name]} ! {name}" for name in term.disjoint)
    yield from (f"relationship: {relation} {ids[name]} ! {name}" for relation, name in term.links)
    yield from (f'property_value: {name} "{value}" xsd:{VALUES[name][1]}' for name, value in term.values)


def _obo_relation(relation: str, ids: dict[str, str]) -> Iterator[str]:
    _, domain, scope = LINKS.get(relation, ("", "mineral", ""))
    yield f"[Typedef]\nid: {relation}\nname: {_label(relation)}\ndomain: {ids[domain]} ! {domain}"
    if scope or relation in VALUES:
        yield f"range: {ids[scope]} ! {scope}" if scope else f"range: xsd:{VALUES[relation][1]}"
    if relation in FUNCTIONAL:
        yield "is_functional: true"


def edge_list(terms: list[Term]) -> str:
    """The same as an edge list in CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["subject", "predicate", "object", "datatype", "lang"])
    rows.writerows(_edges(terms))
    return text.getvalue()


def _edges(terms: list[Term]) -> Iterator[tuple[str, str, str, str, str]]:
    ids = {term.name: f"{OBO}MINERAL_{term.number:07}" for term in terms}
    for relation in (*LINKS, *VALUES):
        yield f"{OBO}mineral#{relation}", f"{RDFS}label", _label(relation), f"{XSD}string", ""
    for term in terms:
        texts = [(f"{RDFS}label", term.name), *((EXACT, synonym) for synonym in term.synonyms)]
        texts += [(f"{OBO}IAO_0000115", term.definition)] if term.definition else []
        yield from ((ids[term.name], predicate, value, f"{XSD}string", "") for predicate, value in texts)
        edges = [(f"{RDFS}subClassOf", term.parent)] if term.parent else []
        edges += [(f"{OWL}disjointWith", name) for name in term.disjoint]
        edges += [(f"{OBO}mineral#{relation}", name) for relation, name in term.links]
        yield from ((ids[term.name], predicate, ids[name], "", "") for predicate, name in edges)
        for relation, value in term.values:
            yield ids[term.name], f"{OBO}mineral#{relation}", value, XSD + VALUES[relation][1], ""


def files(folder: Path) -> dict[str, str]:
    """File names and what is to be in them, from the table in ``folder``."""
    table = yaml.safe_load((folder / "minerals.yaml").read_text(encoding="utf-8"))
    terms = terms_of(table)
    return {
        "minerals.ttl": turtle(table, terms),
        "minerals.obo": obo(table, terms),
        "minerals.csv": edge_list(terms),
    }


if __name__ == "__main__":
    here = Path(__file__).parent
    for name, text in files(here).items():
        (here / name).write_text(text, encoding="utf-8", newline="\n")
