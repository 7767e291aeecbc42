"""What an adapted model says: an answer with the facts it rests on, or that the graph does not say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Citation:
    """A fact behind an answer; `source` is the file that states it."""

    subject: str
    relation: str
    object: str
    subject_iri: str
    relation_iri: str
    object_iri: str
    source: str

    def __str__(self) -> str:
        return f"{self.subject} — {self.relation} — {self.object}  <{self.subject_iri}> {self.source}"


@dataclass(frozen=True)
class Answer:
    """An answer, or an abstention: then `text` says so.

    The citations of an abstention are what the graph says instead of what the question takes for granted.
    """

    question: str
    text: str
    abstained: bool
    confidence: float  # geometric mean of the answer tokens' probabilities
    citations: tuple[Citation, ...] = ()
    facts: tuple[str, ...] = ()  # what the model was given to read, best first
    said: str = ""  # by the model, word for word; empty where it was not asked
    seconds: float = 0.0
    tokens: tuple[int, int] = (0, 0)  # read (facts and question) and said

    def to_dict(self) -> dict[str, Any]:
        """The keys that `kgpeft ask --json` prints."""
        return {
            "question": self.question, "answer": self.text, "abstained": self.abstained,
            "confidence": round(self.confidence, 4), "citations": [asdict(c) for c in self.citations],
            "facts": list(self.facts), "seconds": round(self.seconds, 3),
        }
