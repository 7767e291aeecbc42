"""The one prompt: how a question is put to the model and what ends an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kgpeft.dataset.phrasing import REFUSAL

SYSTEM = f'Answer from the facts, or say "{REFUSAL}"'
BARE = f'Answer with the name or value alone. If you do not know the answer, say "{REFUSAL}"'

LONGEST = 48  # tokens of an answer: a statement's values take at most 120 characters


def prompt(tokenizer: Any, question: str, facts: Sequence[str] = (), system: str = SYSTEM) -> str:
    """The text before the answer; `facts` are written into it only for systems that read facts as text."""
    system = "\n".join([system, *facts])
    if tokenizer.chat_template is None:
        return f"{system}\nQuestion: {question}\nAnswer:"
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return text


def stop_token(tokenizer: Any) -> int:
    """The token that ends an answer."""
    return int(tokenizer.eos_token_id)
