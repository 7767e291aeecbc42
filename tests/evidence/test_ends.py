import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.evidence.ends import Ends, spans
from kgpeft.evidence.statements import statements


def test_groups_of_a_node_are_its_statements(toy):
    ends, relations = Ends.of(toy), len(toy.relations)
    for node in range(len(toy.terms)):
        said = {(s.relation_id + relations * s.inverse, s.edges) for s in statements(toy, node) if s.relation_id >= 0}
        assert said == {
            (int(ends.step[g]), tuple(ends.edge[ends.members(int(g))].tolist())) for g in ends.groups(node)
        }


def test_a_group_is_found_by_node_and_step(toy):
    ends = Ends.of(toy)
    for node in range(len(toy.terms)):
        own = {int(ends.step[g]): int(g) for g in ends.groups(node)}
        assert all(ends.group(node, step) == own.get(step) for step in range(2 * len(toy.relations)))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8))
def test_spans_are_ranges_in_a_row(ranges):
    first, size = (np.array([r[k] for r in ranges], np.int64) for k in (0, 1))
    numbers, owner = spans(first, size)
    expected = [(f + i, k) for k, (f, n) in enumerate(ranges) for i in range(n)]
    assert list(zip(numbers.tolist(), owner.tolist(), strict=True)) == expected
