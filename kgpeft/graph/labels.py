"""Annotation triples → names, synonyms and definitions."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import IRI, LITERAL, NOTE, Columns, Ints, Mask
from kgpeft.graph.literals import split_literals, tidied
from kgpeft.graph.names import LANGUAGES, camel_case, is_identifier, preference
from kgpeft.graph.terms import ints, numbers, ranked
from kgpeft.graph.texts import Coded, Labels
from kgpeft.graph.vocabulary import SKOSXL, TEXT_ROLES

_XL = {"prefLabel": "label", "altLabel": "exact", "hiddenLabel": "hidden"}
_LABEL, _DEFINITION = TEXT_ROLES.index("label"), TEXT_ROLES.index("definition")
_Rows = NDArray[np.int64]


class Texts:
    """What terms are called: texts [n] as columns.

    ``subject`` is a term, ``role`` an index into TEXT_ROLES, ``rank`` that of the property among those with the role,
    ``row`` the statement, ``lang`` an index into ``tags``. ``chosen`` are the texts that terms are named by.
    """

    def __init__(self, columns: Columns, found: "list[_Found]", languages: tuple[str, ...]) -> None:
        self.columns, self.languages = columns, languages
        subject, nodes, self.role, self.rank, self.row = _joined(found)
        literals = split_literals(columns.terms.pick(nodes))
        self.subject, self.lang, self.tags = subject, literals.tail, literals.languages
        self.text = tidied(literals.value)
        self._leave_out_empty()

    def _leave_out_empty(self) -> None:
        import pyarrow.compute as pc

        kept = numbers(pc.binary_length(self.text)) > 0
        if kept.all():
            return
        self.columns.drop("empty text", self.row[~kept])
        self.text = self.text.take(ints(np.flatnonzero(kept)))
        for name in ("subject", "role", "rank", "row", "lang"):
            setattr(self, name, getattr(self, name)[kept])

    def labelled(self) -> Mask:
        """True at the terms [V] with a label."""
        mask = np.zeros(len(self.columns.terms), bool)
        mask[self.subject[self.role == _LABEL]] = True
        return mask

    def name(self, number: int, in_words: bool = True) -> str | None:
        """The preferred label of a term, or None if it has none or, where words are wanted, that is none in words."""
        subjects = self._named
        at = int(np.searchsorted(subjects, number))
        if at == len(subjects) or subjects[at] != number:
            return None
        text = int(self.chosen[at])
        return None if in_words and self._identifier[text] else str(self.text[text].as_py())

    def in_words(self) -> _Rows:
        """The texts [m] that are names of the terms that have a label in words, sorted by term."""
        return self.chosen[~self._identifier[self.chosen]]

    @cached_property
    def chosen(self) -> _Rows:
        """Of every term with labels the preferred one, sorted by term.

        The first of ``languages`` before others; a label that is an identifier (MeatTopping) gives way to one in words.
        """
        rows = np.flatnonzero(self.role == _LABEL)
        wanted = [preference(tag, self.languages) for tag in self.tags]
        early = np.asarray([sorted(set(wanted)).index(one) for one in wanted], np.int32)[self.lang[rows]]
        keys = [self._place[rows], self.rank[rows], self._identifier[rows], early, self.subject[rows]]
        rows = rows[np.lexsort(keys)]
        first = np.ones(len(rows), bool)
        first[1:] = self.subject[rows[1:]] != self.subject[rows[:-1]]
        chosen: _Rows = rows[first]
        return chosen

    @cached_property
    def _named(self) -> Ints:
        """The terms that have labels, sorted."""
        return self.subject[self.chosen]

    @cached_property
    def _place(self) -> Ints:
        """The place of each text among all, sorted and unique."""
        return ranked(self.text)[1]

    @cached_property
    def _identifier(self) -> Mask:
        """True at the labels [n] that are no words."""
        found = np.zeros(len(self.text), bool)
        at = np.flatnonzero(camel_case(self.text) & (self.role == _LABEL))
        terms, texts = self.columns.terms.take(self.subject[at]), self.text.take(ints(at)).to_pylist()
        langs = [self.tags[tag] for tag in self.lang[at].tolist()]
        rows = zip(texts, terms, langs, strict=True)
        found[at] = [is_identifier(text, term, lang, self.languages) for text, term, lang in rows]
        return found

    def labels(self, place: Ints) -> tuple[Labels, _Rows, _Rows]:
        """The labels of the nodes, whose numbers are ``place`` [V] (-1: none), sorted and unique.

        With them the row that states each first, and all rows that state them.
        """
        kept = np.flatnonzero((place[self.subject] >= 0) & ~self._poorer_definition())
        role, lang = Coded(TEXT_ROLES, self.role[kept]), Coded(self.tags, self.lang[kept])
        entity, text, row = place[self.subject[kept]], self._place[kept], self.row[kept]
        order = np.lexsort([row, lang.index, text, role.index, entity])
        table = np.stack([entity, role.index, text, lang.index])[:, order]
        first = np.ones(len(order), bool)
        first[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
        at = order[first]
        texts = self.text.take(ints(kept[at]))
        found = Labels(entity[at], Coded(role.names, role.index[at]), texts, Coded(lang.names, lang.index[at]))
        return found, row[at], row

    def _poorer_definition(self) -> Mask:
        """True at the definitions [n] of a term that has one from a better property."""
        found = np.zeros(len(self.subject), bool)
        rows = np.flatnonzero(self.role == _DEFINITION)
        subjects, group = np.unique(self.subject[rows], return_inverse=True)
        best = np.full(len(subjects), np.iinfo(np.int32).max)
        np.minimum.at(best, group, self.rank[rows])
        found[rows] = self.rank[rows] > best[group]
        return found


_Found = tuple[Ints, Ints, int, int, _Rows]  # subject [n], literal [n], role, rank, row [n]


def collect_texts(columns: Columns, roles: dict[str, tuple[str, int]], languages: tuple[str, ...] = LANGUAGES) -> Texts:
    """The texts of all named terms, by the role map (property → role and rank); empty ones are counted."""
    found: list[_Found] = []
    for predicate, (role, rank) in roles.items():
        if role not in TEXT_ROLES:
            continue
        rows = columns.peek(predicate)
        rows = rows[(columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] == LITERAL)]
        rows = rows[~columns.used[rows]]
        columns.take(rows, NOTE, role)
        found.append((columns.s[rows], columns.o[rows], TEXT_ROLES.index(role), rank, rows))
    for name, role in _XL.items():
        if len(rows := columns.peek(SKOSXL + name)):
            found.append(_xl(columns, rows, role))
    return Texts(columns, found, languages)


def _xl(columns: Columns, rows: _Rows, role: str) -> _Found:
    """Labels that are things of their own (SKOS-XL), with the text in skosxl:literalForm."""
    forms = columns.peek(SKOSXL + "literalForm")
    forms = forms[columns.kinds[columns.o[forms]] == LITERAL]
    form = np.full(len(columns.terms), -1, np.int32)
    form[columns.s[forms]] = columns.o[forms]
    rows = rows[(form[columns.o[rows]] >= 0) & (columns.kinds[columns.s[rows]] == IRI) & ~columns.used[rows]]
    columns.take(rows, NOTE, role)
    columns.take(forms[np.isin(columns.s[forms], columns.o[rows])], NOTE, role)
    return columns.s[rows], form[columns.o[rows]], TEXT_ROLES.index(role), 1, rows


def _joined(found: list[_Found]) -> tuple[Ints, Ints, Ints, Ints, _Rows]:
    sizes = [len(rows) for *_, rows in found]
    subject, node, rows = (np.concatenate([part[at] for part in found]) for at in (0, 1, 4))
    role, rank = (np.repeat(np.asarray([part[at] for part in found], np.int32), sizes) for at in (2, 3))
    return subject, node, role, rank, rows.astype(np.int64)
