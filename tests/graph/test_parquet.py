"""Parquet tables."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read


@pytest.fixture
def parquet(tmp_path):
    def build(**columns):
        pq.write_table(pa.table(columns), tmp_path / "t.parquet")
        return read(tmp_path / "t.parquet")

    return build


def test_an_edge_list_is_read_as_from_csv(parquet, graph_of):
    graph = parquet(subject=["a", "a", "b"], predicate=["likes", "label", "likes"], object=["b", "an A", "c"])
    assert graph.fingerprint == graph_of("a\tlikes\tb\na\tlabel\tan A\nb\tlikes\tc\n").fingerprint


def test_numbers_are_literals_of_their_type(parquet):
    assert "5^^http://www.w3.org/2001/XMLSchema#integer" in parquet(s=["a"], p=["weighs"], o=[5]).terms
    assert "1.5^^http://www.w3.org/2001/XMLSchema#double" in parquet(s=["a"], p=["weighs"], o=[1.5]).terms


def test_a_row_a_thing_may_hold_lists_and_nothing(parquet, facts):
    graph = parquet(id=["X:1", "X:2"], name=["one", "two"], synonym=[["uno", "eins"], None], is_a=[None, "X:1"])
    assert facts(graph) == {("two", "is a", "one")}
    assert graph.aliases(graph.find("one")[0]) == ["one", "eins", "uno"]


def test_rows_that_are_no_edge_are_quarantined_by_number(parquet):
    graph = parquet(s=["a", None], p=["likes", "likes"], o=["b", "c"])
    assert [part["line"] for part in graph.manifest["quarantined"]] == [2]


def test_a_broken_file_is_refused(tmp_path):
    pq.write_table(pa.table({"s": ["a"], "p": ["b"], "o": ["c"]}), tmp_path / "t")
    data = (tmp_path / "t").read_bytes()
    for broken in (data[:-8], data[:40], data[: len(data) // 2] + b"\0" * (len(data) // 2)):
        (tmp_path / "t").write_bytes(broken)
        with pytest.raises(SourceError, match="broken Parquet"):
            read(tmp_path / "t")


def test_a_table_without_known_columns_is_refused(parquet):
    with pytest.raises(SourceError, match="2 columns without a header"):
        parquet(x=["a"], y=["b"])
