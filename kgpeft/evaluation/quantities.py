"""Numbers in words and numbers with units: equal quantities become equal text, whatever they are measured in.

Units are the SI's with their prefixes, and common others with their exact factors (BIPM, SI Brochure, 9th edition;
NIST SP 811 for the customary ones).
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

NUMBERS_IN_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
DIGITS = Context(prec=12)  # of a converted value
LARGEST = 1_000_000  # below this a count is also known in words

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBER = (
    r"(?<![\w.,])[-\u2212]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?:(?<=\d)\.|\.(?=\d))?\d*(?:[eE][+-]?\d{1,2})?"
)
_HIGH = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"  # superscript digits
_EXPONENT = rf"(?P<power>[-\u2212+]?\d{{1,2}}|[\u207b\u207a]?[{_HIGH}]+)"
_POWER = rf"(?:\s*[x\u00d7\u00b7*]\s*10\s*(?:\^|\*\*)?\s*{_EXPONENT})?"
_NAME = r"(?:[\u00b0\u00ba]\s?[CFKcf]\b|[\u00b5\u03bc\u00b0%$\u20aca-zA-Z]+)"
_FACTOR = rf"(?:(?:degrees?|deg|square|cubic) )?{_NAME}(?:\^?-?[1-4]\b|[\u00b2\u00b3])?"
_UNIT = rf"(?P<unit>{_FACTOR}(?:\s?(?:/|\u00b7|\*| per )\s?{_FACTOR})*)(?!\w)"
_SIMPLE = re.compile(
    r"(?P<word>(?:square |cubic )?)(?P<name>.+?)(?:\^?(?P<power>-?[1-4])|(?P<small>[\u00b2\u00b3]))?"
)
_QUANTITY = re.compile(rf"(?P<number>{_NUMBER}){_POWER}[\s-]*{_UNIT}")
_ASKED = re.compile(rf"\bin {_UNIT}|\({_UNIT.replace('?P<unit>', '?P<other>')}\)")
_SUPERSCRIPT = str.maketrans(_HIGH + "\u207b\u207a\u2212", "0123456789-+-")


class Unit(NamedTuple):
    """A value in this unit times `factor` plus `offset` is one in the base units with these powers."""

    factor: Fraction
    offset: Fraction
    powers: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The base units in words: "gram per metre3"."""
        above = " ".join(f"{base}{power if power > 1 else ''}" for base, power in self.powers if power > 0)
        below = " ".join(f"{base}{-power if power < -1 else ''}" for base, power in self.powers if power < 0)
        return f"{above} per {below}".strip() if below else above


def is_number(token: str) -> bool:
    """Whether the token is a number in canonical form."""
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", token))


@lru_cache(maxsize=1 << 14)
def in_base_units(text: str) -> str:
    """The text with every quantity in base units: "0.7 cm" and "7 mm" become "0.007 metre"."""
    return _QUANTITY.sub(_converted, text)


def is_quantity(text: str) -> bool:
    """Whether the text is one number with a known unit and nothing else."""
    match = _QUANTITY.fullmatch(text.strip())
    return bool(match and _value(match) is not None and _unit(match["unit"]))


def unit_asked_for(question: str) -> str:
    """The unit that a question wants its number in ("in kilograms", "(mm)"); "" if it does not say."""
    found = (match["unit"] or match["other"] for match in _ASKED.finditer(question))
    return next((unit for text in found for unit in _shortened(text) if len(unit) > 1 and _unit(unit)), "")


def in_words(count: int) -> Iterator[str]:
    """The ways to write a count in words; none from a million on."""
    if 0 <= count < LARGEST:
        yield from dict.fromkeys((_words(count, " and "), _words(count, " ")))


def _converted(match: re.Match[str]) -> str:
    value = _value(match)
    for text in _shortened(match["unit"]):
        if value is not None and (unit := _unit(text)):
            base = value * unit.factor + unit.offset
            exact = DIGITS.divide(Decimal(base.numerator), Decimal(base.denominator))
            return f"{exact.normalize():f} {unit.name}{match['unit'][len(text):]}"
    return match[0]


def _shortened(unit: str) -> Iterator[str]:
    """The text and its beginnings: of "cm per year" the last known one is the unit."""
    yield unit
    for cut in reversed([match.start() for match in re.finditer(r"\s|/|\u00b7|\*", unit)]):
        yield unit[:cut].rstrip()


def _value(match: re.Match[str]) -> Fraction | None:
    number = match["number"].replace(",", "").replace("\u2212", "-")
    if not re.search(r"\d", number):
        return None
    power = int((match["power"] or "0").translate(_SUPERSCRIPT))
    return Fraction(Decimal(number)) * Fraction(10) ** power


@lru_cache(maxsize=1 << 12)
def _unit(text: str) -> Unit | None:
    """The unit that the text names, or None."""
    factor, offset, powers = Fraction(1), Fraction(0), Counter[str]()
    parts = re.split(r"\s?(/|\u00b7|\*|\bper\b)\s?", text.strip())
    for at in range(0, len(parts), 2):
        sign = -1 if at and parts[at - 1] in ("/", "per") else 1
        if not parts[at] and at == 0 and len(parts) > 1:
            continue
        if not (found := _simple(parts[at])):
            return None
        unit, power = found
        factor *= unit.factor ** (power * sign)
        offset = unit.offset if len(parts) == 1 and power == 1 else Fraction(0)
        for base, exponent in unit.powers:
            powers[base] += exponent * power * sign
    kept = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Unit(factor, offset, kept) if kept else None


