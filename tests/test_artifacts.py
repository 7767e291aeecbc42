import errno
import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.artifacts import MANIFEST, check, file_sha256, fingerprint, is_kept, keep
from kgpeft.errors import ArtifactError, DiskFull

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def write(text="hello"):
    def build(folder):
        (folder / "sub").mkdir()
        (folder / "sub" / "a.txt").write_text(text)

    return build


def fail(error):
    def build(folder):
        write()(folder)
        raise error

    return build


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "graph"


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir()) if folder.parent.exists() else []


def test_the_same_inputs_are_built_once(folder):
    assert keep(folder, "graph", {"seed": 0}, write()) is True
    assert keep(folder, "graph", {"seed": 0}, fail(AssertionError("built twice"))) is False
    assert is_kept(folder, "graph", {"seed": 0})


def test_other_inputs_replace_the_artifact(folder):
    keep(folder, "graph", {"seed": 0}, write("old"))
    assert keep(folder, "graph", {"seed": 1}, write("new")) is True
    assert (folder / "sub" / "a.txt").read_text() == "new"
    assert visible(folder) == ["graph"]


def test_the_manifest_names_kind_key_and_the_sha256_of_every_file(folder):
    keep(folder, "graph", {}, write())
    manifest = check(folder, "graph")
    assert manifest["kind"] == "graph" and len(manifest["key"]) == 64
    assert manifest["files"] == {"sub/a.txt": {"sha256": file_sha256(folder / "sub" / "a.txt"), "bytes": 5}}


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()])
def test_a_failed_build_leaves_the_old_artifact_and_no_draft(folder, error):
    keep(folder, "graph", {"seed": 0}, write("old"))
    with pytest.raises(type(error)):
        keep(folder, "graph", {"seed": 1}, fail(error))
    assert (folder / "sub" / "a.txt").read_text() == "old"
    assert visible(folder) == ["graph"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "x"), RuntimeError("No space left on device (os error 28)")])
def test_a_full_disk_is_told_as_such(folder, error):
    with pytest.raises(DiskFull, match="no space left"):
        keep(folder, "graph", {}, fail(error))
    assert not folder.parent.exists()


def test_the_draft_of_a_killed_run_is_swept_at_the_next_start(folder):
    code = "import os, sys; from pathlib import Path; from kgpeft.artifacts import keep\n"
    code += "keep(Path(sys.argv[1]), 'graph', {}, lambda draft: ((draft / 'x').touch(), os.kill(os.getpid(), 9)))"
    subprocess.run([sys.executable, "-c", code, str(folder)])
    assert visible(folder) == [".draft-graph", ".lock-graph"]
    keep(folder, "graph", {}, write())
    assert visible(folder) == ["graph"] and not (folder / "x").exists()


@pytest.mark.parametrize("damage", [lambda path: path.write_text("hullo"), Path.unlink])
def test_a_damaged_artifact_does_not_pass_the_check(folder, damage):
    keep(folder, "graph", {}, write())
    damage(folder / "sub" / "a.txt")
    with pytest.raises(ArtifactError, match=r"a\.txt: (changed|missing)"):
        check(folder, "graph")


def test_an_artifact_that_lost_a_file_is_built_again(folder):
    keep(folder, "graph", {}, write())
    (folder / "sub" / "a.txt").unlink()
    assert keep(folder, "graph", {}, write()) is True
    check(folder, "graph")


def test_a_folder_of_something_else_is_never_replaced(folder):
    folder.mkdir(parents=True)
    (folder / "thesis.doc").touch()
    with pytest.raises(ArtifactError, match="choose a new or empty folder"):
        keep(folder, "graph", {}, write())
    assert (folder / "thesis.doc").exists()


def test_an_artifact_of_another_kind_is_never_replaced(folder):
    keep(folder, "graph", {}, write())
    with pytest.raises(ArtifactError, match="holds a graph, not a dataset"):
        keep(folder, "dataset", {}, write())
    with pytest.raises(ArtifactError, match="it is a graph"):
        check(folder, "dataset")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"kind": "graph"})])
def test_a_broken_manifest_is_an_error_not_an_absence(folder, text):
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ArtifactError, match=MANIFEST):
        check(folder, "graph")


def test_a_missing_artifact_is_named(folder):
    with pytest.raises(ArtifactError, match="no graph here"):
        check(folder, "graph")


def slow_build(folder: Path) -> bool:
    return keep(folder, "graph", {}, lambda draft: (time.sleep(0.3), write()(draft)))


def test_two_runs_at_once_build_one_artifact(folder):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sorted(pool.map(slow_build, [folder, folder])) == [False, True]


@given(VALUES)
def test_equal_values_have_equal_fingerprints(value):
    assert fingerprint(value) == fingerprint(json.loads(json.dumps(value)))
    assert fingerprint(value) != fingerprint([value])


def test_a_fingerprint_ignores_the_order_of_keys_but_not_of_lists():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_paths_bytes_and_tuples_have_fingerprints_other_objects_do_not():
    assert fingerprint(Path("a")) == fingerprint("a")
    assert fingerprint((1,)) == fingerprint([1])
    assert fingerprint(b"a") != fingerprint(b"b")
    with pytest.raises(TypeError, match="no fingerprint for a set"):
        fingerprint({1})
    with pytest.raises(ValueError):
        fingerprint(float("nan"))


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_complete_artifact_is_reused_from_a_read_only_place(folder):
    keep(folder, "graph", {}, write())
    folder.parent.chmod(0o500)
    assert keep(folder, "graph", {}, write()) is False
    folder.parent.chmod(0o700)
