"""An adapter's weights: LoRA through peft, the graph injection beside it, each in a file of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kgpeft.adapters.fact_memory import FactMemory
from kgpeft.adapters.injection import GraphInjection, projections
from kgpeft.errors import ArtifactError

LORA_FILE, KG_FILE, KG_CONFIG = "adapter_model.safetensors", "kg_adapter.safetensors", "kg_adapter_config.json"


@dataclass(frozen=True)
class LoraSettings:
    """Shape of the trained parts; scale of LoRA is alpha / rank (Hu et al., ICLR 2022)."""

    rank: int = 16
    alpha: int = 32
    injection_rank: int = 128


def load_base(path: Path | str, dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
    """The base causal LM and its tokenizer from a local folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(path)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return AutoModelForCausalLM.from_pretrained(path, dtype=dtype).eval(), tokenizer


def fresh(base: Any, vector_dim: int, settings: LoraSettings | None = None, name: str = "") -> FactMemory:
    """A fact memory around a base model whose adapter changes nothing yet."""
    from peft import LoraConfig, get_peft_model

    settings = settings or LoraSettings()
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    base.name_or_path = name or base.name_or_path  # what adapter_config.json shall name as its base
    model = get_peft_model(base, config)
    keys, _ = projections(base)
    injection = None
    if vector_dim and keys:  # a base whose projections are fused is adapted without the injection
        injection = GraphInjection(vector_dim, settings.injection_rank, len(keys), _width(keys[0]))
        injection.to(base.device)
    return FactMemory(model.eval(), injection)


def _width(projection: Any) -> int:
    return int(projection.out_features)


def save_weights(memory: FactMemory, folder: Path) -> None:
    """Writes the adapter in half precision: exact for weights that `round_weights` has rounded."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    memory.model.peft_config["default"].save_pretrained(folder)
    lora = get_peft_model_state_dict(memory.model, save_embedding_layers=False)
    save_file({k: v.detach().half().cpu().contiguous() for k, v in lora.items()}, folder / LORA_FILE, {"format": "pt"})
    if memory.injection is not None:
        state = {k: v.detach().half().cpu().contiguous() for k, v in memory.injection.state_dict().items()}
        save_file(state, folder / KG_FILE, {"format": "pt"})
        (folder / KG_CONFIG).write_text(json.dumps(memory.injection.shape, indent=2) + "\n", encoding="utf-8")


def round_weights(memory: FactMemory) -> None:
    """Rounds trained weights to half precision, so that saving them loses nothing."""
    trained = [p for p in memory.parameters() if p.requires_grad]
    with torch.no_grad():
        for p in trained:
            p.copy_(p.half().to(p.dtype))


def load_weights(base: Any, folder: Path, *, trainable: bool = False) -> FactMemory:
    """The fact memory around `base` that `save_weights` wrote; ArtifactError where a file is missing or unfit."""
    from peft import PeftModel
    from safetensors.torch import load_file

    injects = bool(projections(base)[0])  # as `fresh` decides
    for name in (LORA_FILE, KG_FILE, KG_CONFIG) if injects else (LORA_FILE,):
        if not (folder / name).is_file():
            raise ArtifactError(
                f"no {name}", where=str(folder), remedy="give the folder that `kgpeft run` or `kgpeft train` wrote"
            )
    model = PeftModel.from_pretrained(base, folder, is_trainable=trainable)
    if not injects:
        return FactMemory(model.eval(), None)
    injection = GraphInjection(**json.loads((folder / KG_CONFIG).read_text(encoding="utf-8")))
    injection.load_state_dict({k: v.float() for k, v in load_file(folder / KG_FILE).items()})
    injection.to(base.device).requires_grad_(trainable)
    return FactMemory(model.eval(), injection)
