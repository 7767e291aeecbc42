"""Families of questions that the graph answers: facts from both ends, by synonym, over several hops."""

from __future__ import annotations

import random
from collections.abc import Iterator

from kgpeft.dataset.grammar import put
from kgpeft.dataset.phrasing import DEFINITION
from kgpeft.dataset.splits import MOST_VALUES
from kgpeft.dataset.writer import SEEN_TEMPLATES, Draft, Writer, pick
from kgpeft.evidence.statements import Statement

MOST_IN_SET = 20
PHRASINGS = 4  # of one fact, where consistency is measured

Drafts = Iterator[Draft]


def is_seen(w: Writer, s: Statement) -> bool:
    """Whether a statement is a seen fact: not taxonomic, unless the graph is a taxonomy."""
    return (s.relation_id not in w.facts.taxonomic or w.facts.only_taxonomy) and w.fits(s) and w.seen(s)


def seen(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Seen facts, in seen or unseen phrasings."""
    for s in w.statements(rng):
        if is_seen(w, s):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, family)))


def consistency(w: Writer, rng: random.Random, family: str) -> Drafts:
    """One seen fact after the other, each in four phrasings."""
    for s in w.statements(rng):
        if is_seen(w, s):
            options = list(w.templates(s.relation_id, family))
            if len(options) >= PHRASINGS:
                yield from (w.ask(s, template) for template in rng.sample(options, PHRASINGS))


def reverse(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Who bears a value; not where the value bears the relation too, as then both directions are right."""
    for s in w.statements(rng, inverse=True):
        if is_reverse(w, s):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, family)))


def is_reverse(w: Writer, s: Statement) -> bool:
    """Whether an inverse statement makes a question."""
    return one_way(w, s) and w.fits(s) and w.seen(s)


def one_way(w: Writer, s: Statement) -> bool:
    """Whether an inverse statement's value does not bear the relation itself, or the relation goes up a hierarchy."""
    return s.relation_id in w.facts.taxonomic or s.relation_id not in w.facts.said[s.entity_id]


def alias(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Seen facts, asked by a synonym of the subject."""
    for s in w.statements(rng):
        if w.fits(s) and w.seen(s):
            names = [n for n in w.facts.spoken_aliases(s.entity_id) if n.casefold() != s.entity.casefold()]
            if names and len(name := pick(rng, names)) > 1:
                yield w.ask(s, pick(rng, w.templates(s.relation_id, family)), subject=name)


def value(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Numbers, dates, texts."""
    for s in w.statements(rng):
        if w.fits(s) and w.seen(s) and all(w.facts.is_literal(node) for node in s.value_ids):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, family)))


def several(w: Writer, rng: random.Random, family: str) -> Drafts:
    """What has 2 to 20 answers, from either end."""
    both = [*w.statements(rng), *w.statements(rng, inverse=True)]
    rng.shuffle(both)
    for s in both:
        if w.fits(s, MOST_IN_SET, 2) and w.seen(s) and (not s.inverse or one_way(w, s)):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, "reverse" if s.inverse else family)))


def kinds(w: Writer, rng: random.Random, family: str) -> Drafts:
    """What kind of thing something is."""
    for s in w.statements(rng):
        if s.relation_id in w.facts.taxonomic and w.fits(s) and w.seen(s):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, family)))


def definition(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Definitions that training may see."""
    found = [s for s in w.facts.statements if w.facts.defined(s) and s.entity_id not in w.split.veiled]
    rng.shuffle(found)
    for s in found:
        yield define(w, s, pick(rng, DEFINITION.object[:SEEN_TEMPLATES]))


def define(w: Writer, s: Statement, template: str) -> Draft:
    """A question for a definition."""
    text, answers = put(s.entity, template), ((s.values[0],),)
    return Draft(text, answers, w.graph.terms[s.entity_id], None, (), "definition", s.entity)


def untrained(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Facts that training must not see, and that do not follow from what it sees."""
    for s in w.statements(rng):
        whole = family != "entity-disjoint" or s.entity_id in w.split.entities[family]
        of_it = family != "relation-disjoint" or s.relation_id in w.split.relations
        if whole and of_it and w.fits(s) and w.kept_for(s, family) and not w.told_by_training(s):
            yield w.ask(s, pick(rng, w.templates(s.relation_id, family)))


def hops(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Questions that go through one or two other things, each the only one of its relation."""
    steps = {"two-hop": 2, "three-hop": 3}[family]
    by_entity: dict[int, list[Statement]] = {}
    for s in w.statements(None):
        if w.fits(s) and w.seen(s):
            by_entity.setdefault(s.entity_id, []).append(s)
    starts = sorted(by_entity)
    for _ in range(len(starts) * steps):
        path = _path(w, rng, by_entity, rng.choice(starts), steps)
        if path:
            yield _through(w, path)


def _path(
    w: Writer, rng: random.Random, by_entity: dict[int, list[Statement]], start: int, steps: int
) -> list[Statement]:
    """Statements, each about the value of the one before; none where there is a shorter way or a turn back."""
    path, at, been = list[Statement](), start, {start}
    for step in range(steps):
        last = step == steps - 1
        options = [s for s in by_entity.get(at, ()) if been.isdisjoint(s.value_ids) and _goes_on(w, path, s, last)]
        if not options:
            return []
        path.append(rng.choice(options))
        at = path[-1].value_ids[0]
        been.add(at)
    shortcut = path[-1].relation_id in {s.relation_id for s in by_entity[start]} - {path[0].relation_id}
    direct = set(w.graph.edges[w.graph.outgoing(start), 2].tolist())
    return path if not shortcut and direct.isdisjoint(path[-1].value_ids) else []


def _goes_on(w: Writer, path: list[Statement], s: Statement, last: bool) -> bool:
    twice = any(s.relation_id == before.relation_id for before in path) and not w.facts.only_taxonomy
    dull = s.relation_id in w.facts.taxonomic and not (last or w.facts.only_taxonomy)
    return not twice and not dull and (last or len(s.values) == 1) and len(s.values) <= MOST_VALUES


def _through(w: Writer, path: list[Statement]) -> Draft:
    first, last = path[0], path[-1]
    described, begin = put(first.entity, w.phrasing(first.relation_id).path), ""
    for s in path[1:-1]:  # "Consider the thing that it is part of. What does the thing that it feeds ...?"
        described, begin = put("it", w.phrasing(s.relation_id).path), f"Consider {described}. "
    made = w.ask(last, begin + w.templates(last.relation_id, "seen fact")[0], subject=described)
    edges = tuple(edge for s in path for edge in s.edges)
    through = ", ".join(s.values[0] for s in path[:-1])
    return Draft(made.text, made.answers, w.graph.terms[first.entity_id], made.relation, edges, f"through {through}",
                 first.entity)
