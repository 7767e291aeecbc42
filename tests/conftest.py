"""What tests share: a small graph, text vectors made of hashed words, a tiny random Llama and its adapter."""

import itertools
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # with tensors this small, threads only wait for each other

import numpy as np
import pytest

from kgpeft.graph import KnowledgeGraph, read
from kgpeft.models import DEFAULT_BASE, DEFAULT_ENCODER, base_model, text_encoder

TOY = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
:innervatedBy a owl:ObjectProperty ; rdfs:label "innervated by" .
:attachesTo a owl:ObjectProperty ; rdfs:label "attaches to" .
:opposes a owl:ObjectProperty ; rdfs:label "antagonist of" .
:hasLength a owl:DatatypeProperty ; rdfs:label "has length" .
:muscle a owl:Class ; rdfs:label "muscle" ; obo:IAO_0000115 "A tissue that contracts." .
:flexor a owl:Class ; rdfs:label "flexor muscle" ; rdfs:subClassOf :muscle .
:nerve a owl:Class ; rdfs:label "nerve" .
:bone a owl:Class ; rdfs:label "bone" .
:biceps a :flexor ; rdfs:label "biceps brachii" ; oboInOwl:hasExactSynonym "biceps" ;
    obo:IAO_0000115 "A muscle that bends the elbow." ;
    :innervatedBy :musculocutaneous ; :attachesTo :radius, :scapula ; :opposes :triceps ; :hasLength "30 cm" .
:triceps a :muscle ; rdfs:label "triceps brachii" ; :innervatedBy :radial ; :attachesTo :ulna ; :hasLength "28 cm" .
:brachialis a :flexor ; rdfs:label "brachialis" ; :innervatedBy :musculocutaneous ; :attachesTo :ulna .
:deltoid a :muscle ; rdfs:label "deltoid" ; :innervatedBy :axillary ; :attachesTo :humerus .
:soleus a :muscle ; rdfs:label "soleus" ; :innervatedBy :tibialNerve ; :hasLength "31 cm" .
:sartorius a :muscle ; rdfs:label "sartorius" ; :attachesTo :tibia .
:supinator a :muscle ; rdfs:label "supinator" ; :innervatedBy :radial ; :attachesTo :ulna, :radius .
:musculocutaneous a :nerve ; rdfs:label "musculocutaneous nerve" .
:radial a :nerve ; rdfs:label "radial nerve" .
:axillary a :nerve ; rdfs:label "axillary nerve" .
:tibialNerve a :nerve ; rdfs:label "tibial nerve" .
:radius a :bone ; rdfs:label "radius" .
:ulna a :bone ; rdfs:label "ulna" .
:humerus a :bone ; rdfs:label "humerus" .
:scapula a :bone ; rdfs:label "scapula" .
:tibia a :bone ; rdfs:label "tibia" .
"""
WIDTH = 32  # of a hashed text vector


class HashedWords:
    """Stands in for TextEncoder: a text is the sum of its words' hashed vectors, so that shared words are alike."""

    def __init__(self, name: str = "") -> None:
        pass

    def encode(
        self, texts: Sequence[str], progress: Callable[[float], None] | None = None, keep: bool = True
    ) -> np.ndarray:
        vectors = np.array([self._sum(text) for text in texts], np.float32).reshape(-1, WIDTH)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def _sum(self, text: str) -> np.ndarray:
        words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
        return sum((np.random.default_rng(zlib.crc32(w.encode())).normal(size=WIDTH) for w in words), np.zeros(WIDTH))


@pytest.fixture(scope="session")
def fetched() -> None:
    """Both default models are in the cache, so that no test tells of their coming."""
    base_model(DEFAULT_BASE)
    text_encoder(DEFAULT_ENCODER)


