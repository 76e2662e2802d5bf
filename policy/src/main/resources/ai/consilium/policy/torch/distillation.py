# On-policy distillation: every token of a sampled completion is pulled towards a teacher's distribution in the same place.


def reverse_kl(self, logp: Tensor, teacher: Tensor) -> Tensor:
    """KL(policy || teacher) [M] of distributions [M, ids]."""
    return (torch.exp(logp) * (logp - teacher)).sum(-1)


def sampled_kl(self, logp: Tensor, teacher: Tensor, behaviour: Tensor, cap: float) -> Tensor:
    """Its policy gradient by the sampled tokens alone: losses [M] whose advantages are log teacher - log policy, weighted by the
    bounded ratio to the policy that sampled. All log-probabilities are [M]."""
    fixed = logp.detach()
    return -torch.clamp(torch.exp(fixed - behaviour), None, cap) * (teacher - fixed) * logp


def distillation_sums(self, logp: Tensor, teacher: Tensor, targets: Tensor, behaviour: Tensor, on_policy: Tensor) -> Tensor:
    """Sums over the tokens: KL(policy || teacher), entropy, same most likely token; over those on policy [M] their number,
    |difference| to the log-probability that was recorded and k3; and the largest |difference| of all and of those."""
    mine = logp.detach()
    p = torch.exp(mine)
    difference = self.chosen(mine, targets) - behaviour
    k3 = torch.expm1(difference) - difference
    off = difference.abs()
    own = off * on_policy
    same = (mine.argmax(-1) == teacher.argmax(-1)).to(mine.dtype)
    return torch.stack([(p * (mine - teacher)).sum(), -(p * mine).sum(), same.sum(), on_policy.sum(), own.sum(), (k3 * on_policy).sum(), off.max(), own.max()])


def mean_over(self, losses: Tensor, count: float) -> Tensor:
    """The share of the losses [M] in a mean over count tokens of the whole batch."""
    return losses.sum() / count
