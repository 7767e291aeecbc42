"""Questions from a relation's label: its grammar decides how one asks for the value and for the bearer.

A template holds one `{x}`: the subject when the value is asked for, the value when the subject is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REFUSAL = "I don't know."  # the one sentence that says that the graph does not say

PREPOSITIONS = frozenset("of in on at by to from with for as into onto through under over near against between".split())
VERBS = frozenset(
    "treats causes regulates produces contains develops overlaps connects surrounds drains supplies affects inhibits "
    "activates includes uses requires precedes follows encodes targets measures feeds covers bounds expresses binds "
    "interacts participates occurs involves depends describes represents implements owns manages employs borders "
    "adjoins transports secretes receives sends makes sells supports lacks innervates eats lives belongs identifies "
    "denotes prevents knows replaces carries controls performs generates contributes leads".split()
)
PARTICIPLES = frozenset(
    "made found held known given written born led built drawn taken grown run kept set sold sent shown spoken worn"
    " driven fed sung".split()
)
TAXONOMIC = frozenset(
    ("is a", "subclass of", "sub class of", "type", "instance of", "broader", "has broader", "kind of")
)


@dataclass(frozen=True)
class Phrasing:
    """Templates that ask for a relation's value (`object`) and for its bearer (`subject`)."""

    object: tuple[str, ...]
    subject: tuple[str, ...]


def plain(label: str) -> str:
    """A relation label as words: 'hasCrystal_System' becomes 'has crystal system'."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", label.replace("_", " "))
    return " ".join(spaced.split()).lower() if not spaced.isupper() else spaced


def phrasing(label: str) -> Phrasing:
    """Templates for a relation that is known by its label alone."""
    words = plain(label).split()
    text = " ".join(words)
    if text in TAXONOMIC:
        return _taxonomic()
    if words and words[0] in ("has", "have") and len(words) > 1:
        return _owned(" ".join(words[1:]))
    if words and words[0] == "is" and len(words) > 1:
        words = words[1:]
        text = " ".join(words)
    if _participle(words) or (words[-1:] and words[-1] in PREPOSITIONS):
        return _state(text) if not _verb(words) else _action(words)
    if _verb(words):
        return _action(words)
    return _noun(text)


def _participle(words: list[str]) -> bool:
    return bool(words) and len(words) > 1 and (words[0].endswith("ed") or words[0] in PARTICIPLES)


def _verb(words: list[str]) -> bool:
    third_person = words[:1] and words[0].endswith("s") and len(words) > 1 and words[1] in PREPOSITIONS
    return bool(words) and (words[0] in VERBS or bool(third_person))


def _taxonomic() -> Phrasing:
    return Phrasing(
        (
            "What kind of thing is {x}?", "What is {x} a type of?", "Which class does {x} belong to?",
            "{x} is a kind of what?", "How is {x} classified?", "What category does {x} fall under?",
        ),
        (
            "What are the kinds of {x}?", "Which things are a type of {x}?", "Name the subtypes of {x}.",
            "What falls under {x}?", "List what belongs to the class {x}.", "Give examples of {x}.",
        ),
    )


def _noun(noun: str) -> Phrasing:
    return Phrasing(
        (
            f"What is the {noun} of {{x}}?", f"What {noun} does {{x}} have?", f"What is {{x}}'s {noun}?",
            f"Tell me the {noun} of {{x}}.", f"{{x}} {noun}?", f"I would like to know the {noun} that {{x}} has.",
        ),
        (
            f"What has the {noun} {{x}}?", f"Which one has {{x}} as its {noun}?", f"{{x}} is the {noun} of what?",
            f"Name everything whose {noun} is {{x}}.", f"Whose {noun} is {{x}}?", f"List what has {noun} {{x}}.",
        ),
    )


def _owned(noun: str) -> Phrasing:
    """For "has part": what one has, rather than what one's part is."""
    ask = _noun(noun)
    return Phrasing(
        (
            f"What {noun} does {{x}} have?", f"Which {noun} does {{x}} have?", f"{{x}} has what {noun}?",
            f"Tell me the {noun} that {{x}} has.", *ask.object[:1], *ask.object[-1:],
        ),
        ask.subject,
    )


def _state(text: str) -> Phrasing:
    return Phrasing(
        (
            f"What is {{x}} {text}?", f"{{x}} is {text} what?", f"Tell me what {{x}} is {text}.",
            f"Which thing is {{x}} {text}?", f"{{x}}: {text}?", f"I would like to know what {{x}} is {text}.",
        ),
        (
            f"What is {text} {{x}}?", f"Which one is {text} {{x}}?", f"Name everything that is {text} {{x}}.",
            f"List what is {text} {{x}}.", f"Tell me which things are {text} {{x}}.",
            f"Is anything {text} {{x}}? What?",
        ),
    )


def _action(words: list[str]) -> Phrasing:
    verb, rest = words[0], " ".join(words[1:])
    base = re.sub(r"(?:(?<=[sxz])|(?<=ch)|(?<=sh))es$|s$", "", verb) if len(verb) > 3 else verb
    if rest and words[1] not in PREPOSITIONS:  # "contains element": the rest says what is contained
        first = (f"Which {rest} does {{x}} {base}?", f"What {rest} does {{x}} {base}?")
    else:
        first = (f"What does {{x}} {base} {rest}".strip() + "?", f"Which thing does {{x}} {base} {rest}".strip() + "?")
    do, does = f"{base} {rest}".strip(), f"{verb} {rest}".strip()
    return Phrasing(
        (
            *first, f"{{x}} {does} what?", f"Tell me what {{x}} {does}.", f"{{x}} {does}?",
            f"I would like to know what {{x}} {does}.",
        ),
        (
            f"What {does} {{x}}?", f"Which one {does} {{x}}?", f"Name everything that {does} {{x}}.",
            f"List what {does} {{x}}.", f"Tell me which things {do} {{x}}.", f"Does anything {do} {{x}}? What?",
        ),
    )


DEFINITION = Phrasing(
    (
        "What is {x}?", "How is {x} defined?", "Define {x}.", "What does {x} mean?", "Give the definition of {x}.",
        "Explain what {x} is.",
    ),
    (),
)
