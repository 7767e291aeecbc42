"""From a knowledge graph to questions, answers and the facts that support them."""

from kgpeft.dataset.families import FAMILIES, DatasetSettings
from kgpeft.dataset.questions import Question, read_questions, write_questions
from kgpeft.dataset.write import Dataset, write

__all__ = ["FAMILIES", "Dataset", "DatasetSettings", "Question", "read_questions", "write", "write_questions"]
