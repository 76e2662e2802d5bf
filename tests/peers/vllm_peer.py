"""The peer of `consilium bench rollout --peer vllm`: vLLM on the processor samples the same completions, the experts as LoRA
adapters mixed in a batch, with its prefix cache (its default) between the samples of a prompt. Its `LLM` class rather than its
server: the same engine without HTTP, which could only cost it time.

    python vllm_peer.py MODEL_DIR WORKLOAD_DIR fp32|bf16 THREADS

Reads a line for every run and answers with a line of JSON. The packages are pinned in requirements-vllm.txt. Every sample is a
request of its own, because samples of one request cannot have different lengths; the first sample of a prompt fills the prefix
cache and the others read it. VLLM_PEER_SEQS sets the most sequences of a batch (256), VLLM_PEER_EAGER=1 leaves out compilation.
"""

import json
import os
import pathlib
import sys
import time


def settings(threads):
    os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", f"0-{threads - 1}")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "4")
    os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")


def collapsed(tokens, image_token):
    """vLLM spreads one image token over as many as the image has."""
    return [t for i, t in enumerate(tokens) if t != image_token or i == 0 or tokens[i - 1] != image_token]


def picture(prompt, number, patch):
    """A picture of the size that gives the prompt's grid; what it shows does not matter, but no two are alike."""
    import numpy
    from PIL import Image

    _, high, wide = prompt["grid"]
    return Image.fromarray(numpy.random.default_rng(number).integers(0, 256, (high * patch, wide * patch, 3), dtype=numpy.uint8))


def processor_seconds():
    """Of this process and those that it started: the engine runs in its own."""
    import psutil

    me = psutil.Process()
    times = [p.cpu_times() for p in [me] + me.children(recursive=True)]
    return sum(t.user + t.system for t in times)


def main():
    model_dir, workload_dir, dtype, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what vLLM prints is no reply
    settings(threads)
    asked = sys.stdin.readline()  # before that the other side may be measuring
    import vllm
    from vllm.lora.request import LoRARequest

    workload = json.loads((workload_dir / "workload.json").read_text())
    config = json.loads((pathlib.Path(model_dir) / "config.json").read_text())
    experts = sorted({p["expert"] for p in workload["prompts"]})
    lora = {name: LoRARequest(name, i + 1, str(workload_dir / name)) for i, name in enumerate(experts)}
    sequences = int(os.environ.get("VLLM_PEER_SEQS", "256"))
    longest = max(len(p["tokens"]) + max(p["lengths"]) for p in workload["prompts"])
    pictures = any("grid" in p for p in workload["prompts"])
    engine = vllm.LLM(
        model=model_dir, dtype={"fp32": "float32", "bf16": "bfloat16"}[dtype], max_model_len=longest + 16, seed=0,
        enable_lora=True, max_loras=len(experts), max_lora_rank=16, max_num_seqs=sequences, generation_config="vllm",
        enforce_eager=os.environ.get("VLLM_PEER_EAGER") == "1", limit_mm_per_prompt={"image": int(pictures), "video": 0},
    )
    prompts, sampling, adapters = [], [], []
    for number, prompt in enumerate(workload["prompts"]):
        tokens = collapsed(prompt["tokens"], workload["image_token"]) if pictures else prompt["tokens"]
        request = {"prompt_token_ids": tokens}
        if pictures:
            request["multi_modal_data"] = {"image": picture(prompt, number, config["vision_config"]["patch_size"])}
        for length in prompt["lengths"]:
            prompts.append(request)
            sampling.append(vllm.SamplingParams(
                temperature=1.0, top_p=1.0, top_k=0, max_tokens=length, ignore_eos=True, detokenize=False,
            ))
            adapters.append(lora[prompt["expert"]])
    expected = sum(p.max_tokens for p in sampling)
    few = vllm.SamplingParams(temperature=1.0, max_tokens=8, ignore_eos=True, detokenize=False)
    engine.generate(prompts[::7], few, lora_request=adapters[::7], use_tqdm=False)
    while asked:
        engine.reset_prefix_cache()
        engine.llm_engine.reset_mm_cache()
        cpu_start, start = processor_seconds(), time.perf_counter()
        outputs = engine.generate(prompts, sampling, lora_request=adapters, use_tqdm=False)
        seconds, cpu = time.perf_counter() - start, processor_seconds() - cpu_start
        made = sum(len(o.outputs[0].token_ids) for o in outputs)
        if made != expected:
            sys.exit(f"peer: {made} tokens instead of {expected}")
        if {len(o.prompt_token_ids) for o in outputs} != {len(workload["prompts"][0]["tokens"])}:
            sys.exit("peer: its prompts have other lengths than ours")
        setting = f"at most {sequences} sequences" + (", eager" if os.environ.get("VLLM_PEER_EAGER") == "1" else "")
        reply = {"cpu_seconds": cpu, "seconds": seconds, "setting": setting, "about": f"vllm {vllm.__version__}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        asked = sys.stdin.readline()


if __name__ == "__main__":
    main()
