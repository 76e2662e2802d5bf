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


def fuse_layer(self, a: List[Tensor], b: List[Tensor], l: int, scale: float) -> List[Tensor]:
    """A and scaled B of one layer: of q|k|v, o, gate|up, down."""
    out = annotate(List[Tensor], [])
    out.append(self.join_a(a, 7 * l, 3))
    out.append(self.join_b(b, 7 * l, 3, scale))
    out.append(a[7 * l + 3])
    out.append(b[7 * l + 3] * scale)
    out.append(self.join_a(a, 7 * l + 4, 2))
    out.append(self.join_b(b, 7 * l + 4, 2, scale))
    out.append(a[7 * l + 6])
    out.append(b[7 * l + 6] * scale)
    return out


def fuse(self, a: List[Tensor], b: List[Tensor], scale: float, dtype: int) -> List[Tensor]:
    """A and scaled B of all layers, as a type: the adapter is float32, and as such only a layer at a time is there twice."""
    out = annotate(List[Tensor], [])
    for l in range(self.layers):
        out.extend(self.cast(self.fuse_layer(a, b, l, scale), dtype))
    return out


def cast(self, tensors: List[Tensor], dtype: int) -> List[Tensor]:
    """The tensors as another type; those that are of it already are the same ones."""
    out = annotate(List[Tensor], [])
    for i in range(len(tensors)):
        out.append(tensors[i].to(dtype))
    return out


def packed_head(self, w: List[Tensor], rows: int) -> Tensor:
    """The head's rows of ids that have a token, packed."""
    return self.packed(w[2][: self.ids], rows)


def fold(self, w: List[Tensor], head: Tensor, a: List[Tensor], b: List[Tensor], scale: float, dtype: int, rows: int) -> List[Tensor]:
    """The decoder's weights with the update added, W + scale B A, as a type and packed for products with few rows, and the head that
    packed_head gave. Matrix by matrix: the sum, which is float32 and rounded once, is never there of more than one. What is
    neither updated nor packed is w's own."""
    out = annotate(List[Tensor], [])
    for i in range(len(w)):
        out.append(w[i])
    out[2] = head
    at = [1, 3, 5, 6]
    for l in range(self.layers):
        lora = self.fuse_layer(a, b, l, scale)
        for j in range(4):
            o = 3 + 7 * l + at[j]
            if lora[2 * j].numel() > 0:
                out[o] = self.packed((w[o] + lora[2 * j + 1] @ lora[2 * j]).to(dtype), rows)
            else:
                out[o] = self.packed(w[o], rows)
    return out


def packed(self, matrix: Tensor, rows: int) -> Tensor:
    """A matrix laid out for products with few rows, as in decoding: where the processor multiplies bfloat16, in oneDNN's own layout
    for about so many rows; else with the elements of an input beside one another, which spares the library from rearranging a
    matrix for every product. On a GPU as it is."""
    if matrix.is_cuda:
        return matrix
    if matrix.dtype == 15 and ops.mkldnn._is_mkldnn_bf16_supported():
        return ops.mkldnn._reorder_linear_weight(matrix.contiguous(), rows)
    return matrix.t().contiguous().t()
