"""Entity linking measured: a JSON line for each graph.

    python pipelines/benchmarks/linking.py metaqa METAQA_FOLDER [HOPS]
    python pipelines/benchmarks/linking.py names SOURCE ...
    python pipelines/benchmarks/linking.py scale NAMES

`metaqa`: topic entities of the dev questions, with their brackets and without, and questions a second. `names`: 500 names of
an ontology in each of several forms, in four questions; and strangers: syllables, syllables before a name's last word,
real names with another number. `scale`: names of three made-up words, seconds and memory to index them, questions a second.
Seconds are processor seconds.
"""

import json
import random
import re
import resource
import string
import sys
import tempfile
import time
from pathlib import Path

from kgpeft.evidence.linking import Linker
from kgpeft.graph import read

ASKED = "What is {} part of?", "Where is {} found?", "Tell me about {}.", "which things have to do with {}"
N = 500
WARM = 1000  # questions that are not timed
SYLLABLES = "ba be bor da dun fel gar hol ka kri lum mar mo nar or pel qui ra sol tan tor ul ven wi xan yor zel".split()


def metaqa(folder, chosen=""):
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "metaqa.tsv"
        table.write_text(Path(folder, "kb_rebuilt.txt").read_text(encoding="utf-8").replace("|", "\t"), encoding="utf-8")
        graph = read(table)
    node = {name: at for at, name in enumerate(graph.names)}
    begin = time.process_time()
    linker = Linker(graph)
    told = {"graph": "metaqa", "names": len(linker.names.nodes), "index_seconds": round(time.process_time() - begin, 2)}
    for hops in map(int, chosen or "123"):
        questions = [line.split("\t")[0] for line in Path(folder, f"{hops}-hop/dev.txt").read_text(encoding="utf-8").splitlines()]
        topics = [node.get(re.search(r"\[(.*?)\]", q)[1]) for q in questions]
        for form, asked in (("brackets", questions), ("bare", [re.sub(r"[\[\]]", "", q) for q in questions])):
            told[f"{hops}-hop {form}"] = _topics(linker, asked, topics)
    print(json.dumps(told))


def _topics(linker, questions, topics):
    """How often the topic is linked, first among its namesakes, taken for partial; questions a second that are new to it."""
    warm = [linker.link(question) for question in questions[:WARM]]
    begin = time.process_time()
    rest = [linker.link(question) for question in questions[WARM:]]
    seconds = time.process_time() - begin
    found = warm + rest
    hits = [next((m for m in ms if topic in m.entities), None) for ms, topic in zip(found, topics, strict=True)]
    n = len(questions)
    return {
        "n": n, "not in the graph": topics.count(None), "linked": round(sum(h is not None for h in hits) / n, 4),
        "first": round(sum(h is not None and h.entities[0] == t for h, t in zip(hits, topics, strict=True)) / n, 4),
        "partial": sum(bool(h and h.partial) for h in hits), "mentions": round(sum(map(len, found)) / n, 2),
        "questions_per_second": round(len(rest) / seconds), "empty_loop_ns": _loop(),
    }


def _loop():
    """Nanoseconds of a step of an empty loop: 13 on the machine of the log when nothing else runs."""
    begin = time.process_time()
    for _ in range(10**7):
        pass
    return round((time.process_time() - begin) * 100)


def names(*sources):
    for source in sources:
        graph = read(source)
        linker, rng = Linker(graph), random.Random(0)
        entities = [e for e in range(len(graph.terms)) if graph.kinds[e] != 2 and re.search("[a-z]{4}", graph.names[e])]
        told = {"graph": Path(source).name, "names": len(linker.names.nodes)}
        for form, change in FORMS.items():
            told[form] = _recall(graph, linker, rng, entities, change)
        told |= _strangers(graph, linker, rng)
        print(json.dumps(told), flush=True)


def _recall(graph, linker, rng, entities, change):
    """Share of names in a form that link to an entity that bears the name, n, and share that link to nothing else."""
    n = right = alone = 0
    for entity in rng.sample(entities, len(entities)):
        said = change(graph, entity, rng)
        known = {name.casefold() for name in graph.aliases(entity)}
        if said is None or (said.casefold() in known and change not in AS_IT_IS):
            continue
        mentions = linker.link(rng.choice(ASKED).format(said))
        n += 1
        right += any(entity in m.entities for m in mentions)
        alone += len(mentions) == 1 and entity in mentions[0].entities
        if n == N:
            break
    return {"n": n, "right": round(right / n, 4), "alone": round(alone / n, 4)} if n else {"n": 0}


