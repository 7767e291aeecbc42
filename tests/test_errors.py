import pickle

import pytest

from kgpeft import errors
from kgpeft.errors import DataError, KgpeftError, RecipeError

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KgpeftError)]


def test_an_error_is_one_line_that_says_where_what_and_what_to_do():
    error = RecipeError("unknown key\n'rnak'", where="recipe.yaml:14", instead="there is 'rank'.", remedy="rename it")
    assert str(error) == "recipe.yaml:14: unknown key 'rnak'; there is 'rank'; rename it"
    assert (error.what, error.remedy) == ("unknown key\n'rnak'", "rename it")


def test_an_error_without_a_place_has_no_colon():
    assert str(DataError("no edges.")) == "no edges"


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_survives_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("what", where="where", remedy="remedy")))
    assert (type(error), str(error), error.remedy) == (kind, "where: what; remedy", "remedy")


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_a_documented_exit_code(kind):
    assert kind.exit_code in {2, 3, 4, 5}
    assert kind.__name__ in str(errors.__doc__)


def test_exit_codes_are_those_of_the_command_line():
    codes = {kind.__name__: kind.exit_code for kind in EVERY}
    assert {name for name, code in codes.items() if code == 2} == {"UsageError", "RecipeError"}
    assert {name for name, code in codes.items() if code == 4} == {"GateError"}
    assert {name for name, code in codes.items() if code == 5} == {"MissingError", "ModelNotFound", "DiskFull"}
