"""A process of its own for the reasoner: ``python -m kgpeft.graph.reasoner ontology.owl seconds``, JSON lines out.

Each line is one finished part, so that what was found before a time-out is not lost.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

_LIMITS = (  # where the reasoner says that it fell short
    "timed_out_pairs",
    "prep_timed_out",
    "conversion_timed_out",
    "consistency_undetermined",
    "wedge_clauses_refused",
    "wedge_hierarchy_blind",
)


def parts(path: str, seconds: float) -> Iterator[dict[str, Any]]:
    """Classification first, then, unless nothing can be trusted, the facts and the types of individuals."""
    import rustdl

    dropped = {str(kind): count for kind, count in dict(rustdl.dropped_axioms(path)).items()}
    made = rustdl.classify(path, global_timeout_ms=max(int(seconds * 900), 1))
    unsatisfiable = set(made.unsatisfiable)
    direct = {name: made.direct_subsumers(name) for name in made.classes if name not in unsatisfiable}
    same = {name: made.equivalent_classes(name) for name in made.classes if name not in unsatisfiable}
    reasons = {name: int(value) for name in _LIMITS if (value := getattr(made, name))}
    yield {
        "part": "classes", "inconsistent": made.inconsistent, "unsatisfiable": sorted(unsatisfiable), "direct": direct,
        "same": same, "dropped": dropped, "limits": reasons, "complete": made.complete,
    }
    if not made.inconsistent:
        yield {"part": "facts", "facts": rustdl.materialize_inferred_property_assertions(path)}
        yield {"part": "types", "types": rustdl.realize(path)}  # may take far longer than the rest


def main() -> None:
    """Prints the parts."""
    warnings.simplefilter("ignore")  # what is incomplete is said in the parts
    for part in parts(sys.argv[1], float(sys.argv[2])):
        sys.stdout.write(json.dumps(part) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
