"""Questions from a relation's label: its grammar decides how one asks for the value, for the bearer, and whether.

A template holds one `{x}`: the subject when the value is asked for, the value when the bearer is. `confirm` holds a
`{y}` too, the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgpeft.dataset.grammar import PREPOSITIONS, article, base, is_participle, is_verb, one_of, third

REFUSAL = "I don't know."  # the one sentence that says that the graph does not say

BROADER = frozenset(("broader", "has broader", "broader term", "has broader term"))
INSTANCE = frozenset(("instance of", "type"))
TAXONOMIC = frozenset(("is a", "subclass of", "sub class of", "kind of", *INSTANCE, *BROADER))


@dataclass(frozen=True)
class Phrasing:
    """How one speaks of a relation: questions for its value (`object`) and bearer (`subject`), and parts of others."""

    object: tuple[str, ...]
    subject: tuple[str, ...]
    path: str = ""  # the value, described: "the lustre of {x}"
    confirm: str = ""  # "Is {y} the lustre of {x}?"
    why: str = ""  # "Why is {y} the lustre of {x}?"


def plain(label: str) -> str:
    """A relation label as words in lower case: 'hasCrystal_System' becomes 'has crystal system'."""
    return " ".join(_spaced(label).split()).lower() if not _spaced(label).isupper() else _spaced(label)


def spoken(label: str) -> str:
    """A relation label as it is said in a question: as `plain`, but abbreviations keep their capitals."""
    words = _spaced(label).split()
    if len(words) > 1 and all(word.isupper() for word in words):  # CAUSED BY
        return " ".join(words).lower()
    return " ".join(word if word.isupper() and 1 < len(word) < 6 else word.lower() for word in words)


def _spaced(label: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", label.replace("_", " "))


def phrasing(label: str) -> Phrasing:
    """Templates for a relation that is known by its label alone."""
    words = spoken(label).split()
    text = " ".join(words)
    if plain(label) in TAXONOMIC:
        return _taxonomic(plain(label))
    if words[:1] in (["has"], ["have"]) and len(words) > 1:
        return _action(words) if words[-1] in PREPOSITIONS else _owned(" ".join(words[1:]))
    if words[:1] in (["is"], ["are"], ["was"]) and len(words) > 1:
        return _described(words[1:])
    if is_participle(words):
        return _described(words)
    if is_verb(words):
        return _action(words)
    if len(words) > 1 and words[0].endswith("ly") and is_verb(words[1:]):
        return _action(words[1:], words[0])
    if words[-1:] and words[-1] in PREPOSITIONS:
        return _happening(words) if len(words) > 2 and is_verb(words[1:]) else _described(words)
    return _placed(words) or _noun(text)


def _described(words: list[str]) -> Phrasing:
    """What follows "is": "used by", "ore of", "applicable in"; else a noun."""
    if is_participle(words) or words[-1] in PREPOSITIONS:
        return _state(one_of(words))
    return _placed(words) or _noun(" ".join(words))


def _taxonomic(label: str) -> Phrasing:
    if label in BROADER:
        return Phrasing(
            (
                "What is the broader concept of {x}?", "Which concept is broader than {x}?",
                "Under which broader concept does {x} fall?", "What does {x} belong under?",
                "Which more general concept includes {x}?", "Name the concept directly above {x}.",
                "I would like to know which broader concept {x} has.",
            ),
            (
                "What are the narrower concepts of {x}?", "Which concepts are narrower than {x}?",
                "Which concepts fall under {x}?", "Name the more specific concepts of {x}.",
                "List the concepts directly below {x}.", "What does {x} include?",
            ),
            "the broader concept of {x}", "Is {y} a broader concept of {x}?", "Why does {x} fall under {y}?",
        )
    return Phrasing(
        (
            "What kind of thing is {x}?", "What is {x} a type of?", "Which class does {x} belong to?",
            "To which category does {x} belong?", "How is {x} classified?", "What category does {x} fall under?",
            "I would like to know what kind of thing {x} is.",
        ),
        (
            "What are the instances of {x}?", "Which things are instances of {x}?", "Name the instances of {x}.",
            "What falls under {x}?", "List what belongs to the class {x}.", "Give examples of {x}.",
        ) if label in INSTANCE else (
            "What are the kinds of {x}?", "Which things are a type of {x}?", "Name the subtypes of {x}.",
            "What falls under {x}?", "List what belongs to the class {x}.", "Give examples of {x}.",
        ),
        "the class that {x} belongs to", "Is {x} a kind of {y}?", "Why is {x} a kind of {y}?",
    )


def _noun(noun: str) -> Phrasing:
    return Phrasing(
        (
            f"What is the {noun} of {{x}}?", f"What {noun} does {{x}} have?", f"Which {noun} does {{x}} have?",
            f"Tell me the {noun} of {{x}}.", f"I would like to know the {noun} of {{x}}.",
            f"As for {{x}}, what is its {noun}?", f"Can you tell me what {noun} {{x}} has?",
        ),
        (
            f"What has the {noun} {{x}}?", f"Which one has {{x}} as its {noun}?", f"{{x}} is the {noun} of what?",
            f"Name everything whose {noun} is {{x}}.", f"Whose {noun} is {{x}}?", f"List what has the {noun} {{x}}.",
        ),
        f"the {noun} of {{x}}", f"Is {{y}} the {noun} of {{x}}?", f"Why is {{y}} the {noun} of {{x}}?",
    )


def _owned(noun: str) -> Phrasing:
    """For "has part": what one has, rather than what one's part is."""
    return Phrasing(
        (
            f"What {noun} does {{x}} have?", f"Which {noun} does {{x}} have?", f"{{x}} has what {noun}?",
            f"Tell me the {noun} that {{x}} has.", f"What is the {noun} of {{x}}?",
            f"I would like to know the {noun} that {{x}} has.", f"As for {{x}}, what {noun} does it have?",
        ),
        (
            f"What has {{x}} as {article(noun)}?", f"Which one has {{x}} as its {noun}?",
            f"{{x}} is the {noun} of what?", f"Name everything that has {{x}} as {article(noun)}.",
            f"Whose {noun} is {{x}}?", f"List what has {{x}} as {article(noun)}.",
        ),
        f"the {noun} that {{x}} has", f"Does {{x}} have {{y}} as {article(noun)}?",
        f"Why does {{x}} have {{y}} as {article(noun)}?",
    )