def _simple(text: str) -> tuple[Unit, int] | None:
    """A unit and the power it is raised to."""
    match = _SIMPLE.fullmatch(text)
    if not match:
        return None
    power = int((match["power"] or match["small"] or "1").translate(_SUPERSCRIPT))
    power *= {"square ": 2, "cubic ": 3}.get(match["word"], 1)
    name = re.sub(r"^(?:degrees? |deg |[\u00b0\u00ba]\s?)(?=\w)", "", match["name"])
    name = name.replace("\u00b5", "u").replace("\u03bc", "u")
    table = _table()
    low = name.lower()
    for word in (name, low, low.removesuffix("s"), re.sub("tre(?=s?$)", "ter", low).removesuffix("s")):
        if word in table and (len(name) > 2 or word == name or len(name) == 1):
            return table[word], power
    return None


@cache
def _table() -> dict[str, Unit]:
    """Symbols and words of single units."""
    found: dict[str, Unit] = {}
    for symbol, word, factor, powers in _BASIC:
        dimension = tuple(sorted((base, int(power or 1)) for base, power in re.findall(r"([a-z]+)(-?\d)?", powers)))
        unit = Unit(Fraction(factor), Fraction(0), dimension)
        for short, long, size in _PREFIXES:
            scaled = unit._replace(factor=unit.factor * Fraction(size))
            found |= {short + symbol: scaled, long + word: scaled}
    for names, factor, offset, powers in _OTHERS:
        dimension = tuple(sorted((base, int(power or 1)) for base, power in re.findall(r"([a-z]+)(-?\d)?", powers)))
        found |= {name: Unit(Fraction(factor), Fraction(offset), dimension) for name in names.split()}
    return found


_PREFIXES = (
    ("", "", 1), ("k", "kilo", 1000), ("M", "mega", 10**6), ("G", "giga", 10**9), ("T", "tera", 10**12),
    ("h", "hecto", 100), ("d", "deci", "1/10"), ("c", "centi", "1/100"), ("m", "milli", "1/1000"),
    ("u", "micro", "1/1000000"), ("n", "nano", Fraction(1, 10**9)), ("p", "pico", Fraction(1, 10**12)),
)  # fmt: skip
_BASIC = (  # symbol, word, factor, powers of the base units
    ("m", "meter", 1, "metre"), ("g", "gram", 1, "gram"), ("s", "second", 1, "second"), ("A", "ampere", 1, "ampere"),
    ("K", "kelvin", 1, "kelvin"), ("mol", "mole", 1, "mole"), ("cd", "candela", 1, "candela"),
    ("Hz", "hertz", 1, "second-1"), ("N", "newton", 1000, "gram metre second-2"),
    ("Pa", "pascal", 1000, "gram metre-1 second-2"), ("J", "joule", 1000, "gram metre2 second-2"),
    ("W", "watt", 1000, "gram metre2 second-3"), ("V", "volt", 1000, "gram metre2 second-3 ampere-1"),
    ("l", "liter", "1/1000", "metre3"), ("L", "liter", "1/1000", "metre3"),
    ("bar", "bar", 10**8, "gram metre-1 second-2"), ("cal", "calorie", 4184, "gram metre2 second-2"),
    ("eV", "electronvolt", Fraction("1.602176634e-16"), "gram metre2 second-2"),
)  # fmt: skip
_OTHERS = (  # names, factor, offset, powers
    ("celsius centigrade C", 1, "273.15", "kelvin"), ("fahrenheit F", "5/9", Fraction("459.67") * 5 / 9, "kelvin"),
    ("min minute mins", 60, 0, "second"), ("h hr hour hrs", 3600, 0, "second"), ("d day", 86400, 0, "second"),
    ("week wk", 604800, 0, "second"), ("sec", 1, 0, "second"), ("year yr yrs y annum", 1, 0, "year"),
    ("month", 1, 0, "month"), ("kph kmh", "10/36", 0, "metre second-1"), ("mph", "0.44704", 0, "metre second-1"),
    ("inch inches", "0.0254", 0, "metre"), ("ft foot feet", "0.3048", 0, "metre"), ("yd yard", "0.9144", 0, "metre"),
    ("mi mile", "1609.344", 0, "metre"), ("nmi", 1852, 0, "metre"), ("angstrom", "1e-10", 0, "metre"),
    ("au", 149597870700, 0, "metre"), ("lb lbs pound", "453.59237", 0, "gram"), ("oz ounce", "28.349523125", 0, "gram"),
    ("t tonne", 10**6, 0, "gram"), ("ha hectare", 10000, 0, "metre2"), ("acre", "4046.8564224", 0, "metre2"),
    ("cc ccm", "1/1000000", 0, "metre3"), ("atm", 101325000, 0, "gram metre-1 second-2"),
    ("mmhg mmHg", "133322.387415", 0, "gram metre-1 second-2"), ("psi", "6894757.293168", 0, "gram metre-1 second-2"),
    ("rpm", "1/60", 0, "second-1"), ("% percent", 1, 0, "percent"), ("$ usd dollar", 1, 0, "dollar"),
    ("\u20ac eur euro", 1, 0, "euro"), ("\u00b0 degree deg", 1, 0, "degree"),
)  # fmt: skip


def _words(count: int, joint: str) -> str:
    if count < 20:
        return NUMBERS_IN_WORDS[count]
    if count < 100:
        return _TENS[count // 10 - 2] + (f" {NUMBERS_IN_WORDS[count % 10]}" if count % 10 else "")
    size, name = (100, "hundred") if count < 1000 else (1000, "thousand")
    rest = count % size
    gap = joint if rest < 100 else " "
    return f"{_words(count // size, joint)} {name}" + (gap + _words(rest, joint) if rest else "")
