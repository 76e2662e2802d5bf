"""The peer of `consilium bench rollout`: Hugging Face transformers and PEFT generate the same completions, several adapters
mixed in a batch by adapter_names, at the batch size that is best here.

    python rollout_peer.py MODEL_DIR WORKLOAD_DIR fp32|bf16 THREADS

Reads a line for every run and answers with a line of JSON. The packages are pinned in requirements.txt.
"""

import json
import pathlib
import sys
import time

import peft
import torch
import transformers
from safetensors.torch import load_file
from transformers import LogitsProcessor, Qwen2_5_VLForConditionalGeneration, StoppingCriteria

BATCHES = [16, 32, 64, 128, 256]
TRIAL_TOKENS = 24


class ForcedLengths(StoppingCriteria):
    """A row is done when it has as many tokens as it should."""

    def __init__(self, ends):
        self.ends = ends

    def __call__(self, input_ids, scores, **kwargs):
        return self.ends <= input_ids.shape[1]


class FirstToken(LogitsProcessor):
    """Notes when the prompts have been read."""

    def __init__(self):
        self.at = None

    def __call__(self, input_ids, scores):
        if self.at is None:
            self.at = time.perf_counter()
        return scores


def load(model_dir, workload_dir, experts, dtype):
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(model_dir, dtype=dtype, attn_implementation="sdpa")
    for i, expert in enumerate(experts):
        directory = str(workload_dir / expert)
        if i == 0:
            model = peft.PeftModel.from_pretrained(model, directory, adapter_name=expert, autocast_adapter_dtype=False)
        else:
            model.load_adapter(directory, adapter_name=expert, autocast_adapter_dtype=False)
    for name, parameter in model.named_parameters():
        if "lora_B" in name and not bool(parameter.any()):
            sys.exit(f"adapter weights of {name} were not loaded")
        parameter.data = parameter.data.to(dtype)
    return model.eval()


def seen(model, rows, ids, images, image_token):
    """The images of a batch; nothing where the prompts are text only."""
    if not images:
        return {}
    return {
        "mm_token_type_ids": (ids == image_token).long(),
        "pixel_values": torch.cat([images[f"pixels.{row['prompt']}"] for row in rows]).to(model.dtype),
        "image_grid_thw": torch.tensor([row["grid"] for row in rows]),
    }


def generate(model, rows, images, image_token, most):
    """One batch. Returns seconds in all and after the first token."""
    ids = torch.tensor([row["tokens"] for row in rows])
    ends = ids.shape[1] + torch.tensor([min(row["length"], most) for row in rows])
    first = FirstToken()
    start = time.perf_counter()
    out = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        **seen(model, rows, ids, images, image_token),
        adapter_names=[row["expert"] for row in rows],
        generation_config=transformers.GenerationConfig(
            do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=int(ends.max()) - ids.shape[1],
            pad_token_id=0, eos_token_id=None, use_cache=True,
        ),
        logits_processor=[first],
        stopping_criteria=[ForcedLengths(ends)],
    )
    end = time.perf_counter()
    assert out.shape[1] == int(ends.max()), "completions have other lengths than they should"
    return end - start, end - first.at


def best_batch(model, rows, images, image_token):
    """By tokens a second over a short generation, prompts read included as they would be over a whole one."""
    best, best_rate = None, 0.0
    mean = sum(row["length"] for row in rows) / len(rows)
    for batch in [b for b in BATCHES if b < 2 * len(rows)]:
        some = rows[:batch]
        total, decode = generate(model, some, images, image_token, TRIAL_TOKENS)
        longest = max(row["length"] for row in some)
        rate = len(some) * mean / (total - decode + decode / (TRIAL_TOKENS - 1) * longest)
        print(f"peer: batch {batch}: about {rate:.0f} tokens/s", file=sys.stderr, flush=True)
        if rate > best_rate:
            best, best_rate = batch, rate
    return best


@torch.inference_mode()
def main():
    model_dir, workload_dir, dtype, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    workload = json.loads((workload_dir / "workload.json").read_text())
    images = load_file(workload_dir / "pixels.safetensors")
    rows = [
        {"prompt": i, "expert": p["expert"], "grid": p.get("grid"), "tokens": p["tokens"], "length": length}
        for i, p in enumerate(workload["prompts"])
        for length in p["lengths"]
    ]
    experts = sorted({row["expert"] for row in rows})
    model = load(model_dir, workload_dir, experts, {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype])
    about = f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}"
    batch = None
    for _ in sys.stdin:
        if batch is None:
            generate(model, rows[:8], images, workload["image_token"], 4)
            batch = best_batch(model, rows, images, workload["image_token"])
        seconds = decode_seconds = 0.0
        cpu_start = time.process_time()
        for i in range(0, len(rows), batch):
            total, decode = generate(model, rows[i : i + batch], images, workload["image_token"], 1 << 30)
            seconds += total
            decode_seconds += decode
        cpu = time.process_time() - cpu_start
        reply = {"cpu_seconds": cpu, "seconds": seconds, "decode_seconds": decode_seconds, "setting": f"batch {batch}", "about": about}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
