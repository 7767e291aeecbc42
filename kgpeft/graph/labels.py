"""Annotation triples → names, synonyms and definitions."""

from collections import defaultdict
from dataclasses import dataclass, field

from kgpeft.graph.columns import IRI, LITERAL, Columns
from kgpeft.graph.names import is_identifier, preference
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import ROLES

Text = tuple[str, str, str, int]  # role, text, language, rank


@dataclass
class Texts:
    """What terms are called: ``of[term]`` is a list of (role, text, language, rank)."""

    of: dict[int, list[Text]] = field(default_factory=lambda: defaultdict(list))

    def name(self, number: int, term: str) -> str | None:
        """The preferred label of a term, or None if it has none in words.

        Untagged before English before others; a label that is an identifier (MeatTopping) gives way to one in words.
        """
        labels = [
            (preference(lang), is_identifier(text, term, lang), rank, text)
            for role, text, lang, rank in self.of.get(number, ())
            if role == "label"
        ]
        _, identifier, _, text = min(labels, default=((9, ""), True, 0, ""))
        return None if identifier else text

    def kept(self, number: int) -> list[tuple[str, str, str]]:
        """Role, text and language of every text of a term; definitions only from its best property."""
        texts = self.of.get(number, [])
        best = min((rank for role, _, _, rank in texts if role == "definition"), default=0)
        return [(role, text, lang) for role, text, lang, rank in texts if role != "definition" or rank == best]


def collect_texts(columns: Columns) -> Texts:
    """The texts of all named terms, by the role map; definitions that a better one replaces are counted."""
    texts = Texts()
    for predicate, (role, rank) in ROLES.items():
        rows = columns.peek(predicate)
        rows = rows[(columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] == LITERAL)]
        rows = rows[~columns.used[rows]]
        columns.used[rows] = True
        for subject, node in zip(columns.s[rows].tolist(), columns.o[rows].tolist(), strict=True):
            value, _, lang = split_literal(columns.terms[node])
            if text := " ".join(value.split()):
                texts.of[subject].append((role, text, lang, rank))
            else:
                columns.dropped["empty text"] += 1
    kept = sum(len(texts.kept(number)) for number in texts.of)
    columns.dropped["definition beside a better one"] += sum(map(len, texts.of.values())) - kept
    return texts
