"""What is asked of a graph: the families of questions and how many of each."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

UNTRAINED = ("held-out fact", "entity-disjoint", "relation-disjoint", "added fact")  # on facts that training never saw
EDITED = ("retracted fact", "deleted entity")  # true only after the dataset's edit of the graph
OUTSIDE = ("locality", "retention")  # not about the graph at all
UNANSWERABLE = (
    "fact absent", "relation absent", "unknown entity", "foreign entity", "false presupposition", *EDITED,
)
FAMILIES = (
    "seen fact", "unseen phrasing", "consistency", "reverse", "alias", "value", "set", "type", "definition", "two-hop",
    "three-hop", "negation", *UNTRAINED, *UNANSWERABLE, *OUTSIDE,
)
TRAINED = ("seen fact", "reverse", "definition", "type", "fact absent")  # families that training has too


class Templates(BaseModel):
    """A user's own questions for one relation; {x} is the subject in `object`, the value in `subject`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: tuple[str, ...] = Field((), description="questions that ask for the value; {x} is the subject")
    subject: tuple[str, ...] = Field((), description="questions that ask for the bearer; {x} is the value")


class DatasetSettings(BaseModel):
    """What is asked of a graph."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_family: int = Field(100, gt=0, description="questions of each family")
    sizes: dict[str, int] = Field({}, description="other numbers for some families; 0 leaves one out")
    held_out: float = Field(
        0.3, ge=0.0, lt=1.0, description="most that training may be denied, as a share of the facts"
    )
    templates: dict[str, Templates] = Field({}, description="own phrasings by relation label; never trained on")
    seed: int = Field(0, ge=0)

    @field_validator("sizes")
    @classmethod
    def _known(cls, sizes: dict[str, int]) -> dict[str, int]:
        for family, size in sizes.items():
            if family not in FAMILIES:
                raise ValueError(f"no family called {family!r}; there are: {', '.join(FAMILIES)}")
            if size < 0:
                raise ValueError(f"{family}: a number of questions is not below 0")
        return sizes

    def size(self, family: str) -> int:
        """How many questions of a family are wanted."""
        return self.sizes.get(family, self.per_family)
