"""OWL axioms → triples: the one mapping behind functional syntax, OWL/XML and Manchester syntax.

Mapping: https://www.w3.org/TR/owl2-mapping-to-rdf/, section 2. One difference: what is equivalent to several things is
tied to each of them from its first name instead of in a chain, so that no definition hangs on another definition.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kgpeft.graph.formats.build import COUNT, Notes, Pending, reify, restriction, sequence
from kgpeft.graph.statements import Node, Statements, literal
from kgpeft.graph.vocabulary import ANNOTATION, OWL, RDFS, SUBCLASS, SWRL, TYPE, XSD


class Unreadable(ValueError):
    """An axiom that is not OWL; says why."""


class Term(NamedTuple):
    """``head(parts …)`` of functional syntax; the parts are terms, or node keys of names and literals."""

    head: str
    parts: "tuple[Term | Node, ...]"


Part = Term | Node
Parts = Sequence[Part]

DEPTH = 100  # of expressions inside expressions
TRUE = literal("true", XSD + "boolean")
ENTITIES = {
    "Class": OWL + "Class",
    "Datatype": RDFS + "Datatype",
    "ObjectProperty": OWL + "ObjectProperty",
    "DataProperty": OWL + "DatatypeProperty",
    "AnnotationProperty": ANNOTATION,
    "NamedIndividual": OWL + "NamedIndividual",
}
_TRIPLES = {  # axiom -> predicate between its two parts
    "SubClassOf": SUBCLASS,
    "SubDataPropertyOf": RDFS + "subPropertyOf",
    "SubAnnotationPropertyOf": RDFS + "subPropertyOf",
    "InverseObjectProperties": OWL + "inverseOf",
    "DatatypeDefinition": OWL + "equivalentClass",
    **{f"{kind}PropertyDomain": RDFS + "domain" for kind in ("Object", "Data", "Annotation")},
    **{f"{kind}PropertyRange": RDFS + "range" for kind in ("Object", "Data", "Annotation")},
}
_SAME = {  # axiom -> predicate between its first name and every other part
    "EquivalentClasses": OWL + "equivalentClass",
    "EquivalentObjectProperties": OWL + "equivalentProperty",
    "EquivalentDataProperties": OWL + "equivalentProperty",
    "SameIndividual": OWL + "sameAs",
}
_APART = {  # axiom -> predicate between two parts, type of a group of more
    "DisjointClasses": (OWL + "disjointWith", OWL + "AllDisjointClasses"),
    "DisjointObjectProperties": (OWL + "propertyDisjointWith", OWL + "AllDisjointProperties"),
    "DisjointDataProperties": (OWL + "propertyDisjointWith", OWL + "AllDisjointProperties"),
    "DifferentIndividuals": (OWL + "differentFrom", OWL + "AllDifferent"),
}
_FLAGS = {
    f"{flag}{kind}Property": f"{OWL}{flag}Property"
    for flag in "Functional InverseFunctional Reflexive Irreflexive Symmetric Asymmetric Transitive".split()
    for kind in ("Object", "Data")
}
_LISTS = {  # expression -> type, predicate of its list
    f"{kind}{name}Of": (type_, f"{OWL}{name[0].lower()}{name[1:]}Of")
    for kind, type_ in (("Object", OWL + "Class"), ("Data", RDFS + "Datatype"))
    for name in ("Intersection", "Union", "One")
}
_FILLERS = {  # restriction -> predicate of its value
    f"{kind}{name}": OWL + predicate
    for kind in ("Object", "Data")
    for name, predicate in (
        ("SomeValuesFrom", "someValuesFrom"),
        ("AllValuesFrom", "allValuesFrom"),
        ("HasValue", "hasValue"),
    )
}
_COUNTS = {  # restriction -> its predicate without and with a class, predicate of the class
    f"{kind}{name}Cardinality": (plain, qualified, of)
    for kind, of in (("Object", "onClass"), ("Data", "onDataRange"))
    for name, plain, qualified in (
        ("Min", "minCardinality", "minQualifiedCardinality"),
        ("Max", "maxCardinality", "maxQualifiedCardinality"),
        ("Exact", "cardinality", "qualifiedCardinality"),
    )
}
_ATOMS = {  # rule atom -> type, predicate of what it is about
    "ClassAtom": ("ClassAtom", "classPredicate"),
    "DataRangeAtom": ("DataRangeAtom", "dataRange"),
    "ObjectPropertyAtom": ("IndividualPropertyAtom", "propertyPredicate"),
    "DataPropertyAtom": ("DatavaluedPropertyAtom", "propertyPredicate"),
    "SameIndividualAtom": ("SameIndividualAtom", ""),
    "DifferentIndividualsAtom": ("DifferentIndividualsAtom", ""),
}


class Axioms:
    """Axioms on their way into the statements."""

    def __init__(self, into: Statements) -> None:
        self.into = into
        self.out = Pending(into)
        self.ontology = ""

    def header(self, name: Node = "", version: Node = "") -> None:
        """The ontology's own name (none: a blank node) and version."""
        self.ontology = name or self.into.blank()
        self.into.add(self.ontology, TYPE, OWL + "Ontology")
        if version:
            self.into.add(self.ontology, OWL + "versionIRI", version)

    def read(self, term: Term) -> None:
        """One axiom, import or annotation of the ontology, with all its triples; Unreadable leaves nothing of it."""
        self.out.triples.clear()
        try:
            self._read(term.head, *_split(term.parts))
        except Unreadable:
            raise
        except (IndexError, TypeError, ValueError) as error:  # too few or many parts, a name instead of an expression
            raise Unreadable(f"{term.head} with the wrong parts") from error
        self.out.flush()

    def _read(self, head: str, parts: Parts, notes: list[Term]) -> None:
        if head in _TRIPLES:
            self._two(head, parts, 2)
            self._state(self.node(parts[0]), _TRIPLES[head], self.node(parts[1]), notes)
        elif head in _SAME:
            self._same(_SAME[head], parts, notes)
        elif head in _APART:
            self._apart(*_APART[head], parts, notes)
        elif head in _FLAGS:
            self._state(self.node(parts[0]), TYPE, _FLAGS[head], notes)
        elif head in _OTHERS:
            _OTHERS[head](self, parts, notes)
        else:
            raise Unreadable(f"{head} is no axiom")

    def _two(self, head: str, parts: Parts, number: int) -> None:
        if len(parts) != number:
            raise Unreadable(f"{head} with {len(parts)} parts instead of {number}")

    def _state(self, subject: Node, predicate: Node, node: Node, notes: list[Term]) -> None:
        if subject.startswith('"') or predicate.startswith(('"', "_:")):
            raise Unreadable("a literal where only a name can be")
        self.out.add(subject, predicate, node)
        if notes:
            self._note(reify(self.out, (subject, predicate, node)), notes)

    def _note(self, subject: Node, notes: list[Term]) -> None:
        """Annotations about an axiom, and the annotations about them."""
        for note in notes:
            parts, deeper = _split(note.parts)
            predicate, value = map(self.node, parts)
            self.out.add(subject, predicate, value)
            if deeper:
                self._note(reify(self.out, (subject, predicate, value), OWL + "Annotation"), deeper)

    def _same(self, predicate: str, parts: Parts, notes: list[Term]) -> None:
        hub = next((part for part in parts if _is_name(part)), parts[0])
        rest = [*parts]
        rest.remove(hub)
        if not rest:
            raise Unreadable("equivalent to nothing")
        subject = self.node(hub)
        for part in rest:
            self._state(subject, predicate, self.node(part), notes)

    def _apart(self, predicate: str, group: str, parts: Parts, notes: list[Term]) -> None:
        if len(parts) < 2:
            raise Unreadable("disjoint with nothing")
        if len(parts) == 2:
            self._state(self.node(parts[0]), predicate, self.node(parts[1]), notes)
            return
        self._about(group, [(OWL + "members", self._list(parts))], notes)

    def _about(self, kind: str, pairs: Notes, notes: list[Term]) -> None:
        """A blank node of a kind with properties; annotations of the axiom are its own."""
        node = self.out.blank()
        self.out.add(node, TYPE, kind)
        for predicate, value in pairs:
            self.out.add(node, predicate, value)
        self._note(node, notes)

    def _declaration(self, parts: Parts, notes: list[Term]) -> None:
        (entity,) = parts
        if not isinstance(entity, Term) or entity.head not in ENTITIES:
            raise Unreadable("Declaration of what is no entity")
        self._state(self.node(entity), TYPE, ENTITIES[entity.head], notes)

    def _annotation(self, parts: Parts, notes: list[Term]) -> None:
        if not self.ontology:
            self.header()
        self._state(self.ontology, self.node(parts[0]), self.node(parts[1]), notes)

    def _import(self, parts: Parts, notes: list[Term]) -> None:
        if not self.ontology:
            self.header()
        self._state(self.ontology, OWL + "imports", self.node(parts[0]), notes)

    def _sub_property(self, parts: Parts, notes: list[Term]) -> None:
        below, above = parts
        if isinstance(below, Term) and below.head == "ObjectPropertyChain":
            self._state(self.node(above), OWL + "propertyChainAxiom", self._list(below.parts), notes)
        else:
            self._state(self.node(below), RDFS + "subPropertyOf", self.node(above), notes)

    def _disjoint_union(self, parts: Parts, notes: list[Term]) -> None:
        self._state(self.node(parts[0]), OWL + "disjointUnionOf", self._list(parts[1:]), notes)

    def _key(self, parts: Parts, notes: list[Term]) -> None:
        groups = (part.parts if isinstance(part, Term) and not part.head else [part] for part in parts[1:])
        keys = [key for group in groups for key in group]
        self._state(self.node(parts[0]), OWL + "hasKey", self._list(keys), notes)

    def _class_assertion(self, parts: Parts, notes: list[Term]) -> None:
        kind, individual = parts
        self._state(self.node(individual), TYPE, self.node(kind), notes)

    def _assertion(self, parts: Parts, notes: list[Term]) -> None:
        relation, subject, node = parts
        if isinstance(relation, Term) and relation.head == "ObjectInverseOf":
            relation, subject, node = relation.parts[0], node, subject
        self._state(self.node(subject), self.node(relation), self.node(node), notes)

    def _negative(self, parts: Parts, notes: list[Term]) -> None:
        relation, subject, node = map(self.node, parts)
        target = "targetValue" if node.startswith('"') else "targetIndividual"
        pairs = ((OWL + "sourceIndividual", subject), (OWL + "assertionProperty", relation), (OWL + target, node))
        self._about(OWL + "NegativePropertyAssertion", pairs, notes)

    def _rule(self, parts: Parts, notes: list[Term]) -> None:
        body, head = parts
        if not isinstance(body, Term) or not isinstance(head, Term):
            raise Unreadable("a rule without body or head")
        pairs = [(SWRL + name, self._atoms(part.parts)) for name, part in (("body", body), ("head", head))]
        self._about(SWRL + "Imp", pairs, notes)

    def _atoms(self, atoms: Parts) -> Node:
        """https://www.w3.org/Submission/SWRL/, section 5: a list of atoms."""
        return sequence(self.out, [self._atom(*atom) for atom in atoms if isinstance(atom, Term)], SWRL + "AtomList")

    def _atom(self, head: str, parts: Parts) -> Node:
        node = self.out.blank()
        if head == "BuiltInAtom":
            self.out.add(node, TYPE, SWRL + "BuiltinAtom")
            self.out.add(node, SWRL + "builtin", self.node(parts[0]))
            self.out.add(node, SWRL + "arguments", self._list(parts[1:]))
            return node
        if head not in _ATOMS:
            raise Unreadable(f"{head} in a rule")
        kind, about = _ATOMS[head]
        self.out.add(node, TYPE, SWRL + kind)
        if about:
            self.out.add(node, SWRL + about, self.node(parts[0]))
            parts = parts[1:]
        for number, part in enumerate(parts, 1):
            self.out.add(node, f"{SWRL}argument{number}", self.node(part))
        return node

    def _list(self, parts: Parts) -> Node:
        return sequence(self.out, [self.node(part) for part in parts])

    def node(self, part: Part) -> Node:
        """The node of a name, literal or expression, with the triples of an expression."""
        if isinstance(part, str):
            return part
        head, parts = part
        if head in ENTITIES:
            return self.node(parts[0])
        if head == "Variable":
            name = self.node(parts[0])
            self.out.add(name, TYPE, SWRL + "Variable")
            return name
        return self._expression(head, parts)

    def _expression(self, head: str, parts: Parts) -> Node:
        if head in _LISTS:
            kind, predicate = _LISTS[head]
            return self._blank((TYPE, kind), (predicate, self._list(parts)))
        if head in _FILLERS:
            return self._restriction(head, parts)
        if head in _COUNTS:
            return self._count(_COUNTS[head], parts)
        if head == "ObjectHasSelf":
            return restriction(self.out, self.node(parts[0]), "hasSelf", TRUE)
        if head == "ObjectInverseOf":
            return self._blank((OWL + "inverseOf", self.node(parts[0])))
        if head == "ObjectComplementOf":
            return self._blank((TYPE, OWL + "Class"), (OWL + "complementOf", self.node(parts[0])))
        if head == "DataComplementOf":
            return self._blank((TYPE, RDFS + "Datatype"), (OWL + "datatypeComplementOf", self.node(parts[0])))
        if head == "DatatypeRestriction":
            return self._facets(parts)
        raise Unreadable(f"{head or 'a list'} where an expression is expected")

    def _blank(self, *pairs: tuple[Node, Node]) -> Node:
        node = self.out.blank()
        for predicate, value in pairs:
            self.out.add(node, predicate, value)
        return node

    def _restriction(self, head: str, parts: Parts) -> Node:
        if len(parts) < 2:
            raise Unreadable(f"{head} with {len(parts)} parts instead of 2")
        *relations, filler = map(self.node, parts)
        if len(relations) == 1:
            return restriction(self.out, relations[0], _FILLERS[head].removeprefix(OWL), filler)
        several = sequence(self.out, relations)
        return self._blank((TYPE, OWL + "Restriction"), (OWL + "onProperties", several), (_FILLERS[head], filler))

    def _count(self, words: tuple[str, str, str], parts: Parts) -> Node:
        number, relation, *filler = map(self.node, parts)
        if not number.removeprefix('"').partition("^^")[0].isdecimal():
            raise Unreadable("a cardinality that is no number")
        node = restriction(self.out, relation, words[bool(filler)], number)
        if filler:
            self.out.add(node, OWL + words[2], filler[0])
        return node

    def _facets(self, parts: Parts) -> Node:
        base, *rest = parts
        pairs = [part.parts for part in rest if isinstance(part, Term)]  # OWL/XML
        pairs = pairs or list(zip(rest[::2], rest[1::2], strict=True))
        facets = [self._blank((self.node(facet), self.node(value))) for facet, value in pairs]
        return self._blank(
            (TYPE, RDFS + "Datatype"),
            (OWL + "onDatatype", self.node(base)),
            (OWL + "withRestrictions", sequence(self.out, facets)),
        )


