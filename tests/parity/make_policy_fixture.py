"""Makes policy/src/test/resources/parity from Hugging Face transformers and PEFT: a random tiny Qwen2.5-VL, an image, and
what the reference computes from them. Python is for making the fixture only; the build never needs it.

    pip install torch transformers peft pillow torchvision
    python tests/parity/make_policy_fixture.py
"""

import inspect
import json
import pathlib

import numpy as np
import peft
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

OUT = pathlib.Path(__file__).resolve().parents[2] / "policy/src/test/resources/parity"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
VOCABULARY = 64
PROCESSOR = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "patch_size": 4,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "min_pixels": 256,
    "max_pixels": 1024,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


def config() -> dict:
    """In the form of the published Qwen2.5-VL checkpoints: text fields at the top level."""
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "hidden_act": "silu",
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]},
        "max_position_embeddings": 512,
        "tie_word_embeddings": True,
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "image_token_id": 5,
        "video_token_id": 0,
        "vision_start_token_id": 3,
        "vision_end_token_id": 4,
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "hidden_act": "silu",
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 40,
            "num_heads": 2,
            "in_channels": 3,
            "in_chans": 3,
            "out_hidden_size": 32,
            "patch_size": 4,
            "spatial_merge_size": 2,
            "spatial_patch_size": 4,
            "temporal_patch_size": 2,
            "tokens_per_second": 2,
            "window_size": 16,
            "fullatt_block_indexes": [1],
        },
    }


def tokenizer() -> dict:
    vocabulary = {token: i for i, token in enumerate(SPECIAL)}
    vocabulary |= {f"w{i}": i for i in range(len(SPECIAL), VOCABULARY)}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<|endoftext|>"},
        "added_tokens": [{"id": i, "content": token} | flags for i, token in enumerate(SPECIAL)],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
    }


def published(name: str) -> str:
    """Name of a parameter in the published checkpoints, whatever the installed transformers calls it."""
    name = name.replace("model.language_model.", "model.").replace("model.visual.", "visual.")
    return name


def image_processor():
    """The one that resizes with Pillow: the other differs from it by rounding."""
    for name in ("Qwen2VLImageProcessorPil", "Qwen2VLImageProcessor"):
        if hasattr(transformers, name):
            settings = {key: value for key, value in PROCESSOR.items() if key != "image_processor_type"}
            return name, getattr(transformers, name)(**settings)
    raise RuntimeError("this transformers has no Qwen2-VL image processor")


def picture() -> Image.Image:
    y, x = np.mgrid[0:38, 0:50]
    channels = [127 + 90 * np.sin(x / 5.0 + y / 9.0), 127 + 100 * np.cos(y / 4.0), (x * 7 + y * 13) % 256]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8), "RGB")


def numbers(tensor: torch.Tensor) -> list:
    return [float(value) for value in tensor.detach().float().flatten()]


def random_weights(model: torch.nn.Module) -> None:
    for name, parameter in model.named_parameters():
        scale = 0.3 if parameter.dim() > 1 else 0.1
        parameter.data = torch.randn_like(parameter) * scale + (1.0 if "norm" in name or "ln_q" in name else 0.0)


def with_adapter(model, inputs, labels):
    """Logits, loss and gradients of A and B of one projection with a PEFT LoRA whose B is not zero."""
    lora = peft.LoraConfig(
        r=4,
        lora_alpha=8,
        target_modules=r".*layers\.\d+\.(self_attn|mlp)\.(q_proj|v_proj|o_proj|gate_proj|down_proj)",
    )
    adapted = peft.get_peft_model(model, lora)
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn_like(parameter) * 0.2
    logits = adapted(**inputs).logits
    logp = torch.log_softmax(logits[0, :-1].float(), -1)
    loss = -logp[labels[:-1], inputs["input_ids"][0, labels[:-1] + 1]].mean()
    loss.backward()
    weights = {}
    gradients = {}
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            key = name.replace(".default", "")
            weights[key] = parameter.data.contiguous()
            gradients[key.replace("model.language_model.", "model.")] = numbers(parameter.grad)
    return logits, loss, weights, gradients


def main() -> None:
    torch.manual_seed(0)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "config.json").write_text(json.dumps(config(), indent=1) + "\n")
    (OUT / "tokenizer.json").write_text(json.dumps(tokenizer()) + "\n")
    (OUT / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=1) + "\n")
    picture().save(OUT / "image.png")
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**config())).float().eval()
    random_weights(model)
    state = {published(n): p.data.contiguous() for n, p in model.named_parameters() if n != "lm_head.weight"}
    save_file(state, OUT / "model.safetensors", metadata={"format": "pt"})
    processor_name, processor = image_processor()
    seen = processor(images=[picture()], return_tensors="pt")
    grid = seen["image_grid_thw"]
    count = int(grid.prod()) // 4
    words = [int(v) for v in torch.randint(len(SPECIAL), VOCABULARY, (12,))]
    ids = [1, 9, 3] + [5] * count + [4] + words
    tokens = torch.tensor([ids])
    inputs = {
        "input_ids": tokens,
        "attention_mask": torch.ones_like(tokens),
        "pixel_values": seen["pixel_values"],
        "image_grid_thw": grid,
    }
    if "mm_token_type_ids" in inspect.signature(model.forward).parameters:
        inputs["mm_token_type_ids"] = (tokens == 5).int()
    logits = model(**inputs).logits
    prompt = 3 + count + 1
    labels = torch.arange(prompt - 1, len(ids))
    fixture = {
        "made_by": {
            "script": "tests/parity/make_policy_fixture.py",
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "peft": peft.__version__,
            "image_processor": processor_name,
        },
        "input_ids": ids,
        "prompt_tokens": prompt,
        "grid": [int(v) for v in grid[0]],
        "pixel_values": numbers(seen["pixel_values"]),
        "logits": numbers(logits[0, prompt - 1 :]),
    }
    adapted, loss, weights, gradients = with_adapter(model, inputs, labels)
    save_file(weights, OUT / "adapter_model.safetensors", metadata={"format": "pt"})
    fixture |= {"adapted_logits": numbers(adapted[0, prompt - 1 :]), "adapted_loss": numbers(loss)[0], "gradients": gradients}
    settings = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}
    (OUT / "adapter_config.json").write_text(json.dumps(settings) + "\n")
    (OUT / "fixture.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
