"""Makes policy/src/test/resources/parity from Hugging Face transformers and PEFT: tiny random Qwen2.5-VL models (shapes.py),
pictures, an adapter that PEFT wrote, and what the reference computes from them. Python is for making the fixtures only; the
build never needs it.

    pip install -r tests/parity/requirements.txt
    python tests/parity/make_policy_fixture.py
    python tests/parity/make_policy_fixture.py --gradients    # of the fixtures that there are, anew; all else stays
"""

import itertools
import json
import pathlib
import shutil
import sys

import numpy as np
import peft
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from shapes import PREPROCESSOR, SHAPES, SPECIAL, Shape, picture, tokenizer
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLVideoProcessor,
)

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parents[1] / "policy/src/test/resources/parity"
TEMPLATE = (HERE / "chat_template.jinja").read_text()
COMPLETION = 12
GREEDY = 32


def image_processor(settings: dict):
    """The one that resizes with Pillow: the other differs from it by rounding."""
    kept = {key: value for key, value in settings.items() if key not in ("image_processor_type", "processor_class")}
    return transformers.Qwen2VLImageProcessorPil(**kept)


def processor() -> Qwen2_5_VLProcessor:
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer(), eos_token="<|im_end|>", pad_token="<|endoftext|>")
    return Qwen2_5_VLProcessor(image_processor(PREPROCESSOR), fast, Qwen2VLVideoProcessor(), chat_template=TEMPLATE)


def messages(shape: Shape) -> list:
    text = "What is it? Fever 39.4, breathing 52 a minute."
    if not shape.pictures:
        return [{"role": "user", "content": text}]
    return [{"role": "user", "content": [{"type": "image"} for _ in shape.pictures] + [{"type": "text", "text": text}]}]


def random_model(shape: Shape) -> torch.nn.Module:
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**shape.config())).eval()
    for name, parameter in model.named_parameters():
        norm = "norm" in name or "ln_q" in name
        spread = 1.6 / parameter.shape[-1] ** 0.5 if parameter.dim() == 2 else 0.15
        spread = 1.0 if "embed_tokens" in name else spread
        values = torch.randn_like(parameter) * spread + (1.0 if norm else 0.0)
        parameter.data = values.to(getattr(torch, shape.dtype))
    return model


def adapted(model, shape: Shape):
    """A PEFT LoRA whose B is not zero."""
    kinds = "|".join(shape.targets)
    pattern = rf".*layers\.\d+\.(self_attn|mlp)\.({kinds})"
    lora = peft.LoraConfig(r=shape.rank, lora_alpha=shape.alpha, target_modules=pattern, task_type="CAUSAL_LM")
    wrapped = peft.get_peft_model(model, lora)
    for name, parameter in wrapped.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn_like(parameter) * (0.5 / shape.rank**0.5 if "lora_B" in name else 0.18)
    return wrapped


def extended(inputs: dict, tokens: list) -> dict:
    """The inputs with text tokens after them."""
    more = torch.tensor([tokens], dtype=torch.long)
    out = dict(inputs)
    out["input_ids"] = torch.cat([inputs["input_ids"], more], 1)
    out["attention_mask"] = torch.ones_like(out["input_ids"])
    if "mm_token_type_ids" in inputs:
        out["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(more)], 1)
    return out


def versions() -> dict:
    return {module.__name__: module.__version__ for module in (torch, transformers, peft)}


class Unfit(Exception):
    """A draw of weights that decides too little."""


def greedy(model, inputs: dict) -> list:
    """Without a cache: the plainest way. The best must win by more than rounding, so that a tie decides nothing."""
    tokens = []
    while len(tokens) < GREEDY:
        best = torch.topk(model(**extended(inputs, tokens)).logits[0, -1].float(), 2)
        tokens.append(int(best.indices[0]))
        if best.values[0] - best.values[1] < 2e-3 or tokens[-1] < len(SPECIAL):
            raise Unfit("a near tie, or a special token")
    if len(set(tokens)) < 8:
        raise Unfit("goes in circles")
    return tokens


def gradients(model, inputs: dict, prompt: int) -> tuple[float, dict]:
    """Supervised loss on what follows the prompt, and its gradients by PEFT's names. Over what a completion may hold: rows of
    the head that are no token, and placeholders of images and videos, have no probability."""
    ids = inputs["input_ids"][0]
    logits = model(**inputs).logits[0, prompt - 1 : -1, : tokenizer().get_vocab_size()].float()
    logits[:, [SPECIAL.index("<|image_pad|>"), SPECIAL.index("<|video_pad|>")]] = -torch.inf
    logp = torch.log_softmax(logits, -1)
    loss = -logp.gather(-1, ids[prompt:, None]).mean()
    loss.backward()
    named = {n.replace(".default", ""): p.grad.contiguous() for n, p in model.named_parameters() if "lora_" in n}
    return loss.item(), named


def make(shape: Shape, seed: int) -> None:
    torch.manual_seed(seed)
    out = OUT / shape.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    model = random_model(shape)
    model.save_pretrained(out, max_shard_size=shape.shard)
    (out / "generation_config.json").unlink()
    model = model.float()
    reader = processor()
    reader.tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    (out / "chat_template.jinja").write_text(TEMPLATE)
    (out / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=1) + "\n")
    pictures = [picture(w, h, 10 * shape.seed + i) for i, (w, h) in enumerate(shape.pictures)]
    for i, one in enumerate(pictures):
        one.save(out / f"image-{i}.png")
    rendered = reader.apply_chat_template(messages(shape), tokenize=False, add_generation_prompt=True)
    inputs = dict(reader(text=[rendered], images=pictures or None, return_tensors="pt"))
    prompt = inputs["input_ids"].shape[1]
    tensors = {}
    if pictures:
        tensors["pixel_values"] = inputs["pixel_values"].contiguous()
        seen = model.model.get_image_features(inputs["pixel_values"], inputs["image_grid_thw"])
        seen = seen.pooler_output if hasattr(seen, "pooler_output") else seen
        tensors["features"] = torch.cat(list(seen)).detach().contiguous()
    words = torch.randint(len(SPECIAL), shape.config()["vocab_size"], (COMPLETION,)).tolist()
    whole = extended(inputs, words)
    with torch.no_grad():
        tensors["logits"] = model(**whole).logits[0, prompt - 1 :].contiguous()
        continued = greedy(model, inputs)
        tuned = adapted(model, shape)
        tuned.save_pretrained(out / "adapter")
        tensors["adapted_logits"] = tuned(**whole).logits[0, prompt - 1 :].contiguous()
        adapted_continued = greedy(tuned, inputs)
    loss, named = gradients(tuned, whole, prompt)
    tensors |= {f"gradient.{name}": gradient for name, gradient in named.items()}
    save_file(tensors, out / "expected.safetensors")
    fixture = {
        "made_by": versions(),
        "text": messages(shape)[0]["content"] if not pictures else messages(shape)[0]["content"][-1]["text"],
        "prompt": inputs["input_ids"][0].tolist(),
        "completion": words,
        "grids": inputs["image_grid_thw"].tolist() if pictures else [],
        "greedy": continued,
        "adapted_greedy": adapted_continued,
        "adapted_loss": loss,
    }
    (out / "fixture.json").write_text(json.dumps(fixture) + "\n")
    print(shape.name, "prompt", prompt, "grids", fixture["grids"], "distinct", len(set(continued)), len(set(adapted_continued)))