_OTHERS: dict[str, Callable[[Axioms, Parts, list[Term]], None]] = {
    "Declaration": Axioms._declaration,
    "Annotation": Axioms._annotation,
    "Import": Axioms._import,
    "SubObjectPropertyOf": Axioms._sub_property,
    "DisjointUnion": Axioms._disjoint_union,
    "HasKey": Axioms._key,
    "ClassAssertion": Axioms._class_assertion,
    "ObjectPropertyAssertion": Axioms._assertion,
    "DataPropertyAssertion": Axioms._assertion,
    "NegativeObjectPropertyAssertion": Axioms._negative,
    "NegativeDataPropertyAssertion": Axioms._negative,
    "AnnotationAssertion": Axioms._assertion,
    "DLSafeRule": Axioms._rule,
}
COUNTED = frozenset(_COUNTS)
AXIOMS = frozenset({*_TRIPLES, *_SAME, *_APART, *_FLAGS, *_OTHERS} - {"Annotation", "Import"})


def _split(parts: Parts) -> tuple[Parts, list[Term]]:
    """Parts without the annotations before them, and the annotations."""
    notes: list[Term] = []
    for part in parts:
        if not isinstance(part, Term) or part.head != "Annotation":
            break
        notes.append(part)
    return parts[len(notes) :], notes


def _is_name(part: Part) -> bool:
    return not part.startswith(("_:", '"')) if isinstance(part, str) else part.head in ENTITIES


def count(number: str) -> Node:
    """The literal of a cardinality."""
    return literal(number, COUNT)
