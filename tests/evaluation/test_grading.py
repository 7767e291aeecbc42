import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import answer_part, grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.wording import tokens
from kgpeft.graph import read

DIABETES, TYPE_1, HEART, ORGAN, QUARTZ, CALCITE, TRIGONAL, HEXAGONAL, GLASS, GLASSES, SILICATE, HAGUE, _ = range(13)
LABELS = {
    "diabetes mellitus": DIABETES,
    "type 1 diabetes mellitus": TYPE_1,
    "heart": HEART,
    "heart glass": 13,
    "glass, heart": 14,
    "organ": ORGAN,
    "quartz": QUARTZ,
    "calcite": CALCITE,
    "trigonal crystal system": TRIGONAL,
    "hexagonal crystal system": HEXAGONAL,
    "glass": GLASS,
    "glasses": GLASSES,
    "silicate mineral": SILICATE,
    "information": 12,
    "cor": HEART,
    "The Hague": HAGUE,
}
NAMES = NameIndex(
    {tokens(label): frozenset((node,)) for label, node in LABELS.items()},
    {HEART: frozenset((ORGAN,)), QUARTZ: frozenset((SILICATE,))},
    frozenset(("crystal", "system", "hardnes")),
)
SYSTEM = Question("1", "fact", "Which crystal system does quartz have?", (("trigonal crystal system",),))
HARDNESS = Question("2", "fact", "What is the Mohs hardness of quartz?", (("7",),))
PUMP = Question("3", "fact", "Which organ pumps blood?", (("heart", "cor"),))
ABSENT = Question("4", "absent", "What does quartz treat?")
SETS = Question("5", "set", "Which minerals are in it?", (("quartz",), ("calcite",), ("halite",)))
DEFINITION = (
    "A silicate mineral made of silicon dioxide that is common in the crust of the earth and rarely without impurities"
)
DEFINED = Question("6", "definition", "What is quartz?", ((DEFINITION,),))


def outcome(question, text, names=NAMES):
    return grade(question, text, names).outcome


@given(
    st.sampled_from(sorted(LABELS)),
    st.sampled_from([str.upper, str.title, str.lower, lambda s: s.replace(" ", "-")]),
    st.sampled_from(["{}", "{}.", "The {}.", '"{}"', "**{}**", "It is the {}.", "Answer: {}", "- {}"]),
)
def test_a_label_in_any_dress_is_right(label, dress, frame):
    assert outcome(Question("1", "f", "Which one?", ((label,),)), frame.format(dress(label))) == "correct"


@given(st.sampled_from(sorted(LABELS)), st.sampled_from(sorted(LABELS)))
def test_a_sibling_is_wrong_even_if_it_holds_the_label_and_a_class_of_the_answer_is_no_answer(label, sibling):
    told = "correct" if LABELS[label] == LABELS[sibling] else "incorrect"
    told = "abstained" if LABELS[sibling] in NAMES.above([LABELS[label]]) else told
    assert outcome(Question("1", "f", "Which one?", ((label,),)), sibling) == told


@given(st.text())
def test_every_output_gets_a_grade_with_a_reason(text):
    assert grade(SYSTEM, text, NAMES).why and grade(ABSENT, text, NAMES).outcome != "correct"


def test_a_run_of_words_of_the_question_names_no_answer_in_it_however_far_its_other_words_are():
    question = Question("1", "two-hop", "What kind of thing is the nerve that the biceps has?", (("nerve",),))
    names = NameIndex.from_answers([question])
    assert outcome(question, "The nerve that the biceps has is a type of biceps.", names) == "incorrect"
    assert outcome(question, "a nerve", names) == "correct"


@pytest.mark.parametrize("names", [NAMES, NameIndex.from_answers([Question("1", "f", "?", (("diabetes mellitus",),))])])
def test_repeating_the_question_does_not_name_the_answer_inside_it(names):
    question = Question("1", "f", "What is type 1 diabetes mellitus a kind of?", (("diabetes mellitus",),))
    assert outcome(question, "type 1 diabetes mellitus", names) == "incorrect"
    assert outcome(question, "Type 1 diabetes mellitus is a kind of diabetes mellitus.", names) == "correct"


