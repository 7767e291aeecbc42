"""The public suites hold, apart from the exceptions that are named; skipped where the suites are not there."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


SUITES = {"w3c": "rdf_tests", "jsonld": "jsonld_tests", "obo_compliance": "obo_tests"}


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_holds_but_for_named_exceptions(name):
    if not (DATA / SUITES[name]).is_dir():
        pytest.skip(f"the data folder has no {SUITES[name]}")
    script = ROOT / "pipelines" / "benchmarks" / f"{name}.py"
    done = subprocess.run([sys.executable, str(script), str(DATA)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout.splitlines() or [""])[-1] + done.stderr
