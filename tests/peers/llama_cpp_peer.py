"""The peer of `consilium bench rollout --peer llama.cpp --text-only`: llama.cpp samples the same completions through its C
interface (llama-cpp-python's low-level one), many sequences at once. A prompt is read once and its keys and values given to all
of its samples. The experts are LoRA adapters that take turns, as llama.cpp has one set of adapters at a time.

    python llama_cpp_peer.py MODEL_DIR WORKLOAD_DIR fp32|bf16 THREADS

Reads a line for every run and answers with a line of JSON. The packages are pinned in requirements-llama-cpp.txt. The number of
sequences at once, whether they share one buffer of keys and values, and one thread or all are what is fastest here.
"""

import ctypes
import itertools
import json
import pathlib
import sys
import time

import llama_cpp
import numpy
import to_gguf

SEQUENCES = [16, 32, 64]
TRIAL_TOKENS = 24
READ_AT_ONCE = 512


class Context:
    """Sequences that decode together."""

    def __init__(self, model, count, length, shared, threads):
        params = llama_cpp.llama_context_default_params()
        params.n_seq_max = count
        params.n_ctx = count * -(-length // 256) * 256
        params.n_batch = params.n_ubatch = max(READ_AT_ONCE, count)
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = shared
        params.no_perf = True
        self.ctx = llama_cpp.llama_init_from_model(model, params)
        if not self.ctx:
            sys.exit(f"llama.cpp gave no context of {count} sequences")
        self.memory = llama_cpp.llama_get_memory(self.ctx)
        self.batch = llama_cpp.llama_batch_init(params.n_batch, 0, 1)
        self.most = params.n_batch
        ones = numpy.ctypeslib.as_array(self.batch.n_seq_id, (self.most,))
        ones[:] = 1
        self.tokens = numpy.ctypeslib.as_array(self.batch.token, (self.most,))
        self.positions = numpy.ctypeslib.as_array(self.batch.pos, (self.most,))
        self.wanted = numpy.ctypeslib.as_array(self.batch.logits, (self.most,))
        self.sampler = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        llama_cpp.llama_sampler_chain_add(self.sampler, llama_cpp.llama_sampler_init_dist(1))

    def adapt(self, adapter):
        one = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(adapter)
        if llama_cpp.llama_set_adapters_lora(self.ctx, one, 1, (ctypes.c_float * 1)(1.0)) != 0:
            sys.exit("llama.cpp did not take an adapter")

    def decode(self, tokens, positions, sequences, wanted):
        n = len(tokens)
        self.tokens[:n], self.positions[:n], self.wanted[:n] = tokens, positions, wanted
        for i, sequence in enumerate(sequences):
            self.batch.seq_id[i][0] = sequence
        self.batch.n_tokens = n
        code = llama_cpp.llama_decode(self.ctx, self.batch)
        if code != 0:
            sys.exit(f"llama_decode answered {code}")

    def sample(self, place):
        return llama_cpp.llama_sampler_sample(self.sampler, self.ctx, place)

    def generate(self, prompts, most):
        """Completions of some prompts, each a list of tokens and the lengths of its samples. Returns the tokens sampled."""
        llama_cpp.llama_memory_clear(self.memory, True)
        live, made, next_sequence = [], 0, 0
        for tokens, lengths in prompts:
            for first in range(0, len(tokens), self.most):
                part = tokens[first : first + self.most]
                last = first + len(part) == len(tokens)
                self.decode(part, range(first, first + len(part)), [next_sequence] * len(part), [0] * (len(part) - 1) + [last])
            for i, length in enumerate(lengths):
                if i > 0:
                    llama_cpp.llama_memory_seq_cp(self.memory, next_sequence, next_sequence + i, -1, -1)
                live.append([next_sequence + i, self.sample(len(part) - 1), len(tokens), min(length, most) - 1])
                made += 1
            next_sequence += len(lengths)
        while True:
            live = [row for row in live if row[3] > 0]
            if not live:
                return made
            self.decode([row[1] for row in live], [row[2] for row in live], [row[0] for row in live], [1] * len(live))
            for place, row in enumerate(live):
                row[1] = self.sample(place)
                row[2] += 1
                row[3] -= 1
            made += len(live)

    def close(self):
        llama_cpp.llama_sampler_free(self.sampler)
        llama_cpp.llama_batch_free(self.batch)
        llama_cpp.llama_free(self.ctx)


def main():
    model_dir, workload_dir, dtype, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    asked = sys.stdin.readline()  # before that the other side may be measuring
    workload = json.loads((workload_dir / "workload.json").read_text())
    if any("grid" in p for p in workload["prompts"]):
        sys.exit("this peer takes no images: --text-only")
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, None)
    llama_cpp.llama_backend_init()
    to_gguf.model(model_dir, workload_dir / "model.gguf", dtype)
    params = llama_cpp.llama_model_default_params()
    model = llama_cpp.llama_model_load_from_file(str(workload_dir / "model.gguf").encode(), params)
    if not model:
        sys.exit("llama.cpp does not take the model")
    experts = {}
    for name in sorted({p["expert"] for p in workload["prompts"]}):
        to_gguf.adapter(workload_dir / name, workload_dir / f"{name}.gguf", dtype)
        experts[name] = llama_cpp.llama_adapter_lora_init(model, str(workload_dir / f"{name}.gguf").encode())
        if not experts[name]:
            sys.exit(f"llama.cpp does not take the adapter {name}")
    prompts = {name: [(p["tokens"], p["lengths"]) for p in workload["prompts"] if p["expert"] == name] for name in experts}
    samples = len(workload["prompts"][0]["lengths"])
    longest = max(len(p["tokens"]) + max(p["lengths"]) for p in workload["prompts"])
    rows = max(len(p) for p in prompts.values()) * samples

    def run(context, count, some, most):
        made = 0
        for name in some:
            context.adapt(experts[name])
            for first in range(0, len(prompts[name]), count // samples):
                made += context.generate(prompts[name][first : first + count // samples], most)
        return made

    best, setting, best_rate = None, None, 0.0
    counts = [c for c in SEQUENCES if samples <= c < 2 * rows] or [samples]
    for count, shared, of in itertools.product(counts, [True, False], sorted({1, threads})):
        context = Context(model, count, longest, shared, of)
        run(context, count, list(experts)[:1], 2)
        start = time.perf_counter()
        rate = run(context, count, list(experts)[:1], TRIAL_TOKENS) / (time.perf_counter() - start)
        context.close()
        found = f"{count} sequences{', one buffer' if shared else ''}, {of} threads"
        print(f"peer: {found}: {rate:.0f} tokens/s at {TRIAL_TOKENS} tokens", file=sys.stderr, flush=True)
        if rate > best_rate:
            best, setting, best_rate = (count, shared, of), found, rate
    count, shared, of = best
    context = Context(model, count, longest, shared, of)
    expected = sum(sum(p["lengths"]) for p in workload["prompts"])
    while asked:
        cpu_start, start = time.process_time(), time.perf_counter()
        made = run(context, count, experts, 1 << 30)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
        if made != expected:
            sys.exit(f"peer: {made} tokens instead of {expected}")
        about = f"llama-cpp-python {llama_cpp.__version__}"
        print(json.dumps({"cpu_seconds": cpu, "seconds": seconds, "setting": setting, "about": about}), flush=True)
        asked = sys.stdin.readline()


if __name__ == "__main__":
    main()
