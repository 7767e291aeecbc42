"""What a question's answers look like in an output: every form of every alias."""

from collections.abc import Iterable

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.names import ARTICLES, NameIndex
from kgpeft.evaluation.quantities import in_words, is_number
from kgpeft.evaluation.wording import FUNCTION, Tokens, tokens
from kgpeft.spelling import fold, forms, run_together

SPLIT = 2  # more words than the alias has may stand for it: "b cell" for "bcell"


class Golds:
    """The alias sets of one question. An alias is met in another number, spelling or joint, and without its article.

    It is not met where the words are exactly the name of another entity.
    """

    def __init__(self, question: Question, names: NameIndex, aliases: Iterable[Iterable[str]]) -> None:
        self.names = names
        self.asked = {fold(word) for word in tokens(question.question)}
        keys = [{tokens(alias) for alias in found} - {()} for found in aliases]
        self.ids = [self._identity(found[0]) for found in question.answers]
        keys = [own | self._shorter(own, ids) for own, ids in zip(keys, self.ids, strict=True)]
        self.exact: dict[Tokens, int] = {}
        self.loose: dict[str, int] = {}
        for gold, own in enumerate(keys):
            for key in own:
                self.exact.setdefault(key, gold)
                for form in forms(key):
                    self.loose.setdefault(run_together(form), gold)
                    self.loose.setdefault(run_together(_bare(form)), gold)
        self.most = max((len(key) + SPLIT for own in keys for key in own), default=0)
        self.starts = {text[:2] for text in self.loose} | {text[:1] for text in self.loose}
        self.are_counts = any(len(key) == 1 and is_number(key[0]) for own in keys for key in own)

    def find(self, name: Tokens) -> int | None:
        """The alias set that exactly these words stand for."""
        if name in self.exact:
            return self.exact[name]
        if self.names.exact.get(name):
            return None
        found = self.loose.get(run_together(name), self.loose.get(run_together(_bare(name))))
        return self._nearly(name[0]) if found is None and len(name) == 1 and is_number(name[0]) else found

    def _nearly(self, number: str) -> int | None:
        """The gold number that this is within the precision of its datatype."""
        for (key, *rest), gold in self.exact.items():
            precision = self.names.inexact.get(key, 0.0)
            if not rest and precision and abs(float(key) - float(number)) <= precision * abs(float(key)):
                return gold
        return None

    def stop(self, said: Tokens, start: int) -> int:
        """Where the longest alias that begins at this word ends; `start` if none does."""
        first = fold(said[start])
        if first[:2] not in self.starts and first not in ARTICLES and not is_number(first):
            return start
        stops = range(min(len(said), start + self.most), start, -1)
        return next((stop for stop in stops if self.find(said[start:stop]) is not None), start)

    def _identity(self, label: str) -> frozenset[int]:
        ids = self.names.find(tokens(label))
        return ids if len(ids) == 1 else frozenset()

    def _shorter(self, keys: set[Tokens], ids: frozenset[int]) -> set[Tokens]:
        """Keys without their head words where the question says those: "trigonal" for "Which crystal system ...?"."""
        found = set()
        for key in keys:
            stop = len(key)
            while stop and fold(key[stop - 1]) in self.asked:
                stop -= 1
            short = key[:stop]
            if 0 < stop < len(key) and short[-1] not in FUNCTION and self.names.find(short) <= ids:
                found.add(short)
        counts = {key[0] for key in keys if len(key) == 1}
        return found | {tuple(words.split()) for count in counts if count.isdigit()
                        for words in in_words(int(count))}


def _bare(name: Tokens) -> Tokens:
    return name[1:] if len(name) > 1 and name[0] in ARTICLES else name
