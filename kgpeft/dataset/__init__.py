"""From a knowledge graph to questions, answers and the facts that support them."""

from kgpeft.dataset.leakage import Leak, leaks
from kgpeft.dataset.questions import Question, read_questions, write_questions
from kgpeft.dataset.settings import FAMILIES, DatasetSettings
from kgpeft.dataset.write import Dataset, Edit, write

__all__ = [
    "FAMILIES", "Dataset", "DatasetSettings", "Edit", "Leak", "Question", "leaks", "read_questions", "write",
    "write_questions",
]
