# Rotary position embedding (Su et al., 2104.09864), and its multimodal form of Qwen2-VL (2409.12191).


def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates x [..., S, head_dim] in the convention that pairs dimension i with i + head_dim / 2."""
    halves = torch.chunk(x, 2, -1)
    cos = cos.type_as(x)
    sin = sin.type_as(x)
    return x * cos + torch.cat([-halves[1], halves[0]], -1) * sin


def angles(self, positions: Tensor, sections: Tensor, frequencies: Tensor) -> Tuple[Tensor, Tensor]:
    """Cosines and sines [N, 1, S, head_dim] for positions [3, N, S] in time, height and width; sections [head_dim / 2]
    says which of the three turns a dimension."""
    turned = positions.index_select(0, sections).permute(1, 2, 0) * frequencies
    turned = torch.cat([turned, turned], -1).unsqueeze(1)
    return (torch.cos(turned), torch.sin(turned))
