# Gradients without a graph of all layers (2016, Chen et al., 1604.06174): forwards only each layer's inputs are kept; from the last
# layer down each is computed again and its gradients are taken. One group: its prefix x [1, P, hidden], and its samples in slices
# of rows y [R, C, hidden], padded behind their tokens. w is a decoder of the one layer; a and b are its LoRA, seven each, or nothing.


def beside(self, a: List[Tensor], b: List[Tensor], scale: float, like: Tensor) -> List[Tensor]:
    """The layer's LoRA as decoder.py multiplies it: the leaves are float32, and so are sums of their gradients over slices."""
    if len(a) == 0:
        return a
    return self.cast(self.fuse_layer(a, b, 0, scale), like.dtype)


def rows(self, t: Tensor, at: Tensor) -> Tensor:
    """Rows [M, hidden] of hidden states at flat places [M]."""
    return t.reshape(-1, t.size(-1)).index_select(0, at)


def rows_back(self, gradient: Tensor, start: int, at: Tensor, like: Tensor) -> Tensor:
    """The gradient of hidden states of which only the rows at flat places [M] have one: gradient [start : start + M, hidden]."""
    rows = gradient[start : start + at.size(0)]
    return torch.zeros_like(like).view(-1, like.size(-1)).index_copy_(0, at, rows).view(like.shape)


def sample_mask(self, valid: Tensor, width: int, like: Tensor) -> Tensor:
    """What is added to the scores [C, P + C] of samples of C = width tokens after a prefix of valid [1, P]: the same for all of
    them, since a token sees nothing behind itself, where the padding is."""
    before = ((valid - 1.0) * 1e9).type_as(like).expand([width, valid.size(1)])
    return torch.cat([before, torch.triu(like.new_full([width, width], -1e9), 1)], 1)


def prefix_keys(self, x: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float, cos: Tensor, sin: Tensor) -> List[Tensor]:
    """Keys and values of the prefix alone."""
    h = torch.rms_norm(x, [x.size(-1)], w[3], self.epsilon)
    q, k, v = self.turned(h, w, 0, self.beside(a, b, scale, x), cos, sin)
    return [k.contiguous(), v.contiguous()]


def prefix_layer(self, x: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float, cos: Tensor, sin: Tensor) -> List[Tensor]:
    """The prefix after the layer, and its keys and values."""
    y = self.layer(x, w, 0, self.beside(a, b, scale, x), cos, sin, None, annotate(List[Tensor], []))
    return [y[0], y[1].contiguous(), y[2].contiguous()]


def sample_layer(self, y: Tensor, past: List[Tensor], valid: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float, cos: Tensor, sin: Tensor) -> Tensor:
    """Samples after the layer, which see the prefix's keys and values, past [1, kv_heads, P, head_dim], where valid [1, P] is 1."""
    n = y.size(0)
    each = [past[0].expand(n, -1, -1, -1), past[1].expand(n, -1, -1, -1)]
    after = self.layer(y, w, 0, self.beside(a, b, scale, y), cos, sin, self.sample_mask(valid, y.size(1), y), each)
    return after[0]


def sample_gradients(self, y: Tensor, past: List[Tensor], valid: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float, cos: Tensor, sin: Tensor, incoming: Tensor, leaves: List[Tensor], below: bool) -> List[Tensor]:
    """Gradients of past, of the leaves, which are among a and b, and, where there is a layer below, of y, from that of the samples
    after the layer."""
    past = [past[0].detach().requires_grad_(True), past[1].detach().requires_grad_(True)]
    wanted = annotate(List[Tensor], [])
    wanted.extend(past)
    wanted.extend(leaves)
    if below:
        y = y.detach().requires_grad_(True)
        wanted.append(y)
    after = self.sample_layer(y, past, valid, w, a, b, scale, cos, sin)
    found = self.gradients_of([after], [incoming], wanted)
    found[0] = found[0].to(6)
    found[1] = found[1].to(6)
    return found


def prefix_gradients(self, x: Tensor, w: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float, cos: Tensor, sin: Tensor, incoming: List[Tensor], past: List[Tensor], leaves: List[Tensor], below: bool) -> List[Tensor]:
    """Gradients of the leaves and, where there is a layer below, of x, from that of the prefix after the layer, which the last
    layer lacks, and those of its keys and values, past."""
    wanted = annotate(List[Tensor], [])
    wanted.extend(leaves)
    if below:
        x = x.detach().requires_grad_(True)
        wanted.append(x)
    given = annotate(List[Tensor], [])
    given.extend(incoming)
    given.extend(self.cast(past, x.dtype))
    outputs = self.prefix_keys(x, w, a, b, scale, cos, sin) if len(incoming) == 0 else self.prefix_layer(x, w, a, b, scale, cos, sin)
    return self.gradients_of(outputs, given, wanted)
