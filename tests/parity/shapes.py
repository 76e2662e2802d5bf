"""The tiny random models of the fixtures: shapes, tokenizer and pictures. Each differs from the others in what the code
could get wrong: head tied or not, ratio of query to key heads, which vision blocks see windows, sizes that leave part windows."""

import dataclasses

import numpy as np
import tokenizers
from PIL import Image
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
VOCABULARY = 320
# The pattern that Qwen2's byte-level BPE splits text by.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXT = "The chest film shows opacity in the right lower zone. Fever 39.4, breathing 52 a minute. What is it? user assistant system"


@dataclasses.dataclass(frozen=True)
class Shape:
    name: str
    seed: int
    tied: bool
    hidden: int
    heads: int
    kv_heads: int
    layers: int
    theta: float
    sections: tuple[int, int, int]
    vision_heads: int
    vision_hidden: int
    depth: int
    full: tuple[int, ...]
    window: int
    pictures: tuple[tuple[int, int], ...]
    dtype: str
    shard: str
    rank: int
    alpha: int
    targets: tuple[str, ...]

    def config(self) -> dict:
        """In the form of the published Qwen2.5-VL checkpoints: text fields at the top level."""
        return {
            "architectures": ["Qwen2_5_VLForConditionalGeneration"],
            "model_type": "qwen2_5_vl",
            "hidden_act": "silu",
            "vocab_size": VOCABULARY,
            "hidden_size": self.hidden,
            "intermediate_size": 40,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "rms_norm_eps": 1e-6,
            "rope_theta": self.theta,
            "rope_scaling": {"type": "mrope", "mrope_section": list(self.sections)},
            "max_position_embeddings": 512,
            "tie_word_embeddings": self.tied,
            "attention_dropout": 0.0,
            "use_sliding_window": False,
            "bos_token_id": SPECIAL.index("<|endoftext|>"),
            "eos_token_id": SPECIAL.index("<|im_end|>"),
            "image_token_id": SPECIAL.index("<|image_pad|>"),
            "video_token_id": SPECIAL.index("<|video_pad|>"),
            "vision_start_token_id": SPECIAL.index("<|vision_start|>"),
            "vision_end_token_id": SPECIAL.index("<|vision_end|>"),
            "vision_config": {
                "model_type": "qwen2_5_vl",
                "hidden_act": "silu",
                "depth": self.depth,
                "hidden_size": self.vision_hidden,
                "intermediate_size": 28,
                "num_heads": self.vision_heads,
                "in_channels": 3,
                "in_chans": 3,
                "out_hidden_size": self.hidden,
                "patch_size": 4,
                "spatial_merge_size": 2,
                "spatial_patch_size": 4,
                "temporal_patch_size": 2,
                "tokens_per_second": 2,
                "window_size": self.window,
                "fullatt_block_indexes": list(self.full),
            },
        }


PREPROCESSOR = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "processor_class": "Qwen2_5_VLProcessor",
    "patch_size": 4,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "min_pixels": 1600,
    "max_pixels": 3200,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}

EVERY = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SHAPES = [
    # One picture, slightly narrower than its grid; windows of 2 x 2 merged patches, the last column and row part windows.
    Shape("one-image", 1, True, 32, 4, 2, 2, 1e4, (1, 1, 2), 2, 24, 2, (1,), 16, ((57, 41),), "float32", "5GB", 4, 8, EVERY),
    # Two pictures, one to shrink and one to grow; one key head for four; windows of 3 x 3; bfloat16 in several files.
    Shape(
        "two-images", 2, False, 48, 4, 1, 2, 1e6, (2, 2, 2), 3, 36, 3, (0, 2), 24, ((131, 83), (19, 47)),
        "bfloat16", "40KB", 3, 5, ("q_proj", "v_proj", "down_proj"),
    ),
    # Text only; as many key heads as query heads.
    Shape("text-only", 3, False, 32, 2, 2, 3, 1e6, (2, 3, 3), 2, 16, 1, (), 16, (), "bfloat16", "5GB", 2, 8, EVERY),
]


def tokenizer() -> tokenizers.Tokenizer:
    """Byte-level BPE as Qwen2's, with few merges."""
    made = tokenizers.Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(tokenizers.Regex(WORDS), behavior="isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[tokenizers.AddedToken(token, special=True, normalized=False) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator([TEXT] * 4, trainer)
    return made


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Like a photograph: soft shapes, an edge, and grain."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (5, 6, 3), dtype=np.uint8), "RGB")
    values = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    values[:, width // 3 :, random.integers(3)] *= 0.6
    values += random.normal(0, 9, (height, width, 3))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8), "RGB")
