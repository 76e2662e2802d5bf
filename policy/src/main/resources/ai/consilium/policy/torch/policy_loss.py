# Losses of the policy gradient over M completion tokens of a micro-batch; they need nothing of the model. A token's share is its
# part of an average over the whole batch, so that the losses and gradients of micro-batches add up exactly.


def token_ratio(self, logp: Tensor, old: Tensor) -> Tensor:
    """Likelihood ratios [M] of the policy to an older one."""
    return torch.exp(logp - old)


def sequence_ratio(self, logp: Tensor, old: Tensor, kept: Tensor, sequence: Tensor, sequences: int) -> Tensor:
    """GSPO (2507.18071): for every token [M] the length-normalised ratio of its sequence, exp(mean(logp - old)) over the tokens
    that are kept [M]. sequence [M] numbers the sequences from 0."""
    sums = logp.new_zeros([sequences]).index_add(0, sequence, (logp - old) * kept)
    counts = logp.new_zeros([sequences]).index_add(0, sequence, kept)
    return torch.exp(sums / torch.clamp(counts, 1.0)).index_select(0, sequence)


def product_ratio(self, logp: Tensor, old: Tensor, sequence: Tensor, sequences: int) -> Tensor:
    """For every token [M] the likelihood ratio of its whole sequence, the product over the tokens, within exp(-20) and exp(20)
    as in verl. sequence [M] numbers the sequences from 0."""
    sums = logp.new_zeros([sequences]).index_add(0, sequence, logp - old)
    return torch.exp(torch.clamp(sums, -20.0, 20.0)).index_select(0, sequence)


def clipped(self, ratio: Tensor, advantage: Tensor, low: float, high: float) -> Tuple[Tensor, Tensor, Tensor]:
    """The clipped surrogate (1707.06347; two bounds: DAPO, 2503.14476): losses [M], and which tokens were clipped low and high."""
    gain = torch.minimum(ratio * advantage, torch.clamp(ratio, 1.0 - low, 1.0 + high) * advantage)
    fixed = ratio.detach()
    return (-gain, (fixed < 1.0 - low) & (advantage < 0.0), (fixed > 1.0 + high) & (advantage > 0.0))


def cispo(self, logp: Tensor, ratio: Tensor, advantage: Tensor, highest: float) -> Tuple[Tensor, Tensor, Tensor]:
    """CISPO (2506.13585): the clipped ratio weighs the log-probability and carries no gradient. Shapes as for clipped."""
    fixed = ratio.detach()
    high = (fixed > highest) & (advantage > 0.0)
    return (-torch.clamp(fixed, None, highest) * advantage * logp, torch.zeros_like(high), high)


def importance_weight(self, ratio: Tensor, low: float, cap: float, rejects: bool) -> Tuple[Tensor, Tensor]:
    """Decoupled PPO (AReaL, 2505.24298): weights [M] from the ratios [M] of the proximal policy to the one that sampled. Outside
    low to cap they are truncated to the bound, or, if it rejects, the token is: then it is not kept [M], and its weight is 0."""
    if rejects:
        kept = (ratio >= low) & (ratio <= cap)
        return (torch.where(kept, ratio, torch.zeros_like(ratio)), kept.to(ratio.dtype))
    return (torch.clamp(ratio, low, cap), torch.ones_like(ratio))


def k3(self, logp: Tensor, reference: Tensor) -> Tensor:
    """Estimates [M] of the divergence from the reference (Schulman, joschu.net/blog/kl-approx.html)."""
    d = reference - logp
    return torch.exp(d) - d - 1.0


def total(self, losses: Tensor, weight: Tensor, kept: Tensor, kl: Tensor, kl_coef: float, share: Tensor) -> Tensor:
    """The scalar. share [M] is what one token counts for in the average over the whole batch; a token that is not kept leaves
    the sum and changes no other token's share."""
    return ((losses * weight + kl_coef * kl) * kept * share).sum()


def policy_sums(self, losses: Tensor, weight: Tensor, kept: Tensor, share: Tensor, kl: Tensor, entropy: Tensor, low: Tensor, high: Tensor, logp: Tensor, old: Tensor) -> Tensor:
    """Sums over the tokens: policy loss without KL, KL, entropy, clipped low, clipped high, and k1 of the step so far."""
    kept_low = low.to(kept.dtype) * kept
    kept_high = high.to(kept.dtype) * kept
    pg = losses * weight * kept * share
    return torch.stack([pg.sum(), kl.sum(), entropy.sum(), kept_low.sum(), kept_high.sum(), (old - logp).sum()]).detach()


def mismatch_sums(self, proximal: Tensor, behaviour: Tensor, bounded: Tensor, weight: Tensor, kept: Tensor, on_policy: Tensor, low: float, cap: float) -> Tensor:
    """How far the policy is from the one that sampled. Sums over the tokens: k1 and k3 of the divergence, ratio, ratio squared
    less 1, ratios to be bounded [M] above the cap and below the lower bound, weight, weight squared, rejected; over those on
    policy [M] their number, |difference| of log-probabilities and k3; and the largest |difference| of all and of those."""
    difference = proximal - behaviour
    ratio = torch.exp(difference)
    above = (bounded > cap).to(ratio.dtype)
    below = (bounded < low).to(ratio.dtype)
    k3 = torch.expm1(difference) - difference
    excess = torch.expm1(2.0 * difference)
    off = difference.abs()
    own = off * on_policy
    return torch.stack([-difference.sum(), k3.sum(), ratio.sum(), excess.sum(), above.sum(), below.sum(), weight.sum(), (weight * weight).sum(), (1.0 - kept).sum(), on_policy.sum(), own.sum(), (k3 * on_policy).sum(), off.max(), own.max()])
