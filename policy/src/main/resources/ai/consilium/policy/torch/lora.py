# LoRA (Hu et al., 2106.09685) in the fused shape that the decoder takes. a and b hold seven a layer in the order q, k, v,
# o, gate, up, down; a target without an update has rank 0.


def join_a(self, a: List[Tensor], first: int, count: int) -> Tensor:
    parts = annotate(List[Tensor], [])
    for i in range(count):
        parts.append(a[first + i])
    return torch.cat(parts, 0)


def join_b(self, b: List[Tensor], first: int, count: int, scale: float) -> Tensor:
    """Block diagonal, scaled."""
    total = 0
    for i in range(count):
        total = total + b[first + i].size(1)
    rows = annotate(List[Tensor], [])
    left = 0
    for i in range(count):
        rank = b[first + i].size(1)
        rows.append(torch.constant_pad_nd(b[first + i] * scale, [left, total - left - rank], 0))
        left = left + rank
    return torch.cat(rows, 0)


def fuse(self, a: List[Tensor], b: List[Tensor], scale: float) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for l in range(self.layers):
        out.append(self.join_a(a, 7 * l, 3))
        out.append(self.join_b(b, 7 * l, 3, scale))
        out.append(a[7 * l + 3])
        out.append(b[7 * l + 3] * scale)
        out.append(self.join_a(a, 7 * l + 4, 2))
        out.append(self.join_b(b, 7 * l + 4, 2, scale))
        out.append(a[7 * l + 6])
        out.append(b[7 * l + 6] * scale)
    return out


def cast(self, tensors: List[Tensor], dtype: int) -> List[Tensor]:
    """The tensors as another type; those that are of it already are the same ones."""
    out = annotate(List[Tensor], [])
    for i in range(len(tensors)):
        out.append(tensors[i].to(dtype))
    return out


def merge(self, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float) -> List[Tensor]:
    """The decoder's weights with the update added: W + scale B A."""
    lora = self.fuse(a, b, scale)
    out = annotate(List[Tensor], [])
    for i in range(len(w)):
        out.append(w[i])
    at = [1, 3, 5, 6]
    for l in range(self.layers):
        for j in range(4):
            i = 8 * l + 2 * j
            if lora[i].numel() > 0:
                out[3 + 7 * l + at[j]] = w[3 + 7 * l + at[j]] + lora[i + 1] @ lora[i]
    return out


def prepack(self, w: List[Tensor], rows: int) -> List[Tensor]:
    """The decoder's weights with the matrices laid out for products with few rows, as in decoding: where the processor multiplies
    bfloat16, in oneDNN's own layout for about so many rows; else with the elements of an input beside one another, which spares
    the library from rearranging a matrix for every product. The head without rows that are no token. On a GPU as they are."""
    out = annotate(List[Tensor], [])
    for i in range(len(w)):
        out.append(w[i])
    if w[0].is_cuda:
        return out
    at = [2]
    for l in range(self.layers):
        for j in [1, 3, 5, 6]:
            at.append(3 + 7 * l + j)
    for i in at:
        matrix = w[i]
        if i == 2:
            matrix = matrix[: self.ids]
        if matrix.dtype == 15 and ops.mkldnn._is_mkldnn_bf16_supported():
            out[i] = ops.mkldnn._reorder_linear_weight(matrix.contiguous(), rows)
        else:
            out[i] = matrix.t().contiguous().t()
    return out
