"""The little English grammar that questions need: verbs and their forms, participles, articles."""

from __future__ import annotations

import re

PREPOSITIONS = frozenset(
    "of in on at by to from with for as into onto through under over near against between during within across before"
    " after around along toward towards about upon without out up off".split()
)
VERBS = frozenset(
    "accept accompany achieve acquire act activate address adjoin administer admit advise affect aggregate allow"
    " amend analyse analyze anchor announce apply approve arise articulate assess assign assist attach attack attend"
    " attract audit authorise authorize award bear become begin belong bestow bind block border bound bring broadcast"
    " build buy call carry cause certify chair change channel characterise characterize cite classify coach collect"
    " compete compile complete compose comprise compute concern conduct confer confirm connect consist constitute"
    " construct consume contain contribute control convert cover create cure damage deal define degrade deliver demand"
    " denote depend depict derive describe design detect determine develop direct discover display distribute divide"
    " document drain drive eat edit educate eliminate embody employ enable enclose encode end endorse enforce enhance"
    " ensure entail enter establish evaluate examine exclude execute exemplify exhibit exist expect explain export"
    " express extend extract facilitate feed fight fill finance finish fix flow follow form found fund fuse generate"
    " give govern grant grow guarantee guide handle harm have help hold host house hunt identify illustrate implement"
    " imply import improve include increase incur indicate induce influence inform inhabit inherit inhibit initiate"
    " innervate insert inspire integrate interact intersect invade invent investigate involve issue join judge kill"
    " know lack last lay lead lease leave lend license lie limit link list live locate lose maintain make manage"
    " manufacture mark measure mediate meet mention modify modulate monitor necessitate need neighbor neighbour obey"
    " oblige observe obtain occupy occur offer open operate orbit order originate output overlap overlay oversee owe"
    " own participate pass pay penetrate perform permit phosphorylate pierce play point pollinate possess precede"
    " predict prescribe preserve prevent process produce program prohibit promote protect prove provide publish"
    " purchase qualify quantify reach react read receive recognise recognize recommend record reduce refer reference"
    " reflect regulate relate release remove render rent repair replace report represent repress require reside"
    " restrict result return reveal rule run satisfy schedule secrete secure seek sell send separate serve set settle"
    " share show signal sing speak specify sponsor stabilise stabilize stand start stimulate stop store study succeed"
    " suggest supersede supervise supply support suppress surround synthesise synthesize take target teach terminate"
    " test touch trade train translate transmit transport travel traverse treat trigger turn undergo underlie"
    " understand unite update use utilise utilize validate value vary view visit weigh win work write yield".split()
)
PARTICIPLES = frozenset(
    "made found held known given written born led built drawn taken grown run kept set sold sent shown spoken worn"
    " driven fed sung borne bound bought brought caught chosen cut done eaten fought frozen hidden laid lost meant met"
    " paid put read said seen sought split spread struck taught thrown told understood won".split()
)
NOT_VERBS = ("ss", "us", "is", "as", "os")  # endings of words that end in s and are no verbs: continuous, basis, alias
ADJECTIVES = re.compile(r".*(ed|able|ible|ive|ic|al|ful|ous|ent|ant|less|ary|ior|most|ly)$")
SINGULAR = re.compile(r".*(ics|ss|us|is|as|os|eps|etes|ens|species|series|means|news|measles|herpes|rabies|caries)$")
NO_ARTICLE = frozenset("part evidence proof".split())


def base(verb: str) -> str:
    """The infinitive of a third person: identifies → identify, expresses → express, uses → use, has → have."""
    if verb == "has":
        return "have"
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("sses", "xes", "zzes", "shes", "ches", "oes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith(NOT_VERBS) else verb


def third(verb: str) -> str:
    """The third person of an infinitive; a third person stays as it is."""
    if verb == "have":
        return "has"
    if base(verb) != verb:
        return verb
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "x", "z", "sh", "ch", "o")) else "s")


def is_verb(words: list[str]) -> bool:
    """Whether the first word is a verb: a known one, or a third person before a preposition ("channels into")."""
    if not words:
        return False
    if base(words[0]) in VERBS:
        return base(words[0]) != words[0] or len(words) == 1 or words[1] in PREPOSITIONS
    ahead = len(words) > 1 and words[1] in PREPOSITIONS - {"of"}
    return ahead and len(words[0]) > 3 and base(words[0]) != words[0]


def is_participle(words: list[str]) -> bool:
    """Whether the words begin with a participle and go on: "innervated by", "made of", "distally connected to"."""
    rest = words[1:] if words and words[0].endswith("ly") else words
    regular = bool(rest) and rest[0].endswith("ed") and len(rest[0]) > 3 and rest[0] not in VERBS
    return len(rest) > 1 and (regular or (rest[0] in PARTICIPLES and rest[1] in PREPOSITIONS))


def article(noun: str) -> str:
    """A noun with its indefinite article: a part, an ore, a unit, an hour."""
    vowel = re.match(r"(?i)[aeio]|u(?!ni|se|ti|s\b)|hour|heir|honest", noun)
    return f"{'an' if vowel else 'a'} {noun}"


def one_of(words: list[str]) -> str:
    """What one is, in "ore of" or "subdivision of", with its article: "an ore of"; adjectives have none."""
    text, head = " ".join(words), words[-2] if len(words) > 1 else ""
    bare = words[-1] != "of" or head in NO_ARTICLE or not PREPOSITIONS.isdisjoint(words[:-1]) or is_participle(words)
    plural = head.endswith("s") and not head.endswith(NOT_VERBS)
    return text if bare or plural or ADJECTIVES.fullmatch(head) else article(text)


def is_plural(name: str) -> bool:
    """Whether a name of several words speaks of several things: "Star clusters", "walls of cells", but not "Mars"."""
    words = re.split(r" (?:of|in|on|for|to|with|from) | \(", name)[0].split()
    last = words[-1] if words else ""
    return len(name.split()) > 1 and last.islower() and last.endswith("s") and not SINGULAR.fullmatch(last)


def put(name: str, template: str, place: str = "{x}") -> str:
    """The template with a name in its place, its verb agreeing: "What are Star clusters related to?"."""
    if is_plural(name):
        for one, many in (("is", "are"), ("does", "do"), ("has", "have"), ("Is", "Are"), ("Does", "Do")):
            template = template.replace(f"{one} {place}", f"{many} {place}")
            template = re.sub(rf"{re.escape(place)} {one}\b", f"{place} {many}", template)
    return template.replace(place, name)
