"""Graphs that say something else keep what they must keep, and change the rest."""

from collections import Counter

import numpy as np
import pytest

from kgpeft.evaluation.graphs import emptied, misnamed, renamed, shuffled
from kgpeft.graph import KnowledgeGraph


def test_a_shuffled_graph_keeps_every_relations_subjects_and_objects(toy):
    other = shuffled(toy)
    kept = {tuple(e) for e in toy.edges.tolist()} & {tuple(e) for e in other.edges.tolist()}
    assert len(kept) < len(toy.edges) / 4  # some of the types stay: most muscles are of one
    for r in range(len(toy.relations)):
        mine, theirs = toy.edges[toy.edges[:, 1] == r], other.edges[other.edges[:, 1] == r]
        assert set(theirs[:, 2]) == set(mine[:, 2]) and set(theirs[:, 0]) == set(mine[:, 0])


def test_definitions_are_shuffled_too(toy):
    other = shuffled(toy)
    texts = [Counter(label.text for label in g.labels if label.role == "definition") for g in (toy, other)]
    assert texts[0] == texts[1]
    defined = [e for e in range(len(toy.terms)) if toy.definition(e)]
    assert all(toy.definition(e) != other.definition(e) for e in defined)


def test_an_empty_graph_says_nothing_of_anything(toy):
    other = emptied(toy)
    assert len(other.edges) == 0 and list(other.names) == list(toy.names)
    assert all(other.definition(e) is None and other.aliases(e) == [toy.names[e]] for e in range(len(toy.terms)))


def test_under_wrong_names_every_name_leads_to_another_things_facts(toy):
    other, biceps = misnamed(toy), toy.find("biceps brachii")[0]
    (bearer,) = other.find("biceps brachii")
    assert bearer != biceps and other.aliases(bearer) == ["biceps brachii", "biceps"]
    assert Counter(other.names) == Counter(toy.names) and np.array_equal(other.edges, toy.edges)


def test_a_renamed_graph_has_the_same_shape_and_no_old_name(toy, tmp_path):
    other = renamed(toy)
    assert np.array_equal(other.edges, toy.edges) and other.relation_names == toy.relation_names
    old, new = ({w for name in g.names for w in name.casefold().split() if len(w) > 2} for g in (toy, other))
    assert len(old) == len(new) and not old & new
    one, two = toy.find("biceps")[0], toy.find("triceps brachii")[0]
    assert other.names[one].split()[1] == other.names[two].split()[1]  # a shared word stays shared
    other.save(tmp_path)
    assert KnowledgeGraph.load(tmp_path).fingerprint == other.fingerprint != toy.fingerprint


@pytest.mark.parametrize("change", [shuffled, misnamed, renamed])
def test_the_same_seed_makes_the_same_graph(toy, change):
    assert change(toy).fingerprint == change(toy).fingerprint != toy.fingerprint
