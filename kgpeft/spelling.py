"""Forms of one English word that name the same thing: singular and plural, British and American.

Two words are forms of each other where they fold alike, or where one is an irregular or Latin plural of the other.
Folded words are for comparing, not for reading: many are no words.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega").split(), strict=True)) | {"ς": "sigma"}
SHORTEST = 4  # letters of a word that is folded

_ENDINGS = ("isation", "ation", "ition", "ating", "ising", "ated", "ised", "ment", "ate", "ise", "is", "ing", "ion",
            "ied", "ed", "er", "or", "e", "y")
_DIGRAPH = re.compile("[ao]e(?=.)")
_BRITISH = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"leuc", "leuk"),
        (r"[ao]e(?=.)", "e"),
        (r"(?<=[iy])z", "s"),
        (r"(?<=[a-z]{2})our(?=$|ed|ing|ation|ful|able|ite|less|al|ist|er)", "or"),
        (r"(?<=[a-z]{2}[btv])re$", "er"),
        (r"ll(?=(?:ed|ing|ers?|ors?|ation|ist)$)", "l"),
        (r"ogue$", "og"),
        (r"fibre", "fiber"),
        (r"centre", "center"),
        (r"grey", "gray"),
        (r"gramme$", "gram"),
        (r"mollusc", "mollusk"),
        (r"moustache", "mustache"),
        (r"pyjama", "pajama"),
        (r"sulph", "sulf"),
        (r"uminium", "uminum"),
        (r"mould", "mold"),
        (r"plough", "plow"),
        (r"artefact", "artifact"),
        (r"sceptic", "skeptic"),
        (r"programme", "program"),
        (r"(?<=[fct]en)ce$", "se"),
        (r"^disc$", "disk"),
        (r"jewellery", "jewelry"),
        (r"^tyre$", "tire"),
        (r"draught", "draft"),
        (r"^storey$", "story"),
        (r"ageing$", "aging"),
        (r"dgement", "dgment"),
        (r"orientated", "oriented"),
        (r"enquir", "inquir"),
        (r"(?<=[fksw])ilful", "illful"),
        (r"yoghurt", "yogurt"),
        (r"neurone$", "neuron"),
        (r"exion$", "ection"),
        (r"(?<=[a-z]{2}[sxzo])e$|(?<=[a-z][cs]h)e$", ""),
        (r"(?<=[a-z]{2})ie$", "y"),
    )
)
_PLURALS = tuple(
    tuple(pair.split("/"))
    for pair in (
        "u/us i/is a/ae us/i um/a on/a is/es is/ides ex/ices ix/ices nx/nges ma/mata f/ves fe/ves eau/eaux "
        "foot/feet tooth/teeth "
        "goose/geese mouse/mice louse/lice man/men child/children person/people ox/oxen viscus/viscera genus/genera "
        "corpus/corpora femur/femora foramen/foramina lumen/lumina stamen/stamina"
    ).split()
)

_OTHERS: dict[str, list[tuple[str, str]]] = {}  # by their last letter, endings and those of the other number
for _one, _many in _PLURALS:
    for _old, _new in ((_one, _many), (_many, _one)):
        _OTHERS.setdefault(_old[-1], []).append((_old, _new))


@lru_cache(maxsize=1 << 18)
def fold(word: str) -> str:
    """The word in a form that its regular plural and its British spelling share."""
    if len(word) < SHORTEST or not word.isalpha():
        return word
    word = _singular(word)
    for pattern, american in _BRITISH:
        word = pattern.sub(american, word)
    return word[:-1] if _ends_in_s(word) else word


@lru_cache(maxsize=1 << 16)
def inflected(word: str) -> tuple[str, ...]:
    """The word's plurals and singulars that are not regular: "nuclei" for "nucleus", "axis" for "axes"."""
    wrongly = (word + "s",) if word[-1:] == "s" and len(word) >= SHORTEST else ()  # "pelviss" can mean nothing else
    return wrongly + tuple(
        word[: len(word) - len(old)] + new
        for old, new in _OTHERS.get(word[-1:], ())
        if word.endswith(old) and (len(word) - len(old) > 1 or (word == old and len(old) > SHORTEST - 2))
    )


def forms(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words, then the words with each one of them in turn in another number."""
    yield words
    for at, word in enumerate(words):
        for other in inflected(word):
            yield (*words[:at], other, *words[at + 1 :])


@lru_cache(maxsize=1 << 16)
def run_together(words: tuple[str, ...]) -> str:
    """The folded words without what parts them, but for digits: "b cell", "B-cell" and "bcell" are alike."""
    text = ""
    for word in map(fold, words):
        text += f"_{word}" if text[-1:].isdigit() and word[0] in "-0123456789" else word
    return digraphs(text)


def digraphs(text: str) -> str:
    """British "ae" and "oe" as American "e"."""
    return _DIGRAPH.sub("e", text)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The word without its English endings, so that inflections of one verb or noun are alike; never for names."""
    word = fold(word)
    if word.endswith(_ENDINGS):
        word = word.removesuffix(next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 4), ""))
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


@cache
def ordinary() -> frozenset[str]:
    """Stems of the words that most people know (17,711 of them): what is not among them may be a name."""
    text = files("kgpeft").joinpath("ordinary.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _singular(word: str) -> str:
    if not _ends_in_s(word):
        return word
    if word.endswith("ies") and len(word) > SHORTEST:
        return word[:-3] + "y"
    if len(word) > SHORTEST and re.search(r"(?:[sxzo]|[cs]h)es$", word):
        return word[:-2]
    return word[:-1]


def _ends_in_s(word: str) -> bool:
    return len(word) >= SHORTEST and word[-1] == "s" and word[-2] not in "siu"
