"""Everything kgpeft raises on purpose.

KgpeftError (exit code 3)
├── UsageError (2)              a call or a command line that makes no sense
├── RecipeError (2)             a recipe with an unknown key or an impossible value
├── DataError (3)               what was read cannot be used
│   ├── SourceError             a source file that cannot be read
│   ├── GraphError              a graph that cannot be used
│   └── QuestionError           a question file that cannot be used
├── ArtifactError (3)           an artifact folder that is missing, damaged or of another kind
├── GateError (4)               a quality gate that was not met
└── MissingError (5)            the environment lacks something
    ├── ModelNotFound           a base model or text encoder found nowhere
    └── DiskFull                no space left
"""


class KgpeftError(Exception):
    """One line for the user: ``where: what; what exists instead; what to do next``.

    Every part is kept as an attribute; ``exit_code`` is what the command line ends with.
    """

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", instead: str = "", remedy: str = "") -> None:
        self.what, self.where, self.instead, self.remedy = what, where, instead, remedy
        parts = "; ".join(part.rstrip(".;") for part in (what, instead, remedy) if part)
        super().__init__(" ".join(f"{where}: {parts}".removeprefix(": ").split()))


class UsageError(KgpeftError):
    """A call or a command line that makes no sense."""

    exit_code = 2


class RecipeError(KgpeftError):
    """A recipe with an unknown key or an impossible value."""

    exit_code = 2


class DataError(KgpeftError):
    """Data that was read but cannot be used."""


class SourceError(DataError):
    """A source file that cannot be read."""


class GraphError(DataError):
    """A graph that cannot be used."""


class QuestionError(DataError):
    """A question file that cannot be used."""


class ArtifactError(KgpeftError):
    """An artifact folder that is missing, damaged or of another kind."""


class GateError(KgpeftError):
    """A quality gate that was not met."""

    exit_code = 4


class MissingError(KgpeftError):
    """Something the environment lacks: a model, a program, disk space."""

    exit_code = 5


class ModelNotFound(MissingError):
    """A base model or text encoder that was found nowhere."""


class DiskFull(MissingError):
    """No space left to write an artifact."""