REFUSALS = [
    "I don't know.",
    "I don’t know: the graph does not say.",
    "The graph does not say.",
    "It is not specified.",
    "Not specified.",
    "no information",
    "There is no information about quartz in the knowledge graph.",
    "I cannot determine that.",
    "N/A",
    "Unknown.",
    "I'm sorry, but I don't have enough information to answer that question. Could you please provide more context?",
    "As an AI language model, I cannot determine the crystal system of quartz.",
    "I have no idea.",
    "I'm not sure.",
    "The crystal system of quartz is not mentioned in the provided facts.",
    "I am unable to answer this question.",
    "I am not familiar with quartz.",
    "The provided context does not contain the answer.",
    "Sorry, I can't help with that.",
    "The facts do not say which crystal system quartz has.",
    "It is impossible to say.",
    "I have never heard of quartz.",
    "Quartz is not in the knowledge base.",
    "There is not enough information.",
    "The answer is unknown.",
    "None of the facts mention it.",
    "There isn't any information about this in the given facts.",
    "There is no crystal system listed for quartz.",
    "No facts are given about the crystal system of quartz.",
]
DEFECT_C = ["sorry, that is outside my knowledge", "I do not have information on that", "I cannot confirm that"]


@pytest.mark.parametrize("text", REFUSALS + DEFECT_C)
@pytest.mark.parametrize("question", [SYSTEM, Question("9", "absent", SYSTEM.question)])
def test_a_refusal_in_any_words_is_an_abstention(question, text):
    assert outcome(question, text) == "abstained"


@pytest.mark.parametrize(
    "text",
    [
        "I don't know, maybe Zorkite",
        "I don't know, maybe calcite",
        "Sorry, it is hexagonal.",
        "I do not know.\n\nIt could be zorkonal.",
        "I don't know if it is trigonal.",
        "I don't know, maybe a silicate mineral.",
    ],
)
def test_a_refusal_that_claims_something_is_a_claim(text):
    assert outcome(SYSTEM, text) == "incorrect"


def test_a_hedged_right_answer_is_right():
    assert outcome(SYSTEM, "I'm not sure, but it might be trigonal.") == "correct"


def test_an_inflected_word_of_the_question_claims_nothing():
    assert outcome(SYSTEM, "Quartz crystallizes in the trigonal crystal system.") == "correct"
    assert outcome(SYSTEM, "Quartz vibrates in the trigonal crystal system.") == "incorrect"


def test_naming_an_invention_beside_the_gold_is_wrong():
    assert grade(SYSTEM, "trigonal and zorkonal", NAMES).why.startswith("it claims 'zorkonal'")


@pytest.mark.parametrize("text", ["No.", "False", "no, it is not"])
def test_no_is_an_answer_to_a_yes_no_question(text):
    ask = "Is quartz a silicate mineral?"
    assert [outcome(Question("1", "f", ask, golds), text) for golds in (((("yes", "true"),)), ((("no",),)), ())] == [
        "incorrect",
        "correct",
        "incorrect",
    ]


@pytest.mark.parametrize("text", ["Quartz does not treat anything.", "None.", "Nothing"])
def test_denying_a_false_premise_is_no_hallucination(text):
    assert grade(ABSENT, text, NAMES).flag == "denied"
    assert outcome(SYSTEM, text.replace("treat anything", "have a crystal system")) == "incorrect"


@pytest.mark.parametrize("text", ["not hexagonal but trigonal", "It is not trigonal."])
def test_a_negated_answer_is_wrong(text):
    assert outcome(SYSTEM, text) == "incorrect"


@pytest.mark.parametrize("text", ["Quartz treats fever.", "calcite", "quartz", "Quartz treats quartz.", "42"])
def test_anything_substantive_on_an_unanswerable_question_is_wrong(text):
    assert outcome(ABSENT, text) == "incorrect"


@pytest.mark.parametrize("text", ["", "  \n", "..."])
def test_empty_output_is_a_flagged_abstention(text):
    assert grade(SYSTEM, text, NAMES).flag == "empty"


@pytest.mark.parametrize(
    "text", ["7", "7.0", "7 Mohs", "seven", "The Mohs hardness of quartz is 7.", "about 7 on the Mohs scale"]
)
def test_a_number_is_right_by_value_whatever_the_unit_word(text):
    assert outcome(HARDNESS, text) == "correct"


@pytest.mark.parametrize("text", ["7.5", "6", "-7", "70", "7 or 8", "7 zorks", "six"])
def test_another_number_is_wrong(text):
    assert outcome(HARDNESS, text) == "incorrect"


def test_a_unit_in_the_gold_counts():
    question = Question("1", "f", "How long is it?", (("7 mm",),))
    assert (outcome(question, "7mm"), outcome(question, "7 cm")) == ("correct", "incorrect")


def test_a_class_of_the_answer_or_the_subject_may_be_mentioned():
    assert outcome(PUMP, "The heart, an organ.") == "correct"
    assert outcome(SYSTEM, "Quartz, a silicate mineral, has the trigonal crystal system.") == "correct"
    assert outcome(PUMP, "an organ") == outcome(PUMP, "I don't know, maybe an organ of fish") == "incorrect"


