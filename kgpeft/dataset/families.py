"""All families of questions of one graph: how many there are of each, and why there are not more."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice

from kgpeft.dataset import known, logic, unknown
from kgpeft.dataset.phrasing import DEFINITION
from kgpeft.dataset.questions import LEXICAL
from kgpeft.dataset.settings import FAMILIES, UNTRAINED, DatasetSettings
from kgpeft.dataset.writer import SEEN_TEMPLATES, Asked, Draft, Writer, pick, stratum
from kgpeft.graph import KnowledgeGraph

MOST_LEXICAL = 0.25  # share of the questions on untrained facts whose answer shares a word with the subject's name
ENOUGH = 60  # drafts looked at for each question that is wanted, while those without a shared word are sought

FROM: dict[str, Callable[[Writer, random.Random, str], Iterator[Draft]]] = {
    "seen fact": known.seen, "unseen phrasing": known.seen, "consistency": known.consistency,
    "reverse": known.reverse, "alias": known.alias, "value": known.value, "set": known.several, "type": known.kinds,
    "definition": known.definition, "two-hop": known.hops, "three-hop": known.hops, "negation": logic.yes_no,
    **dict.fromkeys(UNTRAINED, known.untrained),
    "fact absent": unknown.absent, "relation absent": unknown.relation_absent,
    "unknown entity": unknown.unknown_entity, "foreign entity": unknown.foreign_entity,
    "false presupposition": unknown.presupposed, "retracted fact": unknown.retracted,
    "deleted entity": unknown.deleted_entity, "locality": unknown.outside, "retention": unknown.outside,
}
LACKING = {  # what a graph does not have that a family asks for
    "seen fact": "no relation has a value to ask for", "unseen phrasing": "no relation has a value to ask for",
    "consistency": "no relation has a value to ask for",
    "reverse": "no value has bearers, and is none itself", "alias": "nothing that can be asked about has a synonym",
    "value": "there are no numbers, dates or short texts to ask for", "set": "nothing has 2 to 20 values to ask for",
    "type": "there is no hierarchy", "definition": "there is no definition of 3 to 40 words",
    "two-hop": "no value that stands alone has another relation",
    "three-hop": "there is no way over two values that stand alone",
    "negation": "no axiom denies anything of what can be asked about",
    "held-out fact": "no fact could be held out", "entity-disjoint": "no entity could be held out whole",
    "relation-disjoint": "no relation is small enough, or there are fewer than four",
    "added fact": "no fact could be held out",
    "fact absent": "everything has all that its kind has",
    "relation absent": "its relations cover every attribute that is known",
    "unknown entity": "no relation has a value to ask for", "foreign entity": "no relation has a value to ask for",
    "false presupposition": "no relation has one value for a thing and another elsewhere",
    "retracted fact": "no fact could be retracted without following from others",
    "deleted entity": "no entity with few facts could be removed",
    "locality": "all general questions name something of the graph", "retention": "there are no more general questions",
}


class Families:
    """Writes the questions of one graph."""

    def __init__(self, graph: KnowledgeGraph, settings: DatasetSettings) -> None:
        self.writer, self.settings = Writer(graph, settings), settings
        self.unfilled: dict[str, str] = {}

    def test(self) -> list[Asked]:
        """The questions to measure with: as many of each family as are wanted, or as the graph has."""
        return [asked for family in FAMILIES for asked in self._take(family, self.settings.size(family))]

    def train(self) -> Iterator[Asked]:
        """Every question that training may use: seen facts in seen phrasings, and what the graph does not say."""
        rng = random.Random(self.settings.seed + 1)
        for family, make in (("seen fact", known.is_seen), ("reverse", known.is_reverse)):
            chosen = (s for s in self.writer.statements(None, inverse=family == "reverse") if make(self.writer, s))
            drafts = (self.writer.ask(s, pick(rng, self.writer.templates(s.relation_id, family))) for s in chosen)
            yield from self._trained(family, drafts)
        yield from self._trained("definition", self._definitions(rng))
        if not self.writer.facts.only_taxonomy:
            yield from self._trained("type", known.kinds(self.writer, rng, "type"))
        yield from self._trained("fact absent", self._absent(rng))

    def _definitions(self, rng: random.Random) -> Iterator[Draft]:
        for s in self.writer.facts.statements:
            if self.writer.facts.defined(s) and s.entity_id not in self.writer.split.veiled:
                yield known.define(self.writer, s, pick(rng, DEFINITION.object[:SEEN_TEMPLATES]))

    def _absent(self, rng: random.Random) -> Iterator[Draft]:
        for entity, relations in unknown.Absent(self.writer).all():
            for r in relations:
                yield unknown.lacking(self.writer, entity, r, pick(rng, self.writer.templates(r, "fact absent")))

    def _trained(self, family: str, drafts: Iterator[Draft]) -> Iterator[Asked]:
        for n, draft in enumerate(drafts, 1):
            yield self.writer.finish(draft, family, f"train {family} {n}", trained=True)

    def _take(self, family: str, wanted: int) -> list[Asked]:
        """The first drafts of a family that differ; on untrained facts few whose answer stands in the question."""
        if not wanted:
            return []
        rng = random.Random(f"{self.settings.seed} {family}")
        found: dict[str, Draft] = {}
        late: dict[str, Draft] = {}
        most = MOST_LEXICAL * wanted if family in UNTRAINED else wanted
        for draft in islice(FROM[family](self.writer, rng, family), ENOUGH * wanted):
            if len(found) == wanted:
                break
            lexical = family in UNTRAINED and stratum(draft) == LEXICAL
            kept = late if lexical and most < 1 else found
            if draft.text not in found:
                kept.setdefault(draft.text, draft)
                most -= lexical
        for text, draft in late.items():
            if len(found) < wanted:
                found.setdefault(text, draft)
        if len(found) < wanted:
            self.unfilled[family] = f"{len(found)} of {wanted}: {'there are no more' if found else LACKING[family]}"
        numbered = enumerate(found.values(), 1)
        return [self.writer.finish(draft, family, f"{family.replace(' ', '-')}-{n}") for n, draft in numbered]