def _state(text: str) -> Phrasing:
    return Phrasing(
        (
            f"What is {{x}} {text}?", f"{{x}} is {text} what?", f"Tell me what {{x}} is {text}.",
            f"Which thing is {{x}} {text}?", f"I would like to know what {{x}} is {text}.",
            f"Can you tell me what {{x}} is {text}?", f"As for {{x}}, what is it {text}?",
        ),
        (
            f"What is {text} {{x}}?", f"Which one is {text} {{x}}?", f"Name everything that is {text} {{x}}.",
            f"List what is {text} {{x}}.", f"Tell me what is {text} {{x}}.",
            f"Is anything {text} {{x}}? What?",
        ),
        f"the thing that {{x}} is {text}", f"Is {{x}} {text} {{y}}?", f"Why is {{x}} {text} {{y}}?",
    )


def _action(words: list[str], adverb: str = "") -> Phrasing:
    """For verbs: "treats", "develops from", "contains element", "negatively regulates"."""
    before = f"{adverb} " if adverb else ""
    verb, rest = words[0], words[1:]
    if rest and rest[-1] not in PREPOSITIONS:  # "contains element", "applies to account": what kind of thing is said
        place = f" {rest[0]}" if rest[0] in PREPOSITIONS else ""
        noun = " ".join(rest[1:] if place else rest)
        return _acting(f"{before}{base(verb)}{place}", f"{before}{third(verb)}{place}", noun)
    do, does = (f"{before}{' '.join([form, *rest])}" for form in (base(verb), third(verb)))
    return Phrasing(
        (
            f"What does {{x}} {do}?", f"Which thing does {{x}} {do}?", f"{{x}} {does} what?",
            f"Tell me what {{x}} {does}.", f"I would like to know what {{x}} {does}.",
            f"Can you tell me what {{x}} {does}?", f"As for {{x}}, what does it {do}?",
        ),
        _actors(do, does), f"the thing that {{x}} {does}", f"Does {{x}} {do} {{y}}?", f"Why does {{x}} {do} {{y}}?",
    )


