"""Read an ontology and look at it: what it knows, and what it left out."""

from pathlib import Path

import kgpeft
from kgpeft.graph import describe

ONTOLOGY = Path(__file__).parent.parent / "ontologies" / "minerals.ttl"

graph = kgpeft.read(ONTOLOGY)
print(graph)
print("relations:", ", ".join(graph.relation_names))
print("dropped:", graph.manifest["dropped"] or "nothing")

galena = describe(graph, "lead glance")  # a synonym is as good as the name
print(galena["label"], "is a", " and ".join(galena["types"]))
for fact in galena["facts"][:5]:
    print(f"  {fact['subject']} — {fact['relation']} — {fact['object']}")

network = graph.to_networkx()
print("most connected:", graph.names[max(network.degree, key=lambda pair: pair[1])[0]])
