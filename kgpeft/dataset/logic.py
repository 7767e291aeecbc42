"""Yes-no questions, half of them with the answer no: from disjointness, universals, bounds of 0 and negative facts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, zip_longest

from kgpeft.dataset.grammar import put
from kgpeft.dataset.known import Drafts
from kgpeft.dataset.writer import NO, YES, Draft, Writer
from kgpeft.graph import PATTERNS
from kgpeft.graph.wording import axiom_text

TRIES = 400  # pairs that are tried for one axiom


def yes_no(w: Writer, rng: random.Random, family: str) -> Drafts:
    """No, because an axiom forbids it; yes, because the graph says so: one after the other."""
    logic = _Logic(w)
    denied = list(_denied(w, rng, logic))
    rng.shuffle(denied)
    above, stated = _belonging(w, rng, logic), _stated(w, rng, {no.relation for no in denied})
    taxonomic = {w.graph.relations[r] for r in w.facts.taxonomic}
    asked = set[str]()
    for no in {draft.text: draft for draft in denied}.values():
        more = above if no.relation in taxonomic else stated
        yes = next((draft for draft in more if draft.text not in asked), None)
        if yes is not None:
            asked.add(yes.text)
            yield no
            yield yes


class _Logic:
    """The hierarchy, and what is disjoint."""

    def __init__(self, w: Writer) -> None:
        graph = w.graph
        self.w, self.ids = w, {term: node for node, term in enumerate(graph.terms)}
        up = {PATTERNS.index("sub"), PATTERNS.index("type")}
        self.below: dict[int, list[int]] = defaultdict(list)
        self.above: dict[int, list[tuple[int, int]]] = defaultdict(list)  # node → (class, edge)
        for edge, ((s, _, o), pattern) in enumerate(zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True)):
            if pattern in up:
                self.below[o].append(s)
                self.above[s].append((o, edge))
        self.disjoint: dict[int, set[int]] = defaultdict(set)
        for axiom in graph.axioms:
            if axiom["axiom"] in ("disjoint", "disjoint union", "complement"):
                terms = axiom["terms"][axiom["axiom"] == "disjoint union" :]
                self._apart([self.ids[term] for term in terms if term in self.ids])

    def _apart(self, members: list[int]) -> None:
        for one in members:
            self.disjoint[one] |= set(members) - {one}

    def way(self, node: int, top: int) -> tuple[int, ...]:
        """The edges that lead from a node up to a class, the shortest way."""
        came: dict[int, tuple[int, int]] = {node: (-1, -1)}
        front = [node]
        while front and top not in came:
            found = [(above, at, edge) for at in front for above, edge in self.above.get(at, ())]
            front = []
            for above, at, edge in found:
                if above not in came:
                    came[above] = at, edge
                    front.append(above)
        steps = list[int]()
        while top in came and top != node:
            top, edge = came[top]
            steps.insert(0, edge)
        return tuple(steps)

    def under(self, node: int) -> list[int]:
        """The node and all that is below it, if it can be asked about."""
        found, front = dict[int, None](), [node]
        while front:
            at = front.pop()
            if at not in found:
                found[at] = None
                front += self.below.get(at, ())
        return [node for node in found if self.w.facts.askable[node] and node not in self.w.split.apart]

    def apart(self, one: int, other: int) -> bool:
        """Whether an axiom makes two things disjoint."""
        first, second = ({node, *self.w.facts.above(node)} for node in (one, other))
        return any(not self.disjoint[node].isdisjoint(second) for node in first & self.disjoint.keys())


def _denied(w: Writer, rng: random.Random, logic: _Logic) -> Iterator[Draft]:
    sources = [_disjoint(w, rng, logic), *(_axiom(w, rng, logic, axiom) for axiom in w.graph.axioms)]
    return (draft for draft in chain.from_iterable(zip_longest(*sources)) if draft)


def _disjoint(w: Writer, rng: random.Random, logic: _Logic) -> Iterator[Draft]:
    """A thing is not of a class that is disjoint with its own."""
    pairs = sorted((one, other) for one, others in logic.disjoint.items() for other in others)
    taxonomic = min(w.facts.taxonomic, default=-1)
    rng.shuffle(pairs)
    for low, high in pairs * max(1, w.settings.size("negation") // max(1, len(pairs))):
        lows = logic.under(low)
        if lows and w.facts.askable[high] and taxonomic >= 0:
            why = f"{w.graph.names[low]} and {w.graph.names[high]} are disjoint"
            yield _decide(w, (rng.choice(lows), taxonomic, high), NO, why)


def _axiom(w: Writer, rng: random.Random, logic: _Logic, axiom: dict[str, object]) -> Iterator[Draft]:
    """What one axiom denies: a negative fact, a value there is none of, a value of another kind than all must be."""
    name, terms = axiom["axiom"], [str(term) for term in axiom["terms"]]  # type: ignore[attr-defined]
    zero = name in ("at most", "exactly") and axiom.get("n") == 0 and len(terms) == 3
    if (name not in ("negative", "not some", "only") and not zero) or terms[1] not in w.graph.relations:
        return
    subject, relation = logic.ids.get(terms[0], -1), w.graph.relations.index(terms[1])
    values = [logic.ids[term] for term in terms[2:] if term in logic.ids]
    if subject < 0 or len(values) < len(terms) - 2:
        return
    why = axiom_text(w.graph, axiom)
    subjects = [subject] if name == "negative" else logic.under(subject)
    for node in rng.sample(subjects, min(len(subjects), TRIES)):
        wrong = _others(w, rng, logic, values, relation) if name == "only" else rng.choice(values)
        if wrong >= 0 and w.facts.askable[wrong] and not w.edited.entails(node, relation, wrong):
            yield _decide(w, (node, relation, wrong), NO, why)


def _others(w: Writer, rng: random.Random, logic: _Logic, allowed: list[int], relation: int) -> int:
    """A value of the relation elsewhere that is disjoint with all that are allowed; -1 if none is found."""
    values = sorted({int(o) for _, r, o in w.graph.edges.tolist() if r == relation}) if relation >= 0 else []
    for value in rng.sample(values, min(len(values), 20)):
        if all(logic.apart(value, one) for one in allowed):
            return value
    return -1


def _decide(
    w: Writer, fact: tuple[int, int, int], answers: tuple[tuple[str, ...], ...], why: str, edges: tuple[int, ...] = ()
) -> Draft:
    (subject, relation, value), names = fact, w.graph.names
    text = put(names[subject], w.phrasing(relation).confirm).replace("{y}", names[value])
    return Draft(text, answers, w.graph.terms[subject], w.graph.relations[relation], edges, why)


def _stated(w: Writer, rng: random.Random, relations: set[str | None]) -> Iterator[Draft]:
    """What the graph states, of the relations that something is denied of."""
    for s in w.statements(rng):
        fits = w.graph.relations[s.relation_id] in relations and s.relation_id not in w.facts.taxonomic
        at = rng.randrange(len(s.value_ids))
        if fits and w.seen(s) and w.facts.askable[s.entity_id] and w.facts.askable[s.value_ids[at]]:
            yield _decide(w, (s.entity_id, s.relation_id, s.value_ids[at]), YES, "", (s.edges[at],))


def _belonging(w: Writer, rng: random.Random, logic: _Logic) -> Iterator[Draft]:
    """Things that are of the classes that others are not: the class alone does not tell the answer."""
    classes = [c for c in sorted(logic.disjoint) if w.facts.askable[c]]
    for _ in range(TRIES if classes else 0):
        top = rng.choice(classes)
        below = [node for node in logic.under(top) if node != top]
        steps = logic.way(rng.choice(below), top) if below else ()
        if steps and all(not w.part[edge] for edge in steps):
            node, relation = w.graph.edges[steps[0], :2].tolist()
            yield _decide(w, (node, relation, top), YES, "", steps)
