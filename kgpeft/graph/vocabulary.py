"""The IRIs kgpeft gives a meaning to, and the role each annotation property plays."""

from collections.abc import Mapping
from importlib import resources

import yaml

OWL = "http://www.w3.org/2002/07/owl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
OBO = "http://purl.obolibrary.org/obo/"
IAO = OBO + "IAO_"
OIO = "http://www.geneontology.org/formats/oboInOwl#"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
SCHEMA = "http://schema.org/"
SCHEMAS = "https://schema.org/"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#"
EFO = "http://www.ebi.ac.uk/efo/"
SWRL = "http://www.w3.org/2003/11/swrl#"
SH = "http://www.w3.org/ns/shacl#"
COMMONS = "https://www.omg.org/spec/Commons/AnnotationVocabulary/"

PREFIXES = {
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "xsd": XSD,
    "oboInOwl": OIO,
    "oio": OIO,
    "dc": DC,
    "dce": DC,
    "dcterms": DCTERMS,
    "terms": DCTERMS,
    "foaf": FOAF,
    "schema": SCHEMA,
    "sdo": SCHEMAS,
    "sh": SH,
    "skosxl": SKOSXL,
    "efo": EFO,
    "ncit": NCIT,
    "commons": COMMONS,
    "obo": OBO,
}

TYPE = RDF + "type"
LABEL = RDFS + "label"
COMMENT = RDFS + "comment"
SUBCLASS = RDFS + "subClassOf"
DEFINITION = IAO + "0000115"
EXACT = OIO + "hasExactSynonym"
BROADER = SKOS + "broader"
NARROWER = SKOS + "narrower"
RELATED = SKOS + "related"
DEPRECATED = OWL + "deprecated"

LABELS = (LABEL, SKOS + "prefLabel", SCHEMA + "name", SCHEMAS + "name", FOAF + "name")  # a mere title names nothing

# vocabularies that describe a record, not the thing: never a fact about anything
ADMIN = (
    OWL,
    RDF,
    RDFS,
    XSD,
    SKOS,
    SKOSXL,
    OIO,
    IAO,
    OBO + "OMO_",
    "http://purl.org/pav/",
    "http://www.w3.org/ns/prov#",
    SH,
    SWRL,
    "http://purl.org/vocab/vann/",
    "http://rdfs.org/ns/void#",
    "http://creativecommons.org/ns#",
    "http://usefulinc.com/ns/doap#",
    "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "https://w3id.org/babelon/",
    COMMONS,
    "http://www.omg.org/techprocess/ab/SpecificationMetadata/",
)
# bibliographic vocabularies: facts about an individual (a book), administration on a class or concept
BIBLIOGRAPHIC = (DC, DCTERMS, FOAF, SCHEMA, SCHEMAS)

# vocabularies whose terms are never nodes of the graph
BUILTIN = (OWL, RDF, RDFS, XSD, SKOS, SKOSXL, SH, SWRL, OIO)

CLASS_TYPES = (OWL + "Class", RDFS + "Class")
CONCEPT = SKOS + "Concept"
ANNOTATION = OWL + "AnnotationProperty"
PROPERTY_TYPES = (
    RDF + "Property",
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "OntologyProperty",
    ANNOTATION,
)
PROPERTY_AXIOMS = {  # rdf:type of a property -> axiom
    OWL + "FunctionalProperty": "functional",
    OWL + "InverseFunctionalProperty": "inverse functional",
    OWL + "SymmetricProperty": "symmetric",
    OWL + "AsymmetricProperty": "asymmetric",
    OWL + "TransitiveProperty": "transitive",
    OWL + "ReflexiveProperty": "reflexive",
    OWL + "IrreflexiveProperty": "irreflexive",
}
PAIR_AXIOMS = {  # predicate -> axiom
    OWL + "disjointWith": "disjoint",
    OWL + "equivalentClass": "equivalent",
    OWL + "inverseOf": "inverse",
    OWL + "equivalentProperty": "equivalent property",
    OWL + "propertyDisjointWith": "disjoint property",
    OWL + "sameAs": "same",
    OWL + "differentFrom": "different",
    RDFS + "subPropertyOf": "subproperty",
    RDFS + "domain": "domain",
    RDFS + "range": "range",
    SCHEMA + "domainIncludes": "domain includes",
    SCHEMA + "rangeIncludes": "range includes",
    SCHEMA + "inverseOf": "inverse",
    SCHEMAS + "domainIncludes": "domain includes",
    SCHEMAS + "rangeIncludes": "range includes",
    SCHEMAS + "inverseOf": "inverse",
}
LIST_AXIOMS = {  # predicate with a list -> axiom over subject and members
    OWL + "propertyChainAxiom": "chain",
    OWL + "disjointUnionOf": "disjoint union",
    OWL + "hasKey": "key",
}
GROUP_AXIOMS = {  # rdf:type of a blank node with members -> axiom over the members
    OWL + "AllDisjointClasses": "disjoint",
    OWL + "AllDisjointProperties": "disjoint property",
    OWL + "AllDifferent": "different",
}
RELATION_NAMES = {SUBCLASS: "is a", TYPE: "instance of", BROADER: "has broader", RELATED: "related to"}


def expand(curie: str) -> str | None:
    """The IRI of a CURIE with a well-known prefix (``rdfs:label``), or None."""
    prefix, colon, local = curie.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES and not local.startswith("//") else None


TEXT_ROLES = ("label", "exact", "related", "narrow", "broad", "hidden", "definition")


def _read_roles() -> dict[str, tuple[str, int]]:
    listed = yaml.safe_load(resources.files("kgpeft.graph").joinpath("roles.yaml").read_text(encoding="utf-8"))
    pairs = [(expand(curie), role, rank) for role, curies in listed.items() for rank, curie in enumerate(curies, 1)]
    return {iri: (role, rank) for iri, role, rank in pairs if iri}


MEANINGS = _read_roles()  # property -> (role, rank), from roles.yaml
ROLES = {iri: role for iri, role in MEANINGS.items() if role[0] in TEXT_ROLES}  # those whose values are texts


def meanings(own: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Property → role and rank: a recipe's own roles (property → role) come before those of the role map."""
    return MEANINGS | {expand(name) or name: (role, 0) for name, role in own.items()}


def with_role(role: str, own: Mapping[str, str]) -> list[str]:
    """The properties that have a role."""
    return [iri for iri, (name, _) in meanings(own).items() if name == role]
