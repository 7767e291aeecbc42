"""An endpoint is a system: asked with patience, its key told to nobody else."""

import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.errors import SourceError, UsageError
from kgpeft.evaluation import endpoint as module
from kgpeft.evaluation.endpoint import endpoint

ASKED = [Question(str(i), "fact", f"What is {i}?") for i in range(20)]


class Server:
    """Answers like a chat server; `script` gives the status of the first requests."""

    def __init__(self, script=(), logprobs=True, content="It is {}.\nMore"):
        self.script, self.logprobs, self.content, self.seen = list(script), logprobs, content, []
        server, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    server.seen.append((self.path, self.headers.get("Authorization"), body))
                    status = server.script.pop(0) if server.script else 200
                if not server.logprobs and "logprobs" in body:
                    status = 400
                reply = json.dumps(server.reply(body)).encode() if status == 200 else b"{}"
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def reply(self, body):
        question = body["messages"][1]["content"]
        told = {"content": [{"logprob": -0.5}, {"logprob": -1.5}]} if "logprobs" in body else None
        message = {"role": "assistant", "content": self.content.format(question[8:-1])}
        return {"choices": [{"message": message, "finish_reason": "stop", "logprobs": told}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 4}}

    @property
    def name(self):
        return f"openai:http://127.0.0.1:{self.http.server_port}/v1#tiny"


@pytest.fixture
def serve(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.001)
    for key in ("KGPEFT_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    made = []

    def start(*arguments, **settings):
        made.append(Server(*arguments, **settings))
        return made[-1]

    yield start
    for server in made:
        server.http.shutdown()
        server.http.server_close()


def test_its_answers_come_in_the_order_of_the_questions(serve):
    server = serve()
    outputs = endpoint(server.name)(ASKED)
    assert [o.text for o in outputs] == [f"It is {i}." for i in range(20)]
    assert outputs[0].confidence == pytest.approx(math.exp(-1)) and (outputs[0].heard, outputs[0].spoken) == (9, 4)
    path, key, body = server.seen[0]
    assert path == "/v1/chat/completions" and key is None and body["model"] == "tiny" and body["temperature"] == 0


def test_what_fails_for_a_while_is_asked_again(serve):
    server = serve(script=[503, 429, 500])
    assert len(endpoint(server.name)(ASKED[:2])) == 2 and len(server.seen) == 5


def test_what_fails_for_good_says_that_it_can_be_gone_on_with(serve):
    with pytest.raises(SourceError, match=r"no answer in 6 attempts .*503.* goes on where it was"):
        endpoint(serve(script=[503] * 99).name)(ASKED[:1])
    with pytest.raises(SourceError, match="401"):
        endpoint(serve(script=[401]).name)(ASKED[:1])


def test_a_server_without_probabilities_is_asked_without(serve):
    server = serve(logprobs=False)
    (output,) = endpoint(server.name)(ASKED[:1])
    assert output.text == "It is 0." and math.isnan(output.confidence)


def test_the_key_is_sent_and_that_of_openai_only_to_openai(serve, monkeypatch):
    server = serve()
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    endpoint(server.name)(ASKED[:1])
    monkeypatch.setenv("KGPEFT_API_KEY", "mine")
    endpoint(server.name)(ASKED[:1])
    assert [key for _, key, _ in server.seen] == [None, "Bearer mine"]
    with pytest.raises(UsageError, match="https only"):
        endpoint("openai:http://example.org/v1#m")(ASKED[:1])


@pytest.mark.parametrize("name", ["openai:", "openai:http://x/v1", "openai:ftp://x#m", "openai:http://me:key@x/v1#m"])
def test_what_is_no_endpoint_is_told(name):
    with pytest.raises(UsageError):
        endpoint(name)


def test_another_reply_is_told(serve):
    server = serve()
    server.reply = lambda body: {"error": "x"}
    with pytest.raises(SourceError, match="not a chat completion"):
        endpoint(server.name)(ASKED[:1])
