"""Whether transformers and PEFT read what Consilium wrote, with the same logits.

    pip install -r tests/parity/requirements.txt
    python tests/parity/check_adapter.py BASE ADAPTER MERGED

BASE is a model directory, ADAPTER what `consilium export` wrote for PEFT, MERGED what `consilium export --fold` wrote of the same
adapter. Prints the largest relative differences; exit 1 above 1e-4, or when the adapter changes nothing. The logits of BASE with
ADAPTER are computed a third time by plain arithmetic on the files' numbers, so that an adapter that PEFT ignores is seen.
"""

import json
import pathlib
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file
from transformers import Qwen2_5_VLForConditionalGeneration

LIMIT = 1e-4


def load(directory: str) -> torch.nn.Module:
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(directory, dtype=torch.float32).eval()


def added(directory: str, adapter: str) -> torch.nn.Module:
    """The base with scale B A added to its weights by hand."""
    model = load(directory)
    config = json.loads((pathlib.Path(adapter) / "adapter_config.json").read_text())
    tensors = load_file(pathlib.Path(adapter) / "adapter_model.safetensors")
    modules = dict(model.named_modules())
    for name, a in tensors.items():
        if name.endswith(".lora_A.weight"):
            module = modules[name.removeprefix("base_model.model.").removesuffix(".lora_A.weight")]
            b = tensors[name.replace("lora_A", "lora_B")]
            module.weight.data += config["lora_alpha"] / config["r"] * (b @ a)
    return model


def main(base: str, adapter: str, merged: str) -> int:
    model = load(base)
    torch.manual_seed(0)
    ids = torch.randint(10, model.config.text_config.vocab_size, (2, 40))
    with torch.no_grad():
        plain = model(input_ids=ids).logits
        expected = added(base, adapter)(input_ids=ids).logits
        by_peft = peft.PeftModel.from_pretrained(load(base), adapter)(input_ids=ids).logits
        alone = load(merged)(input_ids=ids).logits
    top = expected.abs().max()
    differences = {
        "adapter against base": (expected - plain).abs().max() / top,
        "PEFT": (by_peft - expected).abs().max() / top,
        "merged": (alone - expected).abs().max() / top,
    }
    for name, difference in differences.items():
        print(f"{name:22} {difference.item():.2e}")
    good = differences["PEFT"] < LIMIT and differences["merged"] < LIMIT and differences["adapter against base"] > LIMIT
    print("ok" if good else "DIFFERENT")
    return 0 if good else 1


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    sys.exit(main(*sys.argv[1:]))
