# Log-probabilities of completion tokens, and their gradients. Losses are divided by a count over the whole batch, so that
# micro-batches add up exactly.


def hidden_states(self, x: Tensor, valid: Tensor, cos: Tensor, sin: Tensor, group: Tensor, tokens: Tensor, sample_valid: Tensor, sample_cos: Tensor, sample_sin: Tensor, w: List[Tensor], lora: List[Tensor]) -> Tensor:
    """Hidden states [R, C, hidden] of samples after prefixes x [N, P, hidden]. A prefix is computed once for its group; its
    gradient sums over the samples."""
    past = self.spread(self.prefixes(x, valid, w, lora, cos, sin), group)
    y = self.samples(torch.embedding(w[0], tokens), sample_valid, valid.index_select(0, group), past, w, lora, sample_cos, sample_sin)
    return y[0]


def next_tokens(self, hidden: Tensor, at: Tensor, temperature: Tensor, w: List[Tensor], suppressed: Tensor) -> Tensor:
    """Log-probabilities [M, ids] of what follows the flat places at [M] of the hidden states, tempered by temperature [M]."""
    h = hidden.reshape(-1, hidden.size(-1)).index_select(0, at)
    return torch.log_softmax(self.logits(h, w, suppressed) / temperature.unsqueeze(1), -1)


def chosen(self, logp: Tensor, targets: Tensor) -> Tensor:
    """Log-probabilities [M] of targets [M]."""
    return logp.gather(-1, targets.unsqueeze(1)).squeeze(1)


def token_logprobs(self, hidden: Tensor, at: Tensor, targets: Tensor, temperature: Tensor, w: List[Tensor], suppressed: Tensor) -> Tuple[Tensor, Tensor]:
    """Log-probabilities [M] of targets [M] at the flat places at [M] of the hidden states, tempered by temperature [M], and
    the entropies [M] of their distributions (no gradient)."""
    logp = self.next_tokens(hidden, at, temperature, w, suppressed)
    fixed = logp.detach()
    entropy = -(torch.exp(fixed) * fixed).sum(-1)
    return (self.chosen(logp, targets), entropy)


def supervised(self, logp: Tensor, count: float) -> Tensor:
    """Mean negative log-probability over the batch's completion tokens."""
    return -logp.sum() / count


def weighted(self, logp: Tensor, weights: Tensor) -> Tensor:
    """The loss whose gradient in the log-probabilities [M] is the weights [M]."""
    return (logp * weights).sum()


def gradients(self, loss: Tensor, leaves: List[Tensor]) -> List[Tensor]:
    """d loss / d leaf; zeros for a leaf that the loss does not depend on."""
    return self.gradients_of([loss], [torch.ones_like(loss)], leaves)


def gradients_of(self, outputs: List[Tensor], incoming: List[Tensor], leaves: List[Tensor]) -> List[Tensor]:
    """The gradients of the leaves where those of the outputs are known; zeros for a leaf that none of them depends on."""
    given = annotate(List[Optional[Tensor]], [])
    for i in range(len(incoming)):
        given.append(incoming[i])
    found = torch.grad(outputs, leaves, given, None, False, True)
    out = annotate(List[Tensor], [])
    for i in range(len(leaves)):
        g = found[i]
        if g is None:
            out.append(torch.zeros_like(leaves[i]))
        else:
            out.append(g)
    return out


def weighted_sum(self, ones: List[Tensor], weight: float, others: List[Tensor], other_weight: float) -> List[Tensor]:
    out: List[Tensor] = []
    for i in range(len(ones)):
        out.append(ones[i] * weight + others[i] * other_weight)
    return out


def add_all(self, sums: List[Tensor], more: List[Tensor]) -> List[Tensor]:
    for i in range(len(sums)):
        sums[i].add_(more[i])
    return sums
