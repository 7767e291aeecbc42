"""KnowledgeGraph -> Embeddings: what names mean, what stands around a node, where it stands in the graph."""

from itertools import accumulate, pairwise

import numpy as np

from kgpeft.embed.embeddings import Embeddings, EmbedSettings, Progress
from kgpeft.embed.text import TextEncoder
from kgpeft.graph import KnowledgeGraph

__all__ = ["EmbedSettings", "Embeddings", "TextEncoder", "embed"]


def embed(graph: KnowledgeGraph, settings: EmbedSettings, progress: Progress | None = None) -> Embeddings:
    """Text, message and structure vectors side by side, for every node and every relation of the graph.

    Progress is told the part and the fraction of it that is done. Relations have no message part: it is zero.
    A node's text is its name alone: with 12 words of its definition added, MiniLM found the node of a synonym less
    often at first place (DOID 64.0 -> 61.0 %, Uberon 47.8 -> 45.8 %) and that of a question too (99 -> 88 %).
    """
    from kgpeft.embed.message import pass_messages
    from kgpeft.embed.structure import learn_structure

    tell = progress or (lambda part, fraction: None)
    texts = [*graph.names, *graph.relation_names]
    names = TextEncoder(settings.encoder).encode(texts, lambda fraction: tell("text", fraction))
    entity, relation = names[: len(graph.terms)], names[len(graph.terms) :]
    around = pass_messages(entity, relation, graph.edges)
    tell("message", 1.0)
    place = learn_structure(graph, settings, tell)
    tell("structure", 1.0)
    borders = pairwise(accumulate((vectors.shape[1] for vectors in (entity, around, place.entity)), initial=0))
    return Embeddings(
        entity=np.hstack([entity, around, place.entity]),
        relation=np.hstack([relation, np.zeros_like(relation), place.relation]),
        parts=dict(zip(("text", "message", "structure"), borders, strict=True)),
        graph=graph.fingerprint,
        metrics=place.metrics,
    )
