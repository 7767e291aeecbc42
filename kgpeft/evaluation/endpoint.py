"""Any server that speaks OpenAI's chat completions as a system: ``openai:URL#MODEL``.

The key comes from KGPEFT_API_KEY (from OPENAI_API_KEY for api.openai.com alone: no other host may see that one) and is
sent over https only, or to this machine.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from kgpeft.adapters.prompts import BARE, LONGEST
from kgpeft.dataset.questions import Question
from kgpeft.errors import SourceError, UsageError
from kgpeft.evaluation.outputs import Answerer, Output
from kgpeft.graph.sources.web import TimedOut, Web

PREFIX = "openai:"
SECONDS, MOST = 120.0, 1 << 22  # time and bytes that one answer may take
TRIES, WAIT = 6, 1.0  # attempts, and seconds before the second; the wait doubles
AT_ONCE = 8  # requests under way
HERE = ("localhost", "127.0.0.1", "::1")


def endpoint(name: str) -> Answerer:
    """The system that an endpoint is; UsageError for a name that is not ``openai:URL#MODEL``."""
    url, _, model = name.removeprefix(PREFIX).partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise UsageError(f"no endpoint: {name!r}", remedy=f"write {PREFIX}https://host/v1#model")
    if parts.username or parts.password:
        raise UsageError("a key in the address", where=PREFIX + parts.hostname, remedy="set KGPEFT_API_KEY instead")
    server = Server(url.rstrip("/") + "/chat/completions", parts.hostname.lower(), parts.scheme, model)

    def answer(asked: Sequence[Question]) -> list[Output]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(server.ask, asked))

    return answer


@dataclass
class Server:
    """One model of an endpoint."""

    url: str
    host: str
    scheme: str
    model: str
    settings: dict[str, Any] = field(default_factory=lambda: {"temperature": 0, "logprobs": True})

    def ask(self, question: Question) -> Output:
        """The endpoint's answer to a question; what fails for a while is tried again, later and later."""
        begin = time.perf_counter()
        for attempt in range(TRIES):
            try:
                reply = self._post(question.question)
                break
            except TimedOut as error:
                if attempt == TRIES - 1:
                    raise SourceError(
                        f"no answer in {TRIES} attempts ({error.what})", where=self.url,
                        remedy="run it again later: it goes on where it was",
                    ) from error
                time.sleep(WAIT * 2**attempt)
        return self._output(reply, time.perf_counter() - begin)

    def _post(self, question: str) -> Mapping[str, Any]:
        messages = [{"role": "system", "content": BARE}, {"role": "user", "content": question}]
        body = {"model": self.model, "messages": messages, "max_tokens": LONGEST, **self.settings}
        headers = {"Content-Type": "application/json", **self._key()}
        web = Web(frozenset({self.host}), SECONDS, MOST)
        try:
            text = b"".join(web.fetch(self.url, headers, json.dumps(body).encode()))
        except TimedOut:
            raise
        except SourceError as error:
            if "400" in error.what and "logprobs" in self.settings:  # not every server tells probabilities
                self.settings = {"temperature": 0}
                return self._post(question)
            raise
        return self._read(text)

    def _read(self, text: bytes) -> Mapping[str, Any]:
        try:
            reply = json.loads(text)
            if isinstance(reply["choices"][0]["message"].get("content") or "", str):
                return dict(reply)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise SourceError("not a chat completion", where=self.url, instead=text[:80].decode(errors="replace"),
                              remedy="give the address that ends before /chat/completions") from error
        raise SourceError("a chat completion whose content is no text", where=self.url)

    def _key(self) -> dict[str, str]:
        key = os.environ.get("KGPEFT_API_KEY") or (
            os.environ.get("OPENAI_API_KEY", "") if self.host == "api.openai.com" else "")
        if key and self.scheme != "https" and self.host not in HERE:
            raise UsageError("a key is sent over https only", where=self.url, remedy="use https, or unset it")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _output(self, reply: Mapping[str, Any], seconds: float) -> Output:
        from kgpeft.adapters.decoding import answer

        choice, usage = reply["choices"][0], reply.get("usage") or {}
        text = answer(choice["message"].get("content") or "", choice.get("finish_reason") != "length")
        told = (choice.get("logprobs") or {}).get("content") or []
        sure = math.exp(sum(t["logprob"] for t in told) / len(told)) if told else math.nan
        counts = (int(usage.get(key) or 0) for key in ("prompt_tokens", "completion_tokens"))
        return Output(text, not text, sure, seconds, (), (), *counts)
