import numpy as np
import pytest

from kgpeft.evidence.scorer import shipped
from kgpeft.evidence.search import Search
from kgpeft.evidence.selection import select


def test_under_another_encoder_no_vectors_are_read(encode):
    assert "query" not in shipped(encode)


@pytest.mark.models
def test_under_the_encoder_it_was_trained_with_vectors_are_read(real_encode):
    weights = shipped(real_encode)
    assert "query" in weights and all(np.isfinite(w).all() for w in weights.values())


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "relation", "inverse"),
    [
        ("Who shot The Long Road?", "directed by", False),
        ("Since when can one see The Long Road in cinemas?", "release year", False),
        ("What did Ann Bell make?", "directed by", True),
    ],
)
def test_questions_far_from_the_label_find_their_relation(films, question, relation, inverse):
    best = films(question).statements[0]
    assert (best.relation, best.inverse) == (relation, inverse)


@pytest.mark.models
def test_what_a_thing_lacks_looks_absent(films):
    assert films("In which language is Night Train?").absent > 0.5 > films("In which language is The Long Road?").absent


@pytest.mark.models
def test_a_path_of_two_steps_comes_whole(films):
    question = "Which languages are spoken in the films made by Ann Bell?"
    (ranking,) = films.rank([question], [films.linker.link(question)])
    found = {(s.entity, s.relation) for s, _ in select(films.steps, ranking, 16)}
    assert {("Ann Bell", "directed by"), ("The Long Road", "in language")} <= found


@pytest.fixture(scope="module")
def real_encode(fetched):
    from kgpeft.embed import TextEncoder
    from kgpeft.models import DEFAULT_ENCODER

    return TextEncoder(DEFAULT_ENCODER).encode


@pytest.fixture(scope="module")
def films(graph_from, real_encode):
    return Search(graph_from(
        ("The Long Road", "directed_by", "Ann Bell"), ("The Long Road", "release_year", "1984"),
        ("The Long Road", "in_language", "Welsh"), ("Night Train", "directed_by", "Ann Bell"),
        ("Night Train", "release_year", "1991"), ("Blue Hill", "directed_by", "Tom Carver"),
        ("Blue Hill", "in_language", "Danish"), ("Blue Hill", "starred_actors", "Ann Bell"),
    ), real_encode)
