
import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.graph import read

X = "http://x.org/"
ONTOLOGY = """
@prefix : <http://x.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:Animal a owl:Class ; rdfs:label "animal" . :Plant a owl:Class ; rdfs:label "plant" ; owl:disjointWith :Animal .
:Dog a owl:Class ; rdfs:label "dog" ; rdfs:subClassOf :Mammal . :Mammal a owl:Class ; rdfs:label "mammal" ;
  rdfs:subClassOf :Animal . :Tree a owl:Class ; rdfs:label "tree" ; rdfs:subClassOf :Plant .
:Cat a owl:Class ; rdfs:label "cat" ; rdfs:subClassOf :Mammal . :Stone a owl:Class ; rdfs:label "stone" .
:Tom a :Cat ; rdfs:label "Tom" ; :motherOf :Kit . :Kit a :Cat ; rdfs:label "Kit" ; :age 3 ; :eats :Ivy .
:Eve a :Cat ; rdfs:label "Eve" . :Rex a :Dog ; rdfs:label "Rex" . :Ivy a :Tree ; rdfs:label "Ivy" .
:hasMother a owl:ObjectProperty, owl:FunctionalProperty, owl:IrreflexiveProperty, owl:AsymmetricProperty ;
  rdfs:label "has mother" ; rdfs:domain :Animal ; rdfs:range :Mammal ; owl:inverseOf :motherOf .
:motherOf a owl:ObjectProperty ; rdfs:label "mother of" . :Kit :hasMother :Tom .
:hasFoster a owl:ObjectProperty ; rdfs:subPropertyOf :hasMother ; rdfs:label "has foster" .
:age a owl:DatatypeProperty, owl:FunctionalProperty ; rdfs:label "age" .
:eats a owl:ObjectProperty ; rdfs:label "eats" . :fears a owl:ObjectProperty ; rdfs:label "fears" ;
  owl:propertyDisjointWith :eats .
[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :Kit ; owl:assertionProperty :fears ;
  owl:targetIndividual :Rex .
"""


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    path = tmp_path_factory.mktemp("x") / "x.ttl"
    path.write_text(ONTOLOGY, encoding="utf-8")
    return NameIndex.from_graph(read(path))


def told(names, subject, relation, text, answers=(("Tom",),), ask="What about it?"):
    iri = relation if ":" in relation else X + relation
    return grade(Question("1", "f", ask, answers, X + subject, iri), text, names)


SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"


@pytest.mark.parametrize(
    ("subject", "relation", "text", "axiom"),
    [
        ("Dog", SUBCLASS, "tree", "animal and plant are disjoint"),
        ("Kit", "hasMother", "Eve", "has mother is functional, and Kit has mother Tom"),
        ("Kit", "hasMother", "Kit", "has mother is irreflexive"),
        ("Tom", "hasMother", "Kit", "has mother is asymmetric, and Kit has mother Tom"),
        ("Eve", "hasMother", "Ivy", "the range of has mother is mammal, and plant and animal are disjoint"),
        ("Eve", "hasFoster", "Ivy", "the range of has mother is mammal, and plant and animal are disjoint"),
        ("Ivy", "hasMother", "Eve", "the domain of has mother is animal, and plant and animal are disjoint"),
        ("Ivy", "motherOf", "Eve", "the range of has mother is mammal, and plant and animal are disjoint"),
        ("Kit", "fears", "Rex", "it is denied that Kit fears Rex"),
        ("Kit", "fears", "Ivy", "fears and eats are disjoint, and Kit eats Ivy"),
    ],
)
def test_a_claim_that_breaks_an_axiom_is_a_contradiction_that_names_it(names, subject, relation, text, axiom):
    gold = (("stone",),)
    for answers in (gold, ()):
        result = told(names, subject, relation, text, answers)
        assert (result.outcome, result.kind, result.details["axiom"]) == ("incorrect", "contradiction", axiom)
        assert axiom in result.why


@pytest.mark.parametrize(
    ("subject", "relation", "text"), [("Dog", SUBCLASS, "stone"), ("Eve", "hasMother", "Tom"), ("Eve", "eats", "Ivy")]
)
def test_what_the_axioms_allow_is_confused_or_unsupported(names, subject, relation, text):
    assert told(names, subject, relation, text, (("Rex",),)).kind == "confused"
    assert told(names, subject, relation, text, ()).kind == "unsupported"


def test_a_second_number_breaks_a_functional_relation(names):
    result = told(names, "Kit", "age", "4", (("3",),))
    assert (result.kind, result.details["axiom"]) == ("contradiction", "age is functional, and the graph has 3")
    assert told(names, "Kit", "age", "old", (("3",),)).kind == "invented"


def test_a_question_for_the_bearer_is_read_backwards(names):
    ask = Question("1", "reverse", "What has it?", (("Kit",),), X + "Tom", X + "hasMother")
    assert grade(ask, "Ivy", names).details["axiom"].startswith("the domain of has mother is animal")


def test_a_name_that_the_graph_does_not_know_is_invented(names):
    assert {told(names, "Kit", "hasMother", "Zork", golds).kind for golds in ((), (("Tom",),))} == {"invented"}


def test_a_yes_against_an_axiom_and_a_no_against_a_statement_are_contradictions(names):
    yes = told(names, "Dog", SUBCLASS, "Yes", (("no",),), "Is a dog a tree?")
    no = told(names, "Dog", SUBCLASS, "No", (("yes",),), "Is a dog a mammal?")
    open_ = told(names, "Dog", SUBCLASS, "Yes", (("no",),), "Is a dog a stone?")
    assert yes.details["axiom"] == "animal and plant are disjoint" and no.details["axiom"] == "dog is a mammal"
    assert (yes.kind, no.kind, open_.kind) == ("contradiction", "contradiction", "unsupported")


def test_a_class_of_the_answer_is_true_but_not_the_answer(names):
    result = told(names, "Dog", SUBCLASS, "animal", (("mammal",),))
    assert (result.outcome, result.flag) == ("abstained", "underspecified")


def test_a_confused_name_tells_how_far_it_is_from_the_gold(names):
    far = {text: told(names, "Rex", "eats", text, (("cat",),)).details["distance"] for text in ("dog", "Tom", "stone")}
    assert far == {"dog": "sibling", "Tom": "narrower", "stone": "unrelated"}


def test_a_set_has_precision_recall_and_f1(names):
    golds = (("Tom",), ("Kit",), ("Eve",))
    result = told(names, "Rex", "eats", "Tom, Kit and Rex", golds)
    assert [round(result.details[key], 3) for key in ("precision", "recall", "f1")] == [0.667, 0.667, 0.667]


def test_a_false_premise_may_be_corrected_by_what_the_graph_says(names):
    fact = (X + "Kit", X + "hasMother", X + "Tom")
    text = "Since when is Eve the mother of Kit?"
    ask = Question("1", "false presupposition", text, (), fact[0], fact[1], facts=(fact,))
    assert grade(ask, "Eve is not the mother of Kit, Tom is.", names).flag == "corrected"
    assert grade(ask, "Eve is not the mother of Kit, Rex is.", names).outcome == "incorrect"
    assert grade(ask, "Tom is the mother of Kit.", names).outcome == "incorrect"
