"""How sources are read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal[
    "label", "exact", "related", "narrow", "broad", "hidden", "definition", "id", "xref", "replaced", "consider",
    "note", "fact",
]  # fmt: skip


class ReadSettings(BaseModel):
    """What a recipe says under `ingest`; the defaults fit every ontology that follows the standards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    projection: Literal["obographs", "taxonomy", "owl2vec", "raw"] = Field(
        "obographs", description="rules that turn axioms into edges"
    )
    languages: tuple[str, ...] = Field(
        ("", "en"), description="languages of names, best first ('' is untagged); any other comes after these"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="annotation property (CURIE or IRI) → role, before those of roles.yaml"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="for tables: role (subject, predicate, object, datatype, lang, unit) or relation → column name",
    )
    catalogs: tuple[str, ...] = Field(
        (), description="catalog files and folders that hold owl:imports; relative paths start at the recipe"
    )
    network: bool = Field(False, description="fetch imports that no catalog holds")
    hosts: tuple[str, ...] = Field((), description="hosts that may be asked although they are not public")
    import_depth: int = Field(16, ge=0, description="imports of imports that are followed; 0: none")
    database: str = Field("", description="URL of the database that rml: sources map; no password, see the README")
    database_seconds: float = Field(3600.0, gt=0, description="time after which reading a database is given up")
    on_disk: bool | None = Field(
        None, description="keep on disk what the graph is made of; null: when it is large for the memory there is"
    )
    reason: bool = Field(False, description="add inferred edges")
    reason_seconds: float = Field(60.0, gt=0, description="time after which reasoning is given up")
