"""Annotation triples → names, synonyms and definitions."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import IRI, LITERAL, NOTE, Columns, Ints, Mask
from kgpeft.graph.names import LANGUAGES, is_identifier, preference
from kgpeft.graph.vocabulary import SKOSXL, TEXT_ROLES

Text = tuple[str, str, str, int, int]  # role, text, language, rank, row
_XL = {"prefLabel": "label", "altLabel": "exact", "hiddenLabel": "hidden"}


@dataclass
class Texts:
    """What terms are called: ``of[term]`` is a list of (role, text, language, rank, row)."""

    languages: tuple[str, ...] = LANGUAGES
    of: dict[int, list[Text]] = field(default_factory=lambda: defaultdict(list))

    def name(self, number: int, term: str) -> str | None:
        """The preferred label of a term, or None if it has none in words.

        The first of ``languages`` before others; a label that is an identifier (MeatTopping) gives way to one in words.
        """
        labels = [text for text in self.of[number] if text[0] == "label"] if number in self.of else []
        if not labels:
            return None
        if len(labels) > 1:
            labels.sort(
                key=lambda label: (
                    preference(label[2], self.languages),
                    is_identifier(label[1], term, label[2], self.languages),
                    label[3],
                    label[1],
                )
            )
        _, text, lang, _, _ = labels[0]
        return None if is_identifier(text, term, lang, self.languages) else text

    def labelled(self, size: int) -> Mask:
        """True at the terms [size] with a label."""
        mask = np.zeros(size, bool)
        mask[[number for number, found in self.of.items() if any(text[0] == "label" for text in found)]] = True
        return mask

    def kept(self, number: int) -> list[Text]:
        """Every text of a term; definitions only from its best property."""
        texts = self.of.get(number, [])
        ranks = [text[3] for text in texts if text[0] == "definition"]
        return [text for text in texts if text[0] != "definition" or text[3] == min(ranks)] if ranks else texts


def collect_texts(columns: Columns, roles: dict[str, tuple[str, int]], languages: tuple[str, ...]) -> Texts:
    """The texts of all named terms, by the role map (property → role and rank); empty ones are counted."""
    texts = Texts(languages)
    for predicate, (role, rank) in roles.items():
        if role not in TEXT_ROLES:
            continue
        rows = columns.peek(predicate)
        rows = rows[(columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] == LITERAL)]
        rows = rows[~columns.used[rows]]
        columns.take(rows, NOTE, role)
        _add(texts, columns, rows, columns.o[rows], (role, rank))
    for name, role in _XL.items():
        _add_xl(texts, columns, columns.peek(SKOSXL + name), role)
    return texts


def _add(texts: Texts, columns: Columns, rows: NDArray[np.int64], nodes: Ints, how: tuple[str, int]) -> None:
    (role, rank), empty = how, list[int]()
    for subject, term, row in zip(columns.s[rows].tolist(), columns.terms.take(nodes), rows.tolist(), strict=True):
        value, _, kind = term[1:].rpartition("^^")
        if text := " ".join(value.split()):
            texts.of[subject].append((role, text, kind[1:] if kind[:1] == "@" else "", rank, row))
        else:
            empty.append(row)
    columns.drop("empty text", np.asarray(empty, np.int64))


def _add_xl(texts: Texts, columns: Columns, rows: NDArray[np.int64], role: str) -> None:
    """Labels that are things of their own (SKOS-XL), with the text in skosxl:literalForm."""
    if not len(rows):
        return
    forms = columns.peek(SKOSXL + "literalForm")
    forms = forms[columns.kinds[columns.o[forms]] == LITERAL]
    form = np.full(len(columns.terms), -1, np.int32)
    form[columns.s[forms]] = columns.o[forms]
    rows = rows[(form[columns.o[rows]] >= 0) & (columns.kinds[columns.s[rows]] == IRI) & ~columns.used[rows]]
    columns.take(rows, NOTE, role)
    columns.take(forms[np.isin(columns.s[forms], columns.o[rows])], NOTE, role)
    _add(texts, columns, rows, form[columns.o[rows]], (role, 1))