def _strangers(graph, linker, rng):
    """How many names that the graph does not have were linked as if it had, those with another number to their model."""
    told = {}
    invented = [_stranger(graph, rng) for _ in range(2 * N)]
    kinds = {
        "strangers of one word": [s for s in invented if " " not in s],
        "strangers with a known head": [s for s in invented if " " in s],
    }
    for kind, strangers in kinds.items():
        found = [linker.link(rng.choice(ASKED).format(s)) for s in strangers]
        told[kind] = {"n": len(strangers), "linked": sum(any(not m.partial for m in ms) for ms in found)}
    numbered = [(e, re.sub(r"\b\d+\b", "997", name)) for e, name in enumerate(graph.names)]
    numbered = [(e, said) for e, said in numbered if said != graph.names[e] and not graph.find(said)][:N]
    found = [linker.link(rng.choice(ASKED).format(said)) for _, said in numbered]
    wrong = [any(e in m.entities for m in ms if not m.partial) for (e, _), ms in zip(numbered, found, strict=True)]
    return told | {"another number": {"n": len(numbered), "linked": sum(wrong)}}


def _stranger(graph, rng):
    word = "".join(rng.choices(SYLLABLES, k=rng.choice((2, 3))))
    model = rng.choice(graph.names)
    word = word.capitalize() if model[:1].isupper() else word  # in the style of the graph's names
    name = " ".join([word, *model.split()[-1:]]) if rng.random() < 0.5 else word
    return _stranger(graph, rng) if graph.find(name) else name


def _slip(text, rng):
    """One slip of the pen in the longest word: a letter lost, doubled, replaced or swapped with the next; not the first."""
    words = [word for word in re.findall(r"[A-Za-z]{6,}", text) if word.isascii()]
    if not words:
        return None
    word = max(words, key=len)
    at, kind = rng.randrange(1, len(word) - 1), rng.randrange(4)
    letter = rng.choice(string.ascii_lowercase)
    changed = [word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + letter + word[at + 1 :],
               word[:at] + word[at + 1] + word[at] + word[at + 2 :]][kind]
    return None if changed == word else text.replace(word, changed, 1)


def _synonym(graph, entity, rng):
    others = [name for name in graph.aliases(entity)[1:] if len(name) > 3]
    return rng.choice(others) if others else None


def _plural(graph, entity, rng):
    name = graph.names[entity]
    if not re.search("[a-z]{3}$", name) or name.endswith("s"):
        return None
    if re.search("[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if re.search("(x|z|ch|sh)$", name) else "s")


def _label(graph, entity, rng):
    return graph.names[entity]


FORMS = {
    "label": _label, "synonym": _synonym, "plural": _plural,
    "upper": lambda graph, entity, rng: graph.names[entity].upper(),
    "slip": lambda graph, entity, rng: _slip(graph.names[entity], rng),
    "slip in a synonym": lambda graph, entity, rng: (name := _synonym(graph, entity, rng)) and _slip(name, rng),
    "joint": lambda graph, entity, rng: graph.names[entity].replace(" ", "-", 1) if " " in graph.names[entity] else None,
}
AS_IT_IS = (_label, _synonym, FORMS["upper"])


def scale(count):
    rng, count = random.Random(0), int(count)
    syllables = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "il")]
    made = {" ".join("".join(rng.choices(syllables, k=3)) for _ in range(3)) for _ in range(count)}
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "names.tsv"
        table.write_text("".join(f"{name}\tnear\tplace\n" for name in sorted(made)), encoding="utf-8")
        graph = read(table)
    before, begin = _resident(), time.process_time()
    linker = Linker(graph)
    built = time.process_time() - begin
    asked = [ASKED[i % 4].format(name) for i, name in enumerate(rng.sample(sorted(made), 2000))]
    exact = _rate(linker, asked)
    slips = [question for question in (_slip(question, rng) for question in asked[:50]) if question]
    print(json.dumps({
        "names": len(linker.names.nodes), "index_seconds": round(built, 1), "index_mb": round(_resident() - before),
        "questions_per_second": exact, "with_a_slip_per_second": _rate(linker, slips),
    }))


def _rate(linker, questions):
    linker.link(questions[0])
    begin = time.process_time()
    for question in questions:
        linker.link(question)
    return round(len(questions) / (time.process_time() - begin))


def _resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    {"metaqa": metaqa, "names": names, "scale": scale}[sys.argv[1]](*sys.argv[2:])
