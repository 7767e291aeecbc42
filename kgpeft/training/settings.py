"""How long and how a graph's adapter is trained."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TuneSettings(BaseModel):
    """How an adapter is trained on a graph."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reader: str | None = Field("shipped", description="'shipped', the folder of a reader, or null: start from nothing")
    seconds: float = Field(60.0, ge=0.0, description="time budget; 0 uses the reader as it is")
    steps: int = Field(2000, gt=0, description="most steps")
    learning_rate: float = Field(1e-4, gt=0.0, description="of LoRA; the graph injection learns at twice that")
    episodes: int = Field(2, gt=0, description="groups of questions a step")
    seed: int = Field(0, ge=0)