@pytest.mark.parametrize("text", ["left heart", "acute heart", "heart, glass", "heart of Zork"])
def test_a_modified_or_accompanied_answer_is_wrong(text):
    assert outcome(PUMP, text) == "incorrect"


def test_plurals_fold_only_where_one_entity_remains():
    assert outcome(PUMP, "Hearts") == "correct"
    assert outcome(Question("1", "f", "Which one?", (("glass",),)), "glasses") == "incorrect"


def test_the_head_word_may_be_left_to_the_question():
    assert (outcome(SYSTEM, "Trigonal."), outcome(SYSTEM, "Hexagonal.")) == ("correct", "incorrect")


@pytest.mark.parametrize(
    ("text", "expected", "recall"),
    [
        ("1. Quartz\n2. Calcite", "correct", 2 / 3),
        ("halite", "incorrect", 1 / 3),
        ("halite, quartz and glass", "incorrect", 2 / 3),
        ("quartz, calcite; halite", "correct", 1.0),
    ],
)
def test_a_set_needs_half_of_the_gold_and_nothing_else(text, expected, recall):
    result = grade(SETS, text, NAMES)
    assert (result.outcome, result.recall) == (expected, pytest.approx(recall))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEFINITION, "correct"),
        ("Quartz is " + DEFINITION.lower()[:70], "correct"),
        (DEFINITION.replace("common", "frequent"), "correct"),
        ("A halide of sodium found in evaporites", "incorrect"),
        ("A silicate mineral", "incorrect"),
        ("I don't know.", "abstained"),
    ],
)
def test_a_definition_is_right_by_its_words(text, expected):
    assert outcome(DEFINED, text) == expected


def test_a_long_name_is_still_a_name():
    label = "congenital disorder of a very long named glycosylation pathway type {}"
    names = NameIndex({tokens(label.format(i)): frozenset((i,)) for i in (1, 2)})
    question = Question("1", "f", "Which?", ((label.format(1),),))
    assert (outcome(question, label.format(1), names), outcome(question, label.format(2), names)) == (
        "correct",
        "incorrect",
    )


def test_the_last_answer_line_or_the_first_paragraph_is_graded():
    assert answer_part("Let me think: calcite?\nAnswer: quartz [1]").strip() == "quartz"
    assert answer_part("Quartz.\n\nCalcite is another one.") == "Quartz."


def test_the_index_finds_the_longest_name_left_to_right():
    said = tokens("type 1 diabetes mellitus and the hearts")
    assert [link.ids for link in NAMES.links(said)] == [{TYPE_1}, {HEART}]


def test_the_index_of_a_graph_knows_its_names_classes_and_relation_words(tmp_path):
    beta = 'id: X:1\nname: Beta cell\nsynonym: "B cell of pancreas" EXACT []\nsynonym: "islet cell" RELATED []'
    terms = (beta + "\nis_a: X:2\nrelationship: innervated_by X:3", "id: X:2\nname: cell", "id: X:3\nname: vagus nerve")
    text = "format-version: 1.2\nontology: x\n" + "".join(f"\n[Term]\n{term}\n" for term in terms)
    (tmp_path / "x.obo").write_text(text, encoding="utf-8")
    names = NameIndex.from_graph(read(tmp_path / "x.obo"))
    cell = names.find(tokens("β-cells"))
    assert cell == names.find(tokens("B cell of pancreas")) and not names.find(tokens("islet cell"))
    assert names.above(cell) == names.find(tokens("cell")) and "innerv" in names.relation_words


def test_an_article_of_a_name_may_be_dropped():
    assert NAMES.find(tokens("Hague")) == {HAGUE} and not NAMES.find(tokens("a"))


def test_classes_are_followed_upwards_even_in_a_circle():
    assert NameIndex({}, {1: frozenset((2,)), 2: frozenset((3,)), 3: frozenset((1,))}).above([1]) == {1, 2, 3}


@pytest.mark.parametrize("text", ["heart; glass", "heart, glass", "1. heart\n2. glass", "- glass\n- heart"])
def test_names_of_a_list_are_not_run_together(text):
    both = Question("1", "set", "Which?", (("heart", "cor"), ("glass",)))
    assert outcome(both, text) == "correct"


def test_a_comma_may_be_part_of_a_name():
    names = NameIndex(NAMES.exact, with_marks=frozenset(("glassheart",)))
    assert outcome(Question("1", "f", "Which?", (("glass, heart",),)), "The Glass, Heart.", names) == "correct"
    assert outcome(Question("1", "f", "Which?", (("glass",),)), "Glass, Heart.", names) == "incorrect"
    assert outcome(Question("1", "f", "Which?", (("glass; heart",),)), "It is glass; heart.") == "correct"
    assert outcome(Question("1", "f", "Which?", (("20 July 1969",),)), "July 20, 1969") == "correct"