def _acting(do: str, does: str, noun: str) -> Phrasing:
    """For "contains element": which element does it contain?"""
    return Phrasing(
        (
            f"Which {noun} does {{x}} {do}?", f"What {noun} does {{x}} {do}?", f"Tell me which {noun} {{x}} {does}.",
            f"I would like to know which {noun} {{x}} {does}.", f"Can you tell me which {noun} {{x}} {does}?",
            f"As for {{x}}, which {noun} does it {do}?", f"What is the {noun} that {{x}} {does}?",
        ),
        _actors(f"{do} the {noun}", f"{does} the {noun}"), f"the {noun} that {{x}} {does}",
        f"Does {{x}} {do} the {noun} {{y}}?", f"Why does {{x}} {do} the {noun} {{y}}?",
    )


def _actors(do: str, does: str) -> tuple[str, ...]:
    return (
        f"What {does} {{x}}?", f"Which one {does} {{x}}?", f"Name everything that {does} {{x}}.",
        f"List what {does} {{x}}.", f"Tell me which things {do} {{x}}.", f"Does anything {do} {{x}}? What?",
    )


def _happening(words: list[str]) -> Phrasing:
    """For a noun with its verb, "existence starts during": that of the subject does it."""
    noun, made, does = words[0], _action(words[1:]), " ".join([third(words[1]), *words[2:]])
    whose = f"the {noun} of {{x}}"
    return Phrasing(
        tuple(template.replace("{x}", whose) for template in made.object),
        (
            f"What has {article(noun)} that {does} {{x}}?", f"Name everything whose {noun} {does} {{x}}.",
            f"Whose {noun} {does} {{x}}?", f"List what has {article(noun)} that {does} {{x}}.",
        ),
        *(part.replace("{x}", whose) for part in (made.path, made.confirm, made.why)),
    )


def _placed(words: list[str]) -> Phrasing | None:
    """For "only in taxon", "present in taxon": a preposition before the last noun."""
    at = next((i for i, word in enumerate(words[:-1]) if word in PREPOSITIONS and word != "of"), -1)
    if at < 0 or at > 1:
        return None
    how, place, noun = " ".join(words[:at]), words[at], " ".join(words[at + 1 :])
    found = "" if how in ("", "found") else f" {how}"
    found = f"{found} found" if found.strip() in ("", "only", "never") or found.endswith("ly") else found
    which = f"{place.capitalize()} which {noun}"
    return Phrasing(
        (
            f"{which} is {{x}}{found}?", f"{{x}} is{found} {place} which {noun}?",
            f"Tell me {place} which {noun} {{x}} is{found}.", f"What is the {noun} {place} which {{x}} is{found}?",
            f"I would like to know {place} which {noun} {{x}} is{found}.",
            f"As for {{x}}, {place} which {noun} is it{found}?",
        ),
        (
            f"What is{found} {place} the {noun} {{x}}?", f"Which one is{found} {place} the {noun} {{x}}?",
            f"Name everything that is{found} {place} the {noun} {{x}}.",
            f"List what is{found} {place} the {noun} {{x}}.",
        ),
        f"the {noun} {place} which {{x}} is{found}", f"Is {{x}}{found} {place} the {noun} {{y}}?",
        f"Why is {{x}}{found} {place} the {noun} {{y}}?",
    )


DEFINITION = Phrasing(
    (
        "How is {x} defined?", "Define {x}.", "What is the definition of {x}?", "Give the definition of {x}.",
        "What does {x} mean?", "How would you define {x}?",
    ),
    (), "the definition of {x}", "Is {y} the definition of {x}?", "Why is {x} defined as {y}?",
)
