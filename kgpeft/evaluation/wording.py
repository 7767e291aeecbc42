"""The grader's view of text: tokens in one canonical form, in which equal names, numbers and dates are equal."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from kgpeft.spelling import GREEK

Tokens = tuple[str, ...]

GREEK_SPACED = {ord(letter): f" {name} " for letter, name in GREEK.items()}
SPELLED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "þ": "th", "&": " and "}
)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
MONTH = (r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
         r"|nov(?:ember)?|dec(?:ember)?)\.?")
UNITS = frozenset("""
    mm cm m km nm um kg g mg ug ng l ml dl s ms min h hz khz mhz ghz w kw j kj v k c f pa kpa mpa gpa bar percent
    per degree degrees celsius fahrenheit kelvin gram grams kilogram kilograms metre metres meter meters millimetre
    millimetres millimeter millimeters kilometre kilometres kilometer kilometers litre litres liter liters second
    seconds minute minutes hour hours day days week weeks month months year years usd eur dollar dollars euro euros
    mohs scale cm3 m3 m2 km2 inhabitants people
""".split())
GLUED_UNIT = r"\b(\d+)(mm|cm|km|nm|kg|mg|ml|hz|khz|mhz|ghz|kw|kj|mpa|gpa)\b"

FUNCTION = frozenset("""
    a an the this that these those it its itself they them their he him his she her i me my we us our you your who
    whom whose which what when where why how there here is are was were be been being am has have had having do does
    did done will would shall should can could may might must of in on at to from by with for as into onto over
    under about between among through during within upon and or but so than then also both either too very only just
    all any each every some such other others one ones more most if because since while although though etc well
    namely including include includes included called named known referred answer answers following follows
    according given based fact facts graph response question correct exactly approximately around roughly probably
    maybe perhaps possibly likely think believe guess sure certainly yes kind type sort form example considered
    described defined said anything something eg ie belongs belong classified categorized categorised located found
    made consists consist consisting composed contains contain typically usually commonly often generally primarily
    mainly mostly chiefly normally indeed refers refer means mean used provided knowledge
""".split())
_TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}(?!\d)"  # a date
    r"|(?<![\w.])-?\d+\.\d+(?![\w.]*\w)"  # a decimal, but not part of a version such as 1.2.3
    r"|(?<![\w.])-\d+(?!\w|\.\d)"  # a negative integer
    r"|[^\W_]+")


@lru_cache(maxsize=65536)
def tokens(text: str) -> Tokens:
    """The text in canonical form: NFKC, lower case, no accents on Latin, Greek letters spelled, numbers as values."""
    before, found = text, _pass(text)
    while (after := " ".join(found)) != before:  # a value can appear only once punctuation is gone: "July (20) 1969"
        before, found = after, _pass(after)
    return found


def _pass(text: str) -> Tokens:
    text = text.translate({ord(mark): "'" for mark in "’‘ʼ′´`"} | {0x2212: "-", ord("_"): " "})
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = re.sub("(?<=[α-ω])-", " ", text).translate(GREEK_SPACED).translate(SPELLED)  # β-2 is no minus
    text = re.sub(r"([a-z])[\u0300-\u036f]+", r"\1", unicodedata.normalize("NFKD", text))
    text = _dates(_contractions(unicodedata.normalize("NFKC", text)))
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", re.sub(r"(?<=[\w+])\+(?!\w)", " plus ", text))
    text = re.sub(r"(?<![\w.])-?\d+\.\d+e[+-]?\d{1,2}(?![\w.]*\w)", lambda m: f"{Decimal(m[0]):f}", text)
    text = re.sub(r"(?<![\w.])(-?)\.(?=\d+(?![\w.]*\w))", r"\g<1>0.", text)
    text = re.sub(GLUED_UNIT, r"\1 \2", re.sub(r"(\d\.\d+)(?=[^\W\d_]{1,3}\b)", r"\1 ", text))
    return tuple(_value(token) for token in _TOKEN.findall(text))


def normalise(text: str) -> str:
    """The tokens as one string; normalising it again changes nothing."""
    return " ".join(tokens(text))


def _contractions(text: str) -> str:
    text = re.sub(r"\bcan(?:'t|not)\b|\bcant\b", "can not", text)
    text = re.sub(r"\bwon't\b", "will not", re.sub(r"\bdont\b", "do not", text))
    text = re.sub(r"n't\b", " not", re.sub(r"\bi'm\b", "i am", text))
    text = re.sub(r"'(?:ve)\b", " have", re.sub(r"'re\b", " are", text))
    return re.sub(r"(?<=\w)'(?:s|d|ll)\b|(?<=s)'(?!\w)", "", text)


def _dates(text: str) -> str:
    text = re.sub(r"(\d{4}-\d\d-\d\d)t00:00:00(?:\.0+)?(?:z|\+00:00)?", r"\1", text)
    day, year = r"(\d{1,2})(?:st|nd|rd|th)?", r",? (\d{4})"
    text = re.sub(rf"\b{day}(?: of)? {MONTH}{year}\b", lambda m: _iso(m[3], m[2], m[1]), text)
    return re.sub(rf"\b{MONTH} {day}{year}\b", lambda m: _iso(m[3], m[1], m[2]), text)


def _iso(year: str, month: str, day: str) -> str:
    return f"{year}-{MONTHS.index(month[:3]) + 1:02d}-{int(day):02d}"


def _value(token: str) -> str:
    """A decimal without needless zeros; integers with a leading zero are codes and stay as written."""
    if "." not in token:
        return token
    whole, fraction = token.rstrip("0").split(".")
    sign, digits = ("-", whole[1:]) if whole[0] == "-" else ("", whole)
    value = (digits.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return value if value == "0" else sign + value
