"""Candidates: what a question about a node may be answered by, as arrays with the features that the scorer reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from kgpeft.evidence.ends import Ends, spans
from kgpeft.evidence.linking import Mention
from kgpeft.evidence.steps import STOP, Steps, stem
from kgpeft.evidence.words import words

NODES = 8  # nodes of one mention that are looked at
GROUPS = 128  # steps from one node that are followed
MIDDLES = 24  # nodes between two steps that are looked at, for each first step
SECOND = 20_000  # second steps that are looked at
PAIRS = 1_500  # paths of two steps that are scored, for one node
LACKING = 160  # steps that the named things lack and that are scored beside
BROKEN = (16, 6)  # paths whose second step lacks: of so many first steps so many second ones each
ASKED = 17  # features of a question
FEATURES = 38  # features of a candidate
SURE = 0.9  # score of a mention below which its name was taken with some liberty
RAW = 2  # of these, the last, that mean something else under each encoder

_ASKING = tuple(
    frozenset(group.split())
    for group in (
        "who whom whose person people", "when year date day time old age", "where place located location country city",
        "many number count", "much high big long large hard heavy fast", "how", "what", "which",
        "is are was were does did do has have can", "list name give tell show find state",
        "kind type sort category class", "define definition mean meaning explain describe",
        "called synonym synonyms known aka",
    )
)


@dataclass(frozen=True)
class Asked:
    """A question as it asks about one of its mentions."""

    mention: Mention
    rest: str  # the question with "it" in the mention's place
    stems: tuple[str, ...]
    form: np.ndarray  # float32 [ASKED]

    @classmethod
    def about(cls, question: str, mention: Mention) -> Asked:
        """The question asked about a mention."""
        before, after = question[: mention.start], question[mention.end :]
        said = [w for w, _, _ in words(f"{before} {after}")]
        content = tuple(dict.fromkeys(stem(w) for w in said if w not in STOP))
        form = [float(any(w in group for w in said)) for group in _ASKING]
        form += [len(said) / 10, mention.score, bool(mention.partial), len(mention.entities) > 1]
        return cls(mention, f"{before}it{after}", content, np.array(form, np.float32))


@dataclass(frozen=True)
class Candidates:
    """C candidates for one question: paths of one or two steps from what it names, and steps that this lacks."""

    asked: np.ndarray  # int [C] which mention
    node: np.ndarray  # int [C]
    group: np.ndarray  # int [C] the first step's group in Ends; -1: from labels, or lacking
    first: np.ndarray  # int [C] step
    second: np.ndarray  # int [C] step, -1 if there is none
    lacking: np.ndarray  # bool [C]
    middles: np.ndarray  # int [C] nodes between two steps
    features: np.ndarray  # float32 [C, FEATURES]

    def __len__(self) -> int:
        return len(self.first)

    def take(self, which: np.ndarray) -> Candidates:
        """Some of them."""
        return Candidates(*(getattr(self, f.name)[which] for f in fields(self)))


def longest(asked: Sequence[Asked]) -> int:
    """Which mention of a question is the longest: the one that it is most likely about."""
    return max(range(len(asked)), key=lambda i: len(asked[i].mention.text))


def reach(steps: Steps, node: int) -> np.ndarray:
    """[P, 5] group, first step, second step or -1, answers, nodes between: paths of one or two steps from a node."""
    ends = steps.ends
    groups = ends.groups(node)[:GROUPS]
    sizes = ends.sizes(groups)
    one = np.stack([groups, ends.step[groups], np.full_like(groups, -1), sizes, np.zeros_like(groups)], 1)
    labels = [s for s, there in zip((steps.definition, steps.synonym), _told(steps, node), strict=True) if there]
    told = np.array([[-1, s, -1, 1, 0] for s in labels], np.int64).reshape(-1, 5)
    return np.concatenate([one, told, _second(steps, ends, groups)])


def _second(steps: Steps, ends: Ends, groups: np.ndarray) -> np.ndarray:
    places, owner = spans(ends.first[groups], np.minimum(ends.sizes(groups), MIDDLES))
    middle = ends.end[places]
    size = np.minimum(ends.group_of[middle + 1] - ends.group_of[middle], GROUPS)
    onward, via = spans(ends.group_of[middle], size)
    onward, via = onward[:SECOND], via[:SECOND]
    origin, step, count = owner[via], ends.step[onward], ends.sizes(onward)
    back = (step == steps.reverse(ends.step[groups])[origin]) & (count == 1)  # leads to where it came from alone
    origin, step, count = origin[~back], step[~back], count[~back]
    pair, inverse = np.unique(origin * steps.count + step, return_inverse=True)
    origin, step = np.divmod(pair, steps.count)
    middles, answers = np.bincount(inverse, minlength=len(pair)), np.bincount(inverse, count, len(pair)).astype(int)
    found = np.stack([groups[origin], ends.step[groups][origin], step, answers, middles], 1)
    return found[np.argsort(-middles, kind="stable")[:PAIRS]]


def _told(steps: Steps, node: int) -> tuple[bool, bool]:
    graph = steps.graph
    return graph.definition(node) is not None, len(graph.aliases(node)) > 1


def candidates(steps: Steps, asked: Sequence[Asked], vectors: np.ndarray) -> Candidates:
    """The candidates of one question; vectors float32 [M, D], one for each of its mentions."""
    rows = [_rows(steps, m, a) for m, a in enumerate(asked)]
    there = np.concatenate([np.zeros((0, 7), np.int64), *rows])
    said = np.zeros(steps.count, bool)
    said[there[:, 3][there[:, 4] < 0]] = True
    match = [_Match(steps, a, v) for a, v in zip(asked, vectors, strict=True)]
    for m, (a, found) in enumerate(zip(asked, match, strict=True)):
        missing = np.flatnonzero(~said)
        best = missing[np.argsort(-found.label[missing], kind="stable")[:LACKING]]
        node = a.mention.entities[0]
        paths = np.concatenate([np.stack([best, np.full_like(best, -1)], 1), _broken(found, rows[m], node)])
        none = np.zeros((len(paths), 7), np.int64)
        none[:, 0], none[:, 1], none[:, 2], none[:, 3:5] = m, node, -2, paths
        there = np.concatenate([there, none])
    features = np.zeros((len(there), FEATURES), np.float32)
    for m, found in enumerate(match):
        mine = np.flatnonzero(there[:, 0] == m)
        others = {n for k, a in enumerate(asked) if k != m for n in a.mention.entities}
        features[mine] = found.features(there[mine], len(asked), others)
    of, node, group, first, second, _, middles = there.T
    return Candidates(of, node, np.maximum(group, -1), first, second, group == -2, middles, features)


def _broken(found: _Match, rows: np.ndarray, node: int) -> np.ndarray:
    """[P, 2] likely paths of a node of which the first step is there and the second is not."""
    steps, mine = found.steps, rows[(rows[:, 1] == node) & (rows[:, 2] >= 0)]
    firsts = np.unique(mine[mine[:, 4] < 0, 3])
    firsts = firsts[np.argsort(-found.label[firsts], kind="stable")[: BROKEN[0]]]
    likely = np.tile(np.maximum(found.label, found.end)[: steps.definition], (len(firsts), 1))
    place = np.full(steps.count, -1)
    place[firsts] = np.arange(len(firsts))
    onward = mine[(mine[:, 4] >= 0) & (place[mine[:, 3]] >= 0)]
    likely[place[onward[:, 3]], onward[:, 4]] = -np.inf
    likely[np.arange(len(firsts)), steps.reverse(firsts)] = -np.inf
    seconds = np.argsort(-likely, 1, kind="stable")[:, : BROKEN[1]]
    paths = np.stack([np.repeat(firsts, seconds.shape[1]), seconds.ravel()], 1)
    lacking: np.ndarray = paths[np.isfinite(np.take_along_axis(likely, seconds, 1).ravel())]
    return lacking


def _rows(steps: Steps, m: int, asked: Asked) -> np.ndarray:
    """[C, 7] mention, node, group, first, second, answers, middles."""
    rows = [np.zeros((0, 7), np.int64)]
    for node in asked.mention.entities[:NODES]:
        found = reach(steps, node)
        rows.append(np.concatenate([np.broadcast_to([m, node], (len(found), 2)), found], 1))
    return np.concatenate(rows)


class _Match:
    """How well one mention's question matches every step."""

    def __init__(self, steps: Steps, asked: Asked, vector: np.ndarray) -> None:
        self.steps, self.asked = steps, asked
        self.cosine = steps.label @ vector
        self.label, self.end = _standard(self.cosine), _standard(steps.end @ vector)
        self.start = _standard(steps.start @ vector)
        self.kind = steps.kind @ vector
        self.hits = _hits(asked.stems, steps.index, steps.count)
        self.kinds = _hits(asked.stems, steps.kind_index, steps.count)

    def features(self, rows: np.ndarray, mentions: int, others: set[int]) -> np.ndarray:
        """float32 [C, FEATURES]."""
        steps, a, b = self.steps, rows[:, 3], rows[:, 4]
        two: np.ndarray = b >= 0
        last = np.where(two, b, a)
        label, end, start = self.label, self.end, self.start
        cover = self.hits.sum(0) / np.maximum(steps.sizes, 1)
        kinds = np.asarray(self.kinds.any(axis=0))
        both = (self.hits[:, a] | (self.hits[:, b] & two)).sum(0)
        whole = (both + (self.kinds[:, last] | (self.kinds[:, a] & two)).sum(0)).clip(max=len(self.asked.stems))
        content = max(len(self.asked.stems), 1)
        mention = self.asked.mention
        columns = [
            two, rows[:, 2] == -2, steps.inverse[a], two & steps.inverse[b], a == steps.definition, a == steps.synonym,
            two & (b == steps.reverse(a)), np.log1p(rows[:, 5]) / 5, np.log1p(rows[:, 6]) / 5,
            np.log1p(steps.fan[last]) / 3, np.log1p(steps.fan[a]) / 3, cover[a], two * cover[b],
            np.where(two, np.minimum(cover[a], cover[b]), cover[a]), both / content, whole / content,
            kinds[last], two & kinds[a], content / 5, len(mention.entities) > 1, mentions > 1,
            self._meets(rows, others), label[a], two * label[b],
            np.where(two, np.minimum(label[a], label[b]), label[a]),
            end[last], two * end[a], start[a], two * start[b], self.kind[last], two * self.kind[a],
            mention.score, bool(mention.partial), mention.score < SURE, steps.kind_there[last],
            two & steps.kind_there[a], self.cosine[a], two * self.cosine[b],
        ]
        return np.stack([np.asarray(c, np.float32) * np.ones(len(rows), np.float32) for c in columns], 1)

    def _meets(self, rows: np.ndarray, others: set[int]) -> np.ndarray:
        """Whether the first step leads to another thing that the question names."""
        met = np.zeros(len(rows), np.float32)
        for i in np.flatnonzero(rows[:, 2] >= 0) if others else ():
            places = self.steps.ends.members(int(rows[i, 2]), 2_000)
            met[i] = bool(others & set(self.steps.ends.end[places].tolist()))
        return met


def _standard(x: np.ndarray) -> np.ndarray:
    """Likeness against that of all steps, so that encoders with other scales are read alike."""
    standard: np.ndarray = (x - x.mean()) / max(float(x.std()), 1e-3) / 3
    return standard


def _hits(content: Sequence[str], index: dict[str, np.ndarray], steps: int) -> np.ndarray:
    """bool [T, S]: which word of the question which step has."""
    hits = np.zeros((len(content), steps), bool)
    for t, s in enumerate(content):
        if s in index:
            hits[t, index[s]] = True
    return hits