def renew_gradients(shape: Shape) -> None:
    """Loss and gradients of a fixture's own model, adapter, pictures and completion."""
    out = OUT / shape.name
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(out, dtype=torch.float32).eval()
    tuned = peft.PeftModel.from_pretrained(model, out / "adapter", is_trainable=True).eval()
    fixture = json.loads((out / "fixture.json").read_text())
    prompt = torch.tensor([fixture["prompt"]])
    tensors = load_file(out / "expected.safetensors")
    inputs = {"input_ids": prompt, "attention_mask": torch.ones_like(prompt)}
    if fixture["grids"]:
        inputs |= {"pixel_values": tensors["pixel_values"], "image_grid_thw": torch.tensor(fixture["grids"])}
        inputs["mm_token_type_ids"] = (prompt == SPECIAL.index("<|image_pad|>")).long()
    whole = extended(inputs, fixture["completion"])
    with torch.no_grad():
        again = tuned(**whole).logits[0, prompt.shape[1] - 1 :]
    print(shape.name, "logits as before within", (again - tensors["adapted_logits"]).abs().max().item())
    fixture["adapted_loss"], named = gradients(tuned, whole, prompt.shape[1])
    renewed = {f"gradient.{name}": gradient for name, gradient in named.items()}
    assert renewed.keys() == {name for name in tensors if name.startswith("gradient.")}
    save_file(tensors | renewed, out / "expected.safetensors")
    fixture["gradients_made_by"] = versions()
    (out / "fixture.json").write_text(json.dumps(fixture) + "\n")


def make_images() -> None:
    """Pictures as Qwen2.5-VL's own preprocessor sees them (patches of 14), as the resized picture in bytes."""
    settings = PREPROCESSOR | {"patch_size": 14, "min_pixels": 56 * 56, "max_pixels": 28 * 28 * 9}
    out = OUT / "images"
    out.mkdir(parents=True)
    (out / "preprocessor_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    pictures = {
        "shrink": picture(171, 118, 91),
        "grow": picture(23, 61, 92),
        "as-it-is": picture(84, 56, 93),
        "grey": picture(97, 64, 94).convert("L"),
        "palette": picture(75, 90, 95).convert("P"),
        "clear": picture(64, 80, 96).convert("RGBA"),
    }
    pictures["clear"].putalpha(Image.linear_gradient("L").resize((64, 80)))
    reader = image_processor(settings)
    grids = {}
    for name, one in pictures.items():
        one.save(out / f"{name}.png")
        seen = reader(images=[Image.open(out / f"{name}.png")], return_tensors="np")
        t, h, w = (int(v) for v in seen["image_grid_thw"][0])
        patches = seen["pixel_values"].reshape(h // 2, w // 2, 2, 2, 3, 2, 14, 14)[:, :, :, :, :, 0]
        values = patches.transpose(0, 2, 5, 1, 3, 6, 4).reshape(14 * h, 14 * w, 3)
        levels = (values * np.array(settings["image_std"]) + np.array(settings["image_mean"])) * 255
        assert np.abs(levels - levels.round()).max() < 1e-2
        Image.fromarray(levels.round().astype(np.uint8), "RGB").save(out / f"{name}-seen.png")
        grids[name] = [t, h, w]
    (out / "grids.json").write_text(json.dumps(grids) + "\n")


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    for shape in SHAPES:
        for seed in itertools.count(100 * shape.seed):
            try:
                make(shape, seed)
                break
            except Unfit as reason:
                print(shape.name, "seed", seed, reason)
    make_images()


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    if sys.argv[1:] == ["--gradients"]:
        for one in SHAPES:
            renew_gradients(one)
    else:
        main()
