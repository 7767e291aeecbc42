import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.quantities import in_base_units, in_words, is_quantity, unit_asked_for

NOTHING = NameIndex({})


def outcome(gold, text, ask="How large is it?", names=NOTHING):
    return grade(Question("1", "f", ask, ((gold,),)), text, names).outcome


@pytest.mark.parametrize(
    "equal",
    [
        ("7 mm", "7mm", "0.7 cm", "0.007 m", "7 millimetres", "7 Millimeters", "7000 µm", "7000 μm", "7-mm"),
        ("5 kg", "5 kilograms", "5000 g", "5,000 grams", "0.005 t", "5.0 kg"),
        ("2.65 g/cm3", "2650 kg/m³", "2.65 g per cubic centimetre", "2.65 grams per cubic centimeter", "2.65 g/cm^3"),
        ("25 °C", "77 °F", "298.15 K", "25 degrees Celsius", "25 celsius"),
        ("36 km/h", "10 m/s", "36 kilometers per hour"),
        ("1500 m", "1.5 km", "1.5e3 m", "1.5 × 10^3 m", "1.5 x 10³ m"),
        ("3 days", "72 hours", "72 h", "4320 min"),
        ("50 %", "50%", "50 percent"),
        ("500 mg/L", "0.5 g/l"),
    ],
)
def test_equal_quantities_are_equal_in_base_units_whatever_they_are_measured_in(equal):
    assert all(map(is_quantity, equal)) and len(set(map(in_base_units, equal))) == 1
    assert {outcome(equal[0], f"It is {text}.") for text in equal} == {"correct"}


@pytest.mark.parametrize("text", ["7 cm", "7", "0.7 mm", "7 kg", "7 mm or 8 mm", "7.01 mm", "-7 mm", "700 mm", "7 mm2"])
def test_another_quantity_is_wrong(text):
    assert outcome("7 mm", text) == "incorrect"


@pytest.mark.parametrize("text", ["type 1 diabetes", "5 apples", "1.2.3 m", "version 2 m5", "in m"])
def test_what_is_no_quantity_stays_as_it_is(text):
    assert in_base_units(text) == text and not is_quantity(text)


def test_a_plain_number_has_the_unit_that_the_question_asks_for():
    ask = "What is its mass in kilograms?"
    assert unit_asked_for(ask) == "kilograms" and unit_asked_for("How long (mm) is it?") == "mm"
    assert unit_asked_for("Which organ is in it?") == ""
    told = {text: outcome("5", text, ask) for text in ("5", "5 kg", "5000 g", "5 g", "five", "5 tonnes")}
    assert told == {"5": "correct", "5 kg": "correct", "5000 g": "correct", "5 g": "incorrect", "five": "correct",
                    "5 tonnes": "incorrect"}  # fmt: skip


@pytest.mark.parametrize(
    ("count", "text"), [(1, "One."), (21, "twenty-one"), (105, "one hundred and five"), (1200, "1,200")]
)
def test_a_count_may_be_written_in_words(count, text):
    assert outcome(str(count), text) == "correct" and outcome(str(count + 1), text) == "incorrect"
    assert list(in_words(1_105)) == ["one thousand one hundred and five", "one thousand one hundred five"]


def test_a_number_is_exact_unless_its_datatype_is_not():
    names = NameIndex({}, inexact={"0.1": 2.0**-24})
    assert outcome("0.1", "0.10000000149", names=names) == "correct"
    assert outcome("0.1", "0.10000000149") == outcome("0.1", "0.1001", names=names) == "incorrect"
