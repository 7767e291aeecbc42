"""Graphs as arrays, for training the graph encoder where neither sources nor a text encoder are at hand.

    python pipelines/encoder/graphs.py ../shared/data runs/encoder

writes one .npz a graph: text float16 [N, T], relation float16 [R, T], edges int32 [E, 3].
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from kgpeft.embed import TextEncoder
from kgpeft.graph import KnowledgeGraph, read
from kgpeft.models import DEFAULT_ENCODER

# no training sees these three, nor other releases of them: they are what the encoder is judged by
JUDGED = {"po": "po/po.obo", "doid": "doid/doid_2016-03.obo", "uberon": "uberon/musculoskeletal.obo"}
SOURCES = {
    "go": "go/go-nucleus.obo",
    "ro": "ro/ro.owl",
    "pizza": "pizza/pizza-2.0.owl",
    "bfo": "bfo/bfo-core.owl",
    "countries": "countries/S1/train.txt",
    "uat": "uat/UAT.rdf",
    "schemaorg": "schemaorg/schemaorg-current-https.ttl",
    "brick": "brick/Brick-1.4.4.ttl",
    "fibo": "fibo",
    "hpo": "hpo/hpo.obo.gz",
    "ncit": "mondo/ncit-disease-2018-06-08.json.gz",
}
LINKS = {"umls": "umls", "fb15k237": "fb15k237"}  # folders of train.txt with names in files beside it


def linked(folder: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Names of entities and of relations, and the training edges of a link-prediction benchmark."""
    rows = [line.split("\t") for line in (folder / "train.txt").read_text("utf-8").splitlines()]
    entities, relations = sorted({x for s, _, o in rows for x in (s, o)}), sorted({r for _, r, _ in rows})
    names = [_names(folder / f"{part}2text.txt") for part in ("entity", "relation")]
    row = [{key: i for i, key in enumerate(part)} for part in (entities, relations)]
    edges = np.array([[row[0][s], row[1][r], row[0][o]] for s, r, o in rows], np.int32)
    return [names[0].get(x, x) for x in entities], [names[1].get(x, x) for x in relations], edges


def _names(path: Path) -> dict[str, str]:
    return dict(line.split("\t")[:2] for line in path.read_text("utf-8").splitlines() if "\t" in line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    encoder = TextEncoder(DEFAULT_ENCODER)
    for name, place in {**JUDGED, **SOURCES, **LINKS}.items():
        if name in LINKS:
            entities, relations, edges = linked(given.data / place)
        else:
            graph: KnowledgeGraph = read(given.data / place)
            entities, relations, edges = list(graph.names), list(graph.relation_names), graph.edges
        vectors = encoder.encode([*entities, *relations]).astype(np.float16)
        text, relation = vectors[: len(entities)], vectors[len(entities) :]
        np.savez(given.out / f"{name}.npz", text=text, relation=relation, edges=edges)
        sys.stderr.write(f"{name}: {len(entities)} nodes, {len(relations)} relations, {len(edges)} edges\n")


if __name__ == "__main__":
    main()
