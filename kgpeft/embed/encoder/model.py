"""Relational message passing over what nodes and relations are called: a vector for any node of any graph, untrained.

Letters: N nodes, R relations, E edges, T columns of a text vector, D of what is passed. There is no table of ids, so
that a node that is new, or a whole new graph, is encoded like those of training. Needs torch and torch-geometric alone.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu, normalize

TEXT, WIDTH, ROUNDS = 384, 192, 2
LINKS = 2**18  # whose messages are held at once


class Round(nn.Module):
    """One round: h <- h + f(h, mean of what the neighbours say, how many they are)."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.say, self.gate = nn.Linear(width, width), nn.Linear(width, width)
        self.change = nn.Sequential(
            nn.Linear(2 * width + 1, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, h: Tensor, relation: Tensor, links: Tensor, kinds: Tensor) -> Tensor:
        """Node vectors [N, D] from h [N, D], relation [2R, D], links [2, 2E] from node to node and their kinds [2E].

        A link says its start's vector, weighed column by column by its relation, and the relation.
        """
        x, degree = self.norm(h), torch.bincount(links[1], minlength=len(h)).to(h.dtype)[:, None]
        heard = self._said(self.say(x), relation, links, kinds) / degree.clamp(min=1)
        changed: Tensor = h + self.change(torch.cat([x, heard, degree.log1p()], dim=1))
        return changed

    def _said(self, x: Tensor, relation: Tensor, links: Tensor, kinds: Tensor) -> Tensor:
        """Sums [N, D] of what the links to each node say; so many at once, lest memory grow with the edges."""
        from torch_geometric.utils import scatter

        gate, heard = 1 + self.gate(relation), torch.zeros_like(x)
        for part, kind in zip(links.split(LINKS, dim=1), kinds.split(LINKS), strict=True):
            start, end = part
            said = gelu(x.index_select(0, start) * gate.index_select(0, kind) + relation.index_select(0, kind))
            heard = heard + scatter(said, end, dim_size=len(x), reduce="sum")
        return heard


class GraphEncoder(nn.Module):
    """Encodes nodes, and scores links between them."""

    def __init__(self, text: int = TEXT, width: int = WIDTH, rounds: int = ROUNDS, dropout: float = 0.1) -> None:
        super().__init__()
        self.enter = nn.Linear(text, width)
        self.relation = nn.Linear(text, 2 * width)  # as it is read forwards, and backwards
        self.drop = nn.Dropout(dropout)
        self.rounds = nn.ModuleList(Round(width, dropout) for _ in range(rounds))
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, text))
        self.narrow = nn.Linear(text, width)
        self.ask = nn.Sequential(
            nn.Linear(text + 2 * width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, text)
        )
        self.sharpness = nn.Parameter(torch.tensor(math.log(15.0)))

    def relations(self, text: Tensor) -> Tensor:
        """Relation vectors [2R, D] of their names' vectors [R, T]: those of the reciprocal relations last."""
        return torch.cat(self.relation(self._entering(text)).chunk(2, dim=1))

    def forward(self, text: Tensor, relation: Tensor, edges: Tensor) -> Tensor:
        """Unit node vectors [N, T] from names [N, T], relations [2R, D] and edges int64 [E, 3]: names, moved."""
        start, kind, end = edges.unbind(1)
        links = torch.stack([torch.cat([start, end]), torch.cat([end, start])])
        kinds = torch.cat([kind, kind + len(relation) // 2])
        h = self.enter(self._entering(text))
        for round_ in self.rounds:
            h = round_(h, relation, links, kinds)
        return normalize(text + self.leave(h), dim=1)

    def _entering(self, text: Tensor) -> Tensor:
        """Columns of about size one, from unit vectors [.., T]."""
        scaled: Tensor = self.drop(text * text.shape[1] ** 0.5)
        return scaled

    def scores(self, h: Tensor, relation: Tensor, queries: Tensor) -> Tensor:
        """Scores [B, N] of every node as the answer to (subject, relation) of queries int64 [B, 2 or 3]."""
        subject, how = h[queries[:, 0]], relation[queries[:, 1]]
        asked = normalize(subject + self.ask(torch.cat([subject, how, self.narrow(subject) * how], dim=1)), dim=1)
        return self.sharpness.exp() * asked @ h.T

    def loss(self, text: Tensor, relation_text: Tensor, edges: Tensor, asked: Tensor) -> Tensor:
        """Mean cross-entropy of the edges asked for, bool [E], both ways; no edge between two asked nodes is seen."""
        queries, every = both_ways(edges[asked], len(relation_text)), both_ways(edges, len(relation_text))
        relation = self.relations(relation_text)
        h = self(text, relation, edges[~between(edges, edges[asked], len(text))])
        scores = self.scores(h, relation, queries)
        other = right_answers(every, queries, len(text))
        other[torch.arange(len(queries)), queries[:, 2]] = False
        return cross_entropy(scores.masked_fill(other, -torch.inf), queries[:, 2])


def both_ways(edges: Tensor, relations: int) -> Tensor:
    """Queries [2E, 3]: every edge, then every reciprocal edge."""
    start, kind, end = edges.unbind(1)
    return torch.cat([edges, torch.stack([end, kind + relations, start], dim=1)])


def between(edges: Tensor, pairs: Tensor, nodes: int) -> Tensor:
    """Mask [E] of the edges that link two nodes which an edge of pairs [P, 3] links, either way."""

    def key(rows: Tensor) -> Tensor:
        return torch.minimum(rows[:, 0], rows[:, 2]) * nodes + torch.maximum(rows[:, 0], rows[:, 2])

    return torch.isin(key(edges), key(pairs))


def right_answers(every: Tensor, queries: Tensor, nodes: int) -> Tensor:
    """Mask [B, N] of the nodes that answer each of the queries [B, 3] according to every query [Q, 3]."""
    width = int(every[:, 1].max()) + 1
    asked, place = torch.unique(queries[:, 0] * width + queries[:, 1], return_inverse=True)
    keys = every[:, 0] * width + every[:, 1]
    rows = torch.searchsorted(asked, keys).clamp(max=len(asked) - 1)
    hit = asked[rows] == keys
    mask = torch.zeros(len(asked), nodes, dtype=torch.bool, device=queries.device)
    mask[rows[hit], every[hit, 2]] = True
    return mask[place]