@pytest.fixture(autouse=True)
def models(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("models"):
        request.getfixturevalue("fetched")


@pytest.fixture
def hashed_words(monkeypatch):
    """Every text encoder is HashedWords."""
    import kgpeft.adapters.folder
    import kgpeft.embed

    monkeypatch.setattr(kgpeft.embed, "TextEncoder", HashedWords)
    monkeypatch.setattr(kgpeft.adapters.folder, "TextEncoder", HashedWords)


@pytest.fixture(scope="session")
def toy_source(tmp_path_factory) -> Path:
    """The file that the toy graph is read from."""
    path = tmp_path_factory.mktemp("toy") / "muscles.ttl"
    path.write_text(TOY, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def toy(toy_source) -> KnowledgeGraph:
    """Seven muscles, four nerves, five bones: classes, literals, a synonym, definitions."""
    return read(toy_source)


@pytest.fixture(scope="session")
def graph_from(tmp_path_factory) -> Callable[..., KnowledgeGraph]:
    """A graph made of (subject, relation, object) names; may be called many times in one test."""
    folder, number = tmp_path_factory.mktemp("facts"), itertools.count()

    def build(*facts: tuple[str, str, str]) -> KnowledgeGraph:
        path = folder / f"facts{next(number)}.tsv"
        path.write_text("".join("\t".join(fact) + "\n" for fact in facts), encoding="utf-8")
        return read(path)

    return build


@pytest.fixture(scope="session")
def encode():
    """A text encoder that costs nothing: hashed words."""
    return HashedWords().encode


@pytest.fixture(scope="session")
def embedded():
    """Embeds a graph: hashed words, messages, and a structure that is hardly trained."""
    import kgpeft.embed

    def build(graph: KnowledgeGraph) -> kgpeft.embed.Embeddings:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kgpeft.embed, "TextEncoder", HashedWords)
            return kgpeft.embed.embed(graph, kgpeft.embed.EmbedSettings(structure_dim=4, epochs=1))

    return build


@pytest.fixture(scope="session")
def toy_embeddings(toy, embedded):
    return embedded(toy)


@pytest.fixture(scope="session")
def search_of(embedded, encode):
    """The evidence search of a graph."""
    from kgpeft.evidence.search import Search

    return lambda graph: Search(graph, encode, embedded(graph))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """The folder of a random Llama with two layers, and of a byte-level tokenizer that any text survives."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = _tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
        config = LlamaConfig(
            vocab_size=len(tokenizer), num_key_value_heads=2, initializer_range=0.3, eos_token_id=0, pad_token_id=0,
            bos_token_id=0, **shape,
        )
        LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=512, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([TOY], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<end>")


@pytest.fixture
def loaded(tiny):
    """Loads the tiny model anew: (base, tokenizer)."""
    from kgpeft.adapters.weights import load_base

    return lambda: load_base(tiny)


@pytest.fixture
def stir():
    """Fills what a fresh adapter has at zero with random numbers, as training would."""
    import torch

    def fill(memory, seed: int = 0, size: float = 0.1):
        draw = torch.Generator().manual_seed(seed)
        grown = [p for name, p in memory.model.named_parameters() if "lora_B" in name]
        grown += [memory.injection.keys, memory.injection.values]
        with torch.no_grad():
            for p in grown:
                p.copy_(torch.randn(p.shape, generator=draw) * size)
        return memory

    return fill


@pytest.fixture
def fresh_memory(loaded):
    """A fresh fact memory around the tiny model, of graph vectors with so many columns."""
    import torch

    from kgpeft.adapters.weights import LoraSettings, fresh

    def build(vector_dim: int = 12):
        torch.manual_seed(0)
        return fresh(loaded()[0], vector_dim, LoraSettings(rank=4, alpha=8, injection_rank=6))

    return build


@pytest.fixture
def adapter(fresh_memory, loaded, stir, toy, toy_embeddings):
    """An adapter of the toy graph whose weights are not trained but stirred."""
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.evidence.vectors import FactVectors

    memory = stir(fresh_memory(FactVectors(toy_embeddings).dim))
    return Adapter(memory, loaded()[1], toy, toy_embeddings, HashedWords().encode)
